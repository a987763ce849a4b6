import { connectApi, openForReading, openForWriting } from "../../app/archive.ts";
import type { Config } from "../../config.ts";
import { EXIT, UsageError } from "../../lib/errors.ts";
import { accounts, type Account } from "../../query/lists/accounts.ts";
import { isoTime, parseSince } from "../../lib/time/dates.ts";
import {
  discover,
  listingAt,
  type Discovered,
  type DiscoverOptions,
  type DiscoverReport,
} from "../../sync/discover/discover.ts";
import type { CliCommand, Context } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { interruptedError } from "../../print/output/interrupted.ts";
import { countOf, countText } from "../../print/output/numbers.ts";
import { requireToken, refuseDemo } from "../../app/run-sync.ts";

type Options = { account?: string; since?: string; dryRun?: boolean; json?: boolean };

/** Finds the account's other tasks by filters that the API's page does not name, and tracks them. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.description("Experimental: lists the account's tasks by undocumented filters of the API and tracks them.");
    bare.option(
      "--account <id>",
      "whose tasks; the user_id of a task that is in the archive (needed when there are several)",
    );
    bare.option("--since <date>", "only tasks made since then");
    bare.option("--api-url <url>", "the API (PRODUCER_MIRROR_API_URL)");
    bare.option("--rate <n>", "API requests per second, 0 = no limit (PRODUCER_MIRROR_RATE)");
    bare.option("-n, --dry-run", "say what would be asked; asks nothing, tracks nothing");
    bare.option("--json", "the counts as one JSON document");
    addExitCodes(bare, [0, 2, 5, 6, 7, 8, 9, 130, 143], {
      2: "usage; no task in the archive says whose account it is, or several do",
      5: "the API ignores the filters, or does not answer",
      6: "the API refuses the filters, the token or the account",
    });
    bare.addHelpText(
      "after",
      "\nExperimental: the API may ignore these filters, refuse them or stop to know them; that is recognised.\nA rerun starts at the newest task again, 50 tasks a request; --since makes it short.",
    );
    return addExample(bare, "producer-mirror discover --since 2026-10");
  },

  async run(context, _args, options) {
    const { output, signal } = context;
    const config = context.config();
    const listing = chooseListing(config, options);
    if (options.dryRun) return dryRun(context, config, listing, options);
    const report = await listed(context, config, listing);
    const trouble = report.interrupted
      ? interruptedError(signal, "interruptedError: what was found is tracked", "run discover again")
      : report.problem;
    const json = toJson(listing, report);
    if (options.json && trouble) await output.error(trouble, json);
    else if (options.json) await output.json(json);
    else output.print(`${config.home}\n${sentence(listing, report)}`);
    await output.flush();
    if (trouble && !options.json) await output.error(trouble);
    else if (!trouble && report.added > 0) output.note("`producer-mirror sync` fetches them");
    return trouble?.exit ?? EXIT.ok;
  },
};

function chooseListing(config: Config, { account, since }: Options): DiscoverOptions {
  const after = since === undefined ? undefined : parseSince(since);
  using archive = openForReading(config);
  refuseDemo(archive, config.home);
  return { account: chooseAccount(accounts(archive.db), account), since: after };
}

/** Only an account that a mirrored task belongs to: nobody else's tasks are asked for by a slip of the hand. */
function chooseAccount(known: Account[], wanted: string | undefined): string {
  const [first] = known;
  const list = known.map(({ id, tasks }) => `${id} (${countOf(tasks, "task")})`).join(", ");
  if (!first)
    throw new UsageError("no task in the archive says whose account it is", {
      code: "no_account",
      hint: "track one id and sync it first: producer-mirror track <id> && producer-mirror sync",
    });
  if (wanted === undefined && known.length === 1) return first.id;
  if (wanted === undefined)
    throw new UsageError(`the archive holds tasks of ${known.length} accounts: ${list}`, {
      code: "several_accounts",
      hint: "say which is yours: --account <id>",
    });
  if (known.some(({ id }) => id === wanted)) return wanted;
  throw new UsageError(`no task in the archive belongs to account ${wanted}`, {
    code: "unknown_account",
    hint: `there are tasks of ${list}`,
  });
}

async function listed({ output, signal }: Context, config: Config, listing: DiscoverOptions): Promise<DiscoverReport> {
  const token = requireToken(config);
  using archive = openForWriting(config);
  let seen: Discovered | undefined;
  using _line = output.progress(() => progress(seen));
  const onRetry = ({ error, waitMs }: { error: Error; waitMs: number }) =>
    output.detail(`${error.message}; again in ${(waitMs / 1000).toFixed(1)} s`);
  await using api = await connectApi({ ...config, token }, onRetry);
  const onPage = (found: Discovered) => void (seen = found);
  const report = await discover(
    { db: archive.db, journal: archive.journal, api, now: Date.now, signal, onPage },
    listing,
  );
  archive.confirm();
  return report;
}

async function dryRun(
  { output }: Context,
  config: Config,
  listing: DiscoverOptions,
  { json }: Options,
): Promise<number> {
  const filter = listingAt(listing, { until: undefined, offset: 0 });
  if (json) await output.json({ dryRun: true, experimental: true, account: listing.account, filter });
  else
    output.print(
      `${config.home}\nexperimental: would ask for the tasks of account ${listing.account}, 50 a request, first with ${JSON.stringify(filter)}`,
    );
  return EXIT.ok;
}

function toJson({ account }: DiscoverOptions, report: DiscoverReport) {
  const { asked, pages, found, added, alreadyTracked, dropped, useless, oldest } = report;
  return {
    experimental: true,
    account,
    asked,
    pages,
    found,
    added,
    alreadyTracked,
    dropped,
    useless,
    oldest: isoTime(oldest),
  };
}

function sentence(
  { account }: DiscoverOptions,
  { pages, found, added, alreadyTracked, dropped, useless, oldest }: DiscoverReport,
): string {
  const parts = [
    `experimental: ${countOf(found, "task")} of account ${account} found on ${countOf(pages, "page")}`,
    `${countText(added)} added, ${countText(alreadyTracked)} tracked already`,
    oldest === null ? "" : `back to ${isoTime(oldest)?.slice(0, 10)}`,
    dropped > 0 ? `${countOf(dropped, "record")} of other accounts dropped` : "",
    useless > 0 ? `${countOf(useless, "record")} could not be used` : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

function progress(seen: Discovered | undefined): string {
  if (!seen) return "asking for the newest tasks";
  const until = seen.oldest === null ? "" : `  back to ${isoTime(seen.oldest)?.slice(0, 10)}`;
  return `pages ${countText(seen.pages)}  tasks ${countText(seen.found)}  new ${countText(seen.added)}${until}`;
}

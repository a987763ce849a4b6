import { openForReading } from "../../app/archive.ts";
import { openForWriting } from "../../app/write-archive.ts";
import { connectApi } from "../../app/connect.ts";
import type { Config } from "../../config.ts";
import { UsageError } from "../../lib/errors.ts";
import { accounts, type Account } from "../../query/lists/accounts.ts";
import { isoTime, parseSince } from "../../lib/time/dates.ts";
import {
  discover,
  listingFilter,
  type Discovered,
  type DiscoverOptions,
  type DiscoverReport,
} from "../../sync/discover/discover.ts";
import type { CliCommand, Context, Outcome } from "../command.ts";
import { addExample, addExitCodes } from "../options/help.ts";
import { interruptedError } from "../../print/output/interrupted.ts";
import { countOf, countText } from "../../print/output/numbers.ts";
import { requireToken, refuseDemo } from "../../app/run-sync.ts";

type Options = { account?: string; since?: string; dryRun?: boolean; json?: boolean };

/** Finds the account's other tasks by filters that the API's page does not name, and tracks them. */
export const command: CliCommand<Options> = {
  define(bare) {
    bare.description("Experimental: lists the account's tasks with undocumented filters of the API, and tracks them.");
    bare.option("--account <id>", "whose tasks: the user_id of a task in the archive (needed if there are several)");
    bare.option("--since <date>", "only tasks made since then");
    bare.option("--api-url <url>", "the API (PRODUCER_MIRROR_API_URL)");
    bare.option("--rate <n>", "API requests per second, 0 = no limit (PRODUCER_MIRROR_RATE)");
    bare.option("-n, --dry-run", "show what would be requested; send and track nothing");
    bare.option("--json", "the counts as one JSON document");
    addExitCodes(bare, [0, 2, 5, 6, 7, 8, 9, 130, 143], {
      2: "usage; the archive has tasks of no account, or of several",
      5: "the API ignores the filters, or does not respond",
      6: "the API refuses the filters, the token or the account",
    });
    bare.addHelpText(
      "after",
      "\nThe API may ignore or refuse these filters; the command recognises that and says so.\nEach run starts at the newest task, 50 tasks per request. --since makes it shorter.",
    );
    return addExample(bare, "producer-mirror discover --since 2026-10");
  },

  async run(context, _args, options) {
    const config = context.config();
    const listing = await chooseListing(config, options);
    if (options.dryRun) return dryRun(config, listing);
    const report = await listTasks(context, config, listing);
    const error = report.interrupted
      ? interruptedError(context.signal, "interrupted: what was found is tracked", "run discover again")
      : report.problem;
    const notes = !error && report.added > 0 ? ["`producer-mirror sync` fetches them"] : [];
    return { document: toJson(listing, report), lines: [config.home, sentence(listing, report)], notes, error };
  },
};

async function chooseListing(config: Config, { account, since }: Options): Promise<DiscoverOptions> {
  const after = since === undefined ? undefined : parseSince(since);
  using archive = await openForReading(config);
  refuseDemo(archive, config.home);
  return { account: chooseAccount(accounts(archive.db), account), since: after };
}

/** Only an account that a mirrored task belongs to: a typing error must not request somebody else's tasks. */
function chooseAccount(known: Account[], wanted: string | undefined): string {
  const [first] = known;
  const list = known.map(({ id, tasks }) => `${id} (${countOf(tasks, "task")})`).join(", ");
  if (!first)
    throw new UsageError("no task in the archive has an account id", {
      code: "no_account",
      hint: "track one id and sync it first: producer-mirror track <id> && producer-mirror sync",
    });
  if (wanted === undefined && known.length === 1) return first.id;
  if (wanted === undefined)
    throw new UsageError(`the archive has tasks of ${known.length} accounts: ${list}`, {
      code: "several_accounts",
      hint: "choose yours with --account <id>",
    });
  if (known.some(({ id }) => id === wanted)) return wanted;
  throw new UsageError(`no task in the archive belongs to account ${wanted}`, {
    code: "unknown_account",
    hint: `the archive has tasks of ${list}`,
  });
}

async function listTasks(
  { output, signal }: Context,
  config: Config,
  listing: DiscoverOptions,
): Promise<DiscoverReport> {
  const token = requireToken(config);
  using archive = openForWriting(config);
  let seen: Discovered | undefined;
  using _line = output.progress(() => progress(seen));
  const onRetry = ({ error, waitMs }: { error: Error; waitMs: number }) =>
    output.detail(`${error.message}; retrying in ${(waitMs / 1000).toFixed(1)} s`);
  await using api = await connectApi({ ...config, token }, onRetry);
  const onPage = (found: Discovered) => void (seen = found);
  return await discover({ db: archive.db, journal: archive.journal, api, now: Date.now, signal, onPage }, listing);
}

function dryRun({ home }: Config, listing: DiscoverOptions): Outcome {
  const filter = listingFilter(listing, { until: undefined, offset: 0 });
  const first = `50 per request; the first request: ${JSON.stringify(filter)}`;
  return {
    document: { experimental: true, account: listing.account, filter },
    lines: [home, `experimental: would list the tasks of account ${listing.account}, ${first}`],
  };
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
    dropped > 0 ? `${countOf(dropped, "record")} of other accounts ignored` : "",
    useless > 0 ? `${countOf(useless, "record")} could not be used` : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

function progress(seen: Discovered | undefined): string {
  if (!seen) return "requesting the newest tasks";
  const until = seen.oldest === null ? "" : `  back to ${isoTime(seen.oldest)?.slice(0, 10)}`;
  return `pages ${countText(seen.pages)}  tasks ${countText(seen.found)}  new ${countText(seen.added)}${until}`;
}

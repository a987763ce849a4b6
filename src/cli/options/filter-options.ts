import type { Command } from "commander";
import { ASSET_KINDS, type AssetKind } from "../../lib/asset-kinds.ts";
import { tagName } from "../../lib/text/tag-names.ts";
import { parseSince, parseUntil } from "../../lib/time/dates.ts";
import { parseDuration } from "../../lib/time/durations.ts";
import type { Filter } from "../../query/filter/filter.ts";
import { splitList, oneOf, makeWordOption } from "./option-values.ts";

/** The filters of everything that lists, counts or exports. */
export type FilterOptions = {
  model?: string;
  action?: string;
  state?: string;
  since?: string;
  until?: string;
  minDuration?: string;
  maxDuration?: string;
  instrumental?: boolean;
  has?: string;
  missing?: string;
  /** False for `--no-tag`. */
  tag?: string | false;
  seed?: string;
  root?: string;
  childrenOf?: string;
  text?: string;
};

const STATES = ["pending", "succeeded", "partial", "failed", "missing"];

/** Adds the filters; several values, separated by commas, mean any of them. */
export function addFilterOptions(command: Command): Command {
  return addFilterOptionsWithoutText(command).option("--text <words>", "songs that `search` finds with these words");
}

/** The same without `--text`, for a search. */
export function addFilterOptionsWithoutText(command: Command): Command {
  return command
    .option("--model <names>", "only these models, separated by commas")
    .option("--action <names>", "only these actions (generate, cover, extend, ...), separated by commas")
    .addOption(
      makeWordOption("--state <words>", `only these states (${STATES.join(", ")}), separated by commas`, STATES),
    )
    .option("--since <date>", 'created at or after: 2026-01, 7d, today, "last month"; UTC without a zone')
    .option("--until <date>", "created at or before; a day or month counts to its end")
    .option("--min-duration <time>", "at least this long, such as 90, 1:30 or 2m")
    .option("--max-duration <time>", "at most this long")
    .option("--instrumental", "only instrumental songs")
    .option("--no-instrumental", "only songs that are not instrumental")
    .addOption(
      makeWordOption("--has <kinds>", `with a stored file of each kind (${ASSET_KINDS.join(", ")})`, ASSET_KINDS),
    )
    .addOption(makeWordOption("--missing <kinds>", "without a stored file of any of these kinds", ASSET_KINDS))
    .option("--tag <tags>", "with any of these tags, separated by commas; !tag: without it")
    .option("--no-tag", "without any tag")
    .option("--seed <numbers>", "made with any of these seeds, separated by commas")
    .option("--root <id>", "this song and everything made from it, directly or indirectly")
    .option("--children-of <id>", "songs made directly from this one");
}

/** The options as a filter. Throws UsageError that names the bad one, what it got and what it takes. */
export function readFilter(options: FilterOptions): Filter {
  const filter: Filter = {};
  const { model, action, state, since, until, minDuration, maxDuration, has, missing, seed } = options;
  if (model !== undefined) filter.model = splitList(model, "--model");
  if (action !== undefined) filter.action = splitList(action, "--action");
  if (state !== undefined) filter.state = splitList(state, "--state").map((word) => oneOf(STATES, word, "--state"));
  if (since !== undefined) filter.since = parseSince(since);
  if (until !== undefined) filter.until = parseUntil(until);
  if (minDuration !== undefined) filter.minSeconds = parseDuration(minDuration, "--min-duration");
  if (maxDuration !== undefined) filter.maxSeconds = parseDuration(maxDuration, "--max-duration");
  if (has !== undefined) filter.has = readKinds(has, "--has");
  if (missing !== undefined) filter.missing = readKinds(missing, "--missing");
  if (seed !== undefined) filter.seed = splitList(seed, "--seed");
  return { ...filter, ...readTags(options.tag), ...copyUnparsed(options) };
}

/** Copied unchecked: the query checks ids against the archive. */
function copyUnparsed({ instrumental, root, childrenOf, text }: FilterOptions): Filter {
  return {
    ...(instrumental !== undefined && { instrumental }),
    ...(root !== undefined && { root }),
    ...(childrenOf !== undefined && { childrenOf }),
    ...(text !== undefined && { text }),
  };
}

/** `calm,loud`: with any of them; `!loud`: without; both: the one and not the other. Throws UsageError. */
function readTags(text: string | false | undefined): Pick<Filter, "tagged" | "untagged"> {
  if (text === undefined) return {};
  if (text === false) return { untagged: "all" };
  const words = splitList(text, "--tag");
  const [tagged, untagged] = [false, true].map((without) =>
    words.filter((word) => word.startsWith("!") === without).map((word) => tagName(word.replace(/^!/, ""))),
  );
  return { ...(tagged?.length && { tagged }), ...(untagged?.length && { untagged }) };
}

function readKinds(text: string, flag: string): AssetKind[] {
  return splitList(text, flag).map((kind) => oneOf(ASSET_KINDS, kind, flag));
}

import { Option, type Command } from "commander";
import { ASSET_KINDS, type AssetKind } from "../lib/asset-kinds.ts";
import { UsageError } from "../lib/errors.ts";
import { tagName } from "../lib/tag-names.ts";
import { parseSince, parseUntil } from "../query/dates.ts";
import { parseDuration } from "../query/durations.ts";
import type { Filter, Sort, SortKey } from "../query/filter.ts";
import { wordOption } from "./option-words.ts";
import { FORMATS, type Format } from "./rows.ts";

export type FormatOptions = { format?: string; json?: boolean };

export type ListOptions = FormatOptions & {
  model?: string;
  action?: string;
  state?: string;
  since?: string;
  until?: string;
  minDuration?: string;
  maxDuration?: string;
  has?: string;
  missing?: string;
  /** False for `--no-tag`. */
  tag?: string | false;
  sort?: string;
  limit?: string;
};

const STATES = ["pending", "succeeded", "partial", "failed", "missing"];
const SORT_KEYS: SortKey[] = ["created", "title", "duration", "model"];
const SORTS = SORT_KEYS.flatMap((key) => [key, `-${key}`]);
/** Rows of a table when no limit is asked for; the other formats give all. */
const TABLE_ROWS = 50;

/** `--format` and `--json`, for every command that prints rows. */
export function formatOptions(command: Command): Command {
  return command
    .addOption(wordOption("--format <format>", `${FORMATS.join(", ")} (default table)`, FORMATS))
    .addOption(new Option("--json", "the same as --format json"));
}

/** The options that narrow, order and cut a list. */
export function filterOptions(command: Command): Command {
  return narrowOptions(command)
    .addOption(
      wordOption("--sort <key>", `${SORT_KEYS.join(", ")}; - before it for descending (default -created)`, SORTS),
    )
    .addOption(limitOption());
}

/** The options that narrow what is counted or listed. */
export function narrowOptions(command: Command): Command {
  return command
    .option("--model <names>", "only these models, comma between")
    .option("--action <names>", "only these actions (generate, cover, extend, ...), comma between")
    .addOption(wordOption("--state <words>", `only these states (${STATES.join(", ")}), comma between`, STATES))
    .option("--since <date>", "created at or after; a date without zone is UTC")
    .option("--until <date>", "created at or before; a day is included whole")
    .option("--min-duration <time>", "at least this long, such as 90, 1:30 or 2m")
    .option("--max-duration <time>", "at most this long")
    .addOption(wordOption("--has <kinds>", `with a stored file of each kind (${ASSET_KINDS.join(", ")})`, ASSET_KINDS))
    .addOption(wordOption("--missing <kinds>", "without a stored file of any of these kinds", ASSET_KINDS))
    .option("--tag <tags>", "with any of these tags of your own, comma between; !tag: without it")
    .option("--no-tag", "without any tag");
}

export function limitOption(): Option {
  return new Option("--limit <rows>", `at most so many, 0 for all (default: ${TABLE_ROWS} in a table, else all)`);
}

/** Throws UsageError for a word that is no format, and for `--json` beside another one. */
export function readFormat(options: FormatOptions): Format {
  return chooseFormat(FORMATS, options);
}

/** The same for a command with formats of its own; the first of them is the default. */
export function chooseFormat<T extends string>(known: readonly ("json" | T)[], { format, json }: FormatOptions) {
  if (json && format !== undefined && format !== "json") {
    throw new UsageError(`--json and --format ${format} exclude each other`);
  }
  const wanted = json ? "json" : (format ?? known[0] ?? "json");
  return oneOf(known, wanted, "--format");
}

/** The rows to show at most, 0 for all. */
export function readLimit(limit: string | undefined, format: Format): number {
  if (limit === undefined) return format === "table" ? TABLE_ROWS : 0;
  return readCount(limit, "--limit");
}

/** A whole number from 0 on. Throws UsageError. */
export function readCount(text: string, flag: string): number {
  const rows = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(rows)) return rows;
  throw new UsageError(`${flag} is "${text}"; it takes a whole number, 0 for all`);
}

/** The options as a filter. Throws UsageError that names the bad one and what it takes. */
export function readFilter(options: ListOptions, format: Format): Filter {
  const order = { sort: readSort(options.sort ?? "-created"), limit: readLimit(options.limit, format) };
  return { ...order, ...readNarrow(options) };
}

/** What narrows, without order and limit. Throws as readFilter does. */
export function readNarrow(options: ListOptions): Filter {
  const filter: Filter = {};
  if (options.model !== undefined) filter.model = list(options.model, "--model");
  if (options.action !== undefined) filter.action = list(options.action, "--action");
  if (options.state !== undefined)
    filter.state = list(options.state, "--state").map((word) => oneOf(STATES, word, "--state"));
  if (options.since !== undefined) filter.since = parseSince(options.since);
  if (options.until !== undefined) filter.until = parseUntil(options.until);
  if (options.minDuration !== undefined) filter.minSeconds = parseDuration(options.minDuration, "--min-duration");
  if (options.maxDuration !== undefined) filter.maxSeconds = parseDuration(options.maxDuration, "--max-duration");
  if (options.has !== undefined) filter.has = readKinds(options.has, "--has");
  if (options.missing !== undefined) filter.missing = readKinds(options.missing, "--missing");
  return { ...filter, ...readTags(options.tag) };
}

/** `calm,loud`: with any of them; `!loud`: without; both: the one and not the other. Throws UsageError. */
function readTags(text: string | false | undefined): Pick<Filter, "tagged" | "untagged"> {
  if (text === undefined) return {};
  if (text === false) return { untagged: "all" };
  const words = list(text, "--tag");
  const [tagged, untagged] = [false, true].map((without) =>
    words.filter((word) => word.startsWith("!") === without).map((word) => tagName(word.replace(/^!/, ""))),
  );
  return { ...(tagged?.length && { tagged }), ...(untagged?.length && { untagged }) };
}

function readSort(text: string): Sort {
  const descending = text.startsWith("-");
  return { by: oneOf(SORT_KEYS, text.replace(/^-/, ""), "--sort"), descending };
}

function readKinds(text: string, flag: string): AssetKind[] {
  return list(text, flag).map((kind) => oneOf(ASSET_KINDS, kind, flag));
}

/** Words with commas between. Throws UsageError when there is none. */
export function list(text: string, flag: string): string[] {
  const values = text
    .split(",")
    .map((value) => value.trim())
    .filter(Boolean);
  if (values.length === 0) throw new UsageError(`${flag} is empty`);
  return values;
}

/** The word, when it is one of `known`. Throws UsageError that lists them. */
export function oneOf<T extends string>(known: readonly T[], text: string, flag: string): T {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new UsageError(`${flag} is "${text}"; it takes ${known.slice(0, -1).join(", ")} or ${known.at(-1)}`);
}

import { UsageError } from "../../lib/errors.ts";
import { ASSET_KINDS } from "../../lib/asset-kinds.ts";
import { oneOf, splitList } from "../../lib/text/option-words.ts";
import { tagName } from "../../lib/text/tag-names.ts";
import { parseSince, parseUntil } from "../../lib/time/dates.ts";
import { parseDuration } from "../../lib/time/durations.ts";
import type { Filter, Sort, SortKey } from "./filter.ts";

/** A filter in the words of a person: the options of a command, or the query of an address. */
export type FilterWords = {
  model?: string | undefined;
  action?: string | undefined;
  state?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  minDuration?: string | undefined;
  maxDuration?: string | undefined;
  instrumental?: boolean | undefined;
  has?: string | undefined;
  missing?: string | undefined;
  /** False: without any tag. */
  tag?: string | false | undefined;
  starred?: boolean | undefined;
  heard?: boolean | undefined;
  minRating?: string | undefined;
  playlist?: string | undefined;
  seed?: string | undefined;
  root?: string | undefined;
  childrenOf?: string | undefined;
  text?: string | undefined;
};

/** How an error names a word such as `min-duration` to whoever wrote it. */
export type NameOf = (name: string) => string;

export const TASK_STATES = ["pending", "succeeded", "partial", "failed", "missing"];
const SORT_KEYS: SortKey[] = ["created", "title", "duration", "model", "rating", "plays", "played"];
export const SORTS = SORT_KEYS.flatMap((key) => [key, `-${key}`]);

const asFlag: NameOf = (name) => `--${name}`;

/** The words as a filter. Throws UsageError that names the bad one, what it got and what it takes. */
export function readFilter(words: FilterWords, nameOf: NameOf = asFlag): Filter {
  const read = <T>(text: string | undefined, name: string, parse: (text: string, name: string) => T) =>
    text === undefined ? undefined : parse(text, nameOf(name));
  const allOf =
    <T extends string>(known: readonly T[]) =>
    (text: string, name: string) =>
      splitList(text, name).map((word) => oneOf(known, word, name));
  return withoutAbsent({
    model: read(words.model, "model", splitList),
    action: read(words.action, "action", splitList),
    state: read(words.state, "state", allOf(TASK_STATES)),
    since: read(words.since, "since", parseSince),
    until: read(words.until, "until", parseUntil),
    minSeconds: read(words.minDuration, "min-duration", parseDuration),
    maxSeconds: read(words.maxDuration, "max-duration", parseDuration),
    has: read(words.has, "has", allOf(ASSET_KINDS)),
    missing: read(words.missing, "missing", allOf(ASSET_KINDS)),
    seed: read(words.seed, "seed", splitList),
    ...readTags(words.tag, nameOf("tag")),
    starred: words.starred,
    heard: words.heard,
    minRating: read(words.minRating, "min-rating", readRating),
    playlist: words.playlist,
    // Ids are checked against the archive by the query.
    instrumental: words.instrumental,
    root: words.root,
    childrenOf: words.childrenOf,
    text: words.text,
  });
}

/** Throws UsageError for a word that is no order. */
export function readSort(text: string, nameOf: NameOf = asFlag): Sort {
  return { by: oneOf(SORT_KEYS, text.replace(/^-/, ""), nameOf("sort")), descending: text.startsWith("-") };
}

/** A rating, 0 to 5; 0 is none. Throws UsageError. */
export function readRating(text: string, name: string): number {
  if (/^[0-5]$/.test(text.trim())) return Number(text);
  throw new UsageError(`${name} is "${text}"; it takes a whole number from 0 to 5`);
}

function withoutAbsent<T extends object>(filter: T): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** `calm,loud`: with any of them; `!loud`: without; both: the one and not the other. Throws UsageError. */
function readTags(text: string | false | undefined, name: string): Pick<Filter, "tagged" | "untagged"> {
  if (text === undefined) return {};
  if (text === false) return { untagged: "all" };
  const words = splitList(text, name);
  const [tagged, untagged] = [false, true].map((without) =>
    words.filter((word) => word.startsWith("!") === without).map((word) => tagName(word.replace(/^!/, ""))),
  );
  return { ...(tagged?.length && { tagged }), ...(untagged?.length && { untagged }) };
}

import { UsageError } from "../../lib/errors.ts";
import type { Filter } from "../../query/filter/filter.ts";
import { readFilter, readSort, type FilterWords } from "../../query/filter/read-filter.ts";

/** The query of an address: each name once. */
export type QueryWords = Record<string, string>;

const FILTERS =
  "model action state since until min-duration max-duration has missing tag min-rating playlist seed root children-of text";
const FLAGS = ["instrumental", "starred", "heard", "removed"];
/** The words of a list: those of the commands, and its page. */
export const LIST_WORDS = [...FILTERS.split(" "), ...FLAGS, "no-tag", "sort", "limit", "cursor"];
/** Rows of a page unless asked otherwise, and at most. */
const ROWS = 100;
const MAX_ROWS = 1000;

/** Throws UsageError for a name that the address does not take. */
export function checkNames(words: QueryWords, known: readonly string[]): void {
  const unknown = Object.keys(words).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(`unknown parameter ${JSON.stringify(unknown.slice(0, 100))}`, {
    code: "unknown_parameter",
    hint: known.length > 0 ? `this address takes ${known.join(", ")}` : "this address takes none",
  });
}

/** The words as the filter of one page. Throws UsageError. */
export function readPageFilter(words: QueryWords): Filter & { limit: number } {
  const filter: Filter = { ...readWordsFilter(words), removed: readFlag(words, "removed") === true };
  if (words["sort"] !== undefined) filter.sort = readSort(words["sort"], String);
  if (words["cursor"] !== undefined) filter.cursor = words["cursor"];
  return { ...filter, limit: readRows(words["limit"]) };
}

/** The words that filter. Throws UsageError. */
export function readWordsFilter(words: QueryWords): Filter {
  const named: FilterWords = { ...words, tag: words["tag"], instrumental: readFlag(words, "instrumental") };
  named.starred = readFlag(words, "starred");
  named.heard = readFlag(words, "heard");
  named.minRating = words["min-rating"];
  named.minDuration = words["min-duration"];
  named.maxDuration = words["max-duration"];
  named.childrenOf = words["children-of"];
  if (readFlag(words, "no-tag")) named.tag = false;
  return readFilter(named, String);
}

/** Rows of one page. Throws UsageError. */
export function readRows(text: string | undefined): number {
  const rows = text === undefined ? ROWS : /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (rows >= 1 && rows <= MAX_ROWS) return rows;
  throw new UsageError(`limit is "${text}"; it takes a whole number from 1 to ${MAX_ROWS}`, {
    hint: "`next` of each answer is the cursor of the next page",
  });
}

/** `?instrumental`, `=true`, `=1`: true; `=false`, `=0`: false. Throws UsageError. */
export function readFlag(words: QueryWords, name: string): boolean | undefined {
  const text = words[name];
  if (text === undefined) return undefined;
  if (["", "true", "1"].includes(text)) return true;
  if (["false", "0"].includes(text)) return false;
  throw new UsageError(`${name} is "${text}"; it takes true or false`);
}

import { byAge, type IndexEntry, type RecordBook } from "./records.ts";

/** The service's own default, which counts for `ids` too: whoever forgets `limit` loses items. */
export const DEFAULT_LIMIT = 12;
const MAX_LIMIT = 100;

/** What the service makes of the filters that its page does not name. */
export type FilterMode = "honoured" | "ignored" | "refused";

export type Selection = { ids: string[]; total: number };

/** The ids that a batch request selects, newest first, and how many match in all. */
export function selectIds(records: RecordBook, query: Record<string, unknown>, mode: FilterMode): Selection {
  const ids = query["ids"];
  const found = Array.isArray(ids) ? byIds(records, ids) : records.newestFirst();
  const matching = mode === "honoured" ? found.filter((entry) => passes(entry, query)) : found;
  const listed = mode === "ignored" && !Array.isArray(ids) ? {} : query;
  const limit = Math.min(wholeNumber(listed["limit"], DEFAULT_LIMIT), MAX_LIMIT);
  const offset = wholeNumber(listed["offset"], 0);
  return { ids: matching.slice(offset, offset + limit).map(({ id }) => id), total: matching.length };
}

function byIds(records: RecordBook, ids: unknown[]): IndexEntry[] {
  const distinct = [...new Set(ids)].filter((id) => typeof id === "string");
  return byAge(distinct.flatMap((id) => records.entry(id) ?? []));
}

function passes({ createdAt, fields }: IndexEntry, query: Record<string, unknown>): boolean {
  return (
    ["user_id", "application_id", "type"].every((name) => query[name] === undefined || query[name] === fields[name]) &&
    createdAt >= Number(query["created_at_min"] ?? -Infinity) &&
    createdAt <= Number(query["created_at_max"] ?? Infinity)
  );
}

function wholeNumber(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : otherwise;
}

import { sortNewestFirst, type IndexEntry, type RecordStore } from "./records.ts";

/** The service's own default. It applies to `ids` too: a caller that forgets `limit` loses items. */
const DEFAULT_LIMIT = 12;
const MAX_LIMIT = 100;

/** What the service does with the filters that its documentation does not mention. */
export type FilterMode = "honoured" | "ignored" | "refused";

/** The ids that a batch request selects, newest first, and how many records match without `limit` and `offset`. */
export function selectIds(
  records: RecordStore,
  query: Record<string, unknown>,
  mode: FilterMode,
): { ids: string[]; total: number } {
  const ids = query["ids"];
  const candidates = Array.isArray(ids) ? byIds(records, ids) : records.newestFirst();
  const matching = mode === "honoured" ? candidates.filter((entry) => passes(entry, query)) : candidates;
  const applied = mode === "ignored" && !Array.isArray(ids) ? {} : query;
  const limit = Math.min(wholeNumber(applied["limit"], DEFAULT_LIMIT), MAX_LIMIT);
  const offset = wholeNumber(applied["offset"], 0);
  return { ids: matching.slice(offset, offset + limit).map(({ id }) => id), total: matching.length };
}

function byIds(records: RecordStore, ids: unknown[]): IndexEntry[] {
  const distinct = [...new Set(ids)].filter((id) => typeof id === "string");
  return sortNewestFirst(distinct.flatMap((id) => records.entry(id) ?? []));
}

function passes({ createdAt, fields }: IndexEntry, query: Record<string, unknown>): boolean {
  return (
    ["user_id", "application_id", "type"].every((name) => query[name] === undefined || query[name] === fields[name]) &&
    createdAt >= Number(query["created_at_min"] ?? -Infinity) &&
    createdAt <= Number(query["created_at_max"] ?? Infinity)
  );
}

function wholeNumber(value: unknown, fallback: number): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : fallback;
}

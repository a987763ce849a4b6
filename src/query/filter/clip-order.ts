import { asc, desc, sql, type SQL } from "drizzle-orm";
import { clips } from "../../db/schema.ts";
import { rangesAfter, readCursor, writeCursor, type CursorKey } from "./cursor.ts";
import { NEWEST_FIRST, sortText, type Filter } from "./filter.ts";

/** Where a clip stands in an order. */
export type ClipPosition = { key: number; first: CursorKey; created: number | null };

const SORT_COLUMNS = {
  created: clips.createdAt,
  title: clips.title,
  duration: clips.durationSeconds,
  model: clips.model,
};

/** What a place is read from. */
export function positionColumns({ sort = NEWEST_FIRST }: Filter) {
  return { first: SORT_COLUMNS[sort.by], created: clips.createdAt };
}

export function orderOf(filter: Filter): SQL[] {
  return columnsOf(filter).map((filter.sort ?? NEWEST_FIRST).descending ? desc : asc);
}

/** The cursor of what comes after this place. */
export function cursorAt({ sort = NEWEST_FIRST }: Filter, { key, first, created }: ClipPosition): string {
  return writeCursor(sortText(sort), sort.by === "created" ? [created, key] : [first, created, key]);
}

/** What follows the filter's cursor, range by range; without one a single range without bounds. Throws UsageError. */
export function rangesOf(filter: Filter): (SQL | undefined)[] {
  const { sort = NEWEST_FIRST, cursor } = filter;
  if (cursor === undefined) return [undefined];
  const columns = columnsOf(filter);
  return rangesAfter(columns, readCursor(cursor, sortText(sort), columns.length), sort.descending);
}

/** Each order is that of an index. */
function columnsOf({ sort = NEWEST_FIRST }: Filter): SQL[] {
  const columns = [SORT_COLUMNS[sort.by], ...(sort.by === "created" ? [] : [clips.createdAt]), clips.rowidKey];
  return columns.map((column) => sql`${column}`);
}

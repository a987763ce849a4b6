import { asc, desc, sql, type SQL } from "drizzle-orm";
import { clips } from "../../db/schema.ts";
import { rangesAfter, readCursor, writeCursor, type CursorKey } from "./cursor.ts";
import { NEWEST_FIRST, sortText, type Filter } from "./filter.ts";

/** The position of a clip in an order: its row key, its value of the first order column, its time of creation. */
export type ClipPosition = { key: number; first: CursorKey; created: number | null };

const SORT_COLUMNS = {
  created: clips.createdAt,
  title: clips.title,
  duration: clips.durationSeconds,
  model: clips.model,
};

/** The columns that a position is read from, besides the row key. */
export function positionColumns({ sort = NEWEST_FIRST }: Filter) {
  return { first: SORT_COLUMNS[sort.by], created: clips.createdAt };
}

/** The columns of the filter's order, for `order by`. */
export function orderOf(filter: Filter): SQL[] {
  return columnsOf(filter).map((filter.sort ?? NEWEST_FIRST).descending ? desc : asc);
}

/** The cursor of the page after this position. */
export function cursorAt({ sort = NEWEST_FIRST }: Filter, { key, first, created }: ClipPosition): string {
  return writeCursor(sortText(sort), sort.by === "created" ? [created, key] : [first, created, key]);
}

/** Conditions on the rows after the filter's cursor, one per index range; a single undefined one without a cursor. Throws UsageError. */
export function rangesOf(filter: Filter): (SQL | undefined)[] {
  const { sort = NEWEST_FIRST, cursor } = filter;
  if (cursor === undefined) return [undefined];
  const columns = columnsOf(filter);
  return rangesAfter(columns, readCursor(cursor, sortText(sort), columns.length), sort.descending);
}

/** The columns of an order; there is an index for each order. */
function columnsOf({ sort = NEWEST_FIRST }: Filter): SQL[] {
  const columns = [SORT_COLUMNS[sort.by], ...(sort.by === "created" ? [] : [clips.createdAt]), clips.rowidKey];
  return columns.map((column) => sql`${column}`);
}

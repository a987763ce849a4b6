import { and, asc, desc, sql, type SQL } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import { clips } from "../../db/schema.ts";
import { rangesAfter, readCursor, writeCursor, type CursorKey } from "./cursor.ts";
import { NEWEST_FIRST, sortText, type Filter, type MarkKey, type Sort, type SortKey } from "./filter.ts";

/** The position of a clip in an order: its row key, its value of the first order column, its time of creation. */
export type ClipPosition = { key: number; first: CursorKey; created: number | null };

/** Rows that follow one another in an order; all ranges of an order together, in their order, are all rows. */
export type ClipRange = { where: SQL | undefined; orderBy: SQL[]; first: SQL<CursorKey> | SQLiteColumn };

const SORT_COLUMNS: Record<Exclude<SortKey, MarkKey>, SQLiteColumn> = {
  created: clips.createdAt,
  title: clips.titleKey,
  duration: clips.durationSeconds,
  model: clips.model,
};

const MARK_COLUMNS: Record<MarkKey, SQL> = {
  rating: sql.raw("rating"),
  plays: sql.raw("plays"),
  played: sql.raw("last_played_at"),
};

/** The cursor of the page after this position. */
export function cursorAt({ sort = NEWEST_FIRST }: Filter, { key, first, created }: ClipPosition): string {
  return writeCursor(sortText(sort), sort.by === "created" ? [created, key] : [first, created, key]);
}

/** The ranges of the filter's order after its cursor, each read from one index. Throws UsageError for a cursor of another order. */
export function rangesOf({ sort = NEWEST_FIRST, cursor }: Filter): ClipRange[] {
  const columns = sort.by === "created" ? 2 : 3;
  const after = cursor === undefined ? undefined : readCursor(cursor, sortText(sort), columns);
  if (isMarkKey(sort.by)) return markRanges(MARK_COLUMNS[sort.by], sort, after);
  const first = SORT_COLUMNS[sort.by];
  const ordered = [first, ...(sort.by === "created" ? [] : [clips.createdAt]), clips.rowidKey].map(
    (column) => sql`${column}`,
  );
  return rangesIn(ordered, sort, after, first);
}

function isMarkKey(key: SortKey): key is MarkKey {
  return key in MARK_COLUMNS;
}

function rangesIn(columns: SQL[], { descending }: Sort, after: CursorKey[] | undefined, first: ClipRange["first"]) {
  const orderBy = columns.map(descending ? desc : asc);
  const wheres = after === undefined ? [undefined] : rangesAfter(columns, after, descending);
  return wheres.map((where): ClipRange => ({ where, orderBy, first }));
}

/** Few clips have a mark: those are sorted, and all others are read from the index of their times. */
function markRanges(column: SQL, sort: Sort, after: CursorKey[] | undefined): ClipRange[] {
  const marked = sql`(select marked.rowid_key from clip_marks cross join clips as marked on marked.id = clip_marks.clip_id
    where ${column} > 0)`;
  const value = sql<CursorKey>`(select ${column} from clip_marks where clip_marks.clip_id = clips.id)`;
  const [created, key] = [sql`${clips.createdAt}`, sql`${clips.rowidKey}`];
  const isAfterMarked = after !== undefined && Number(after[0]) > 0;
  const within = (where: SQL, ranges: ClipRange[]) =>
    ranges.map((range) => ({ ...range, where: and(where, range.where) }));
  const ofMarked = (from: CursorKey[] | undefined) =>
    within(sql`clips.rowid_key in ${marked}`, rangesIn([value, created, key], sort, from, value));
  const ofOthers = (from: CursorKey[] | undefined) =>
    within(sql`clips.rowid_key not in ${marked}`, rangesIn([created, key], sort, from?.slice(1), sql<CursorKey>`0`));
  if (after === undefined)
    return sort.descending ? [...ofMarked(after), ...ofOthers(after)] : [...ofOthers(after), ...ofMarked(after)];
  if (isAfterMarked) return sort.descending ? [...ofMarked(after), ...ofOthers(undefined)] : ofMarked(after);
  return sort.descending ? ofOthers(after) : [...ofOthers(after), ...ofMarked(undefined)];
}

import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import type { Filter } from "./filter.ts";

/** What a person has marked a clip with, as lists show it. */
export type ShownMarks = {
  starred: boolean;
  /** 1 to 5, 0 for none. */
  rating: number;
  plays: number;
};

/** The whole of it; times are milliseconds UTC. */
export type ClipMarks = { starredAt: number | null; rating: number; plays: number; lastPlayedAt: number | null };

const NONE: ClipMarks = { starredAt: null, rating: 0, plays: 0, lastPlayedAt: null };

/** The marks of each of these clips. */
export function marksOf(db: Database, clipIds: string[]): (id: string) => ClipMarks {
  const rows = db.all<ClipMarks & { id: string }>(sql`
    select clip_id as id, starred_at as "starredAt", rating, plays, last_played_at as "lastPlayedAt"
    from clip_marks where clip_id in (select value from json_each(${JSON.stringify(clipIds)}))`);
  const marks = new Map(rows.map(({ id, ...rest }) => [id, rest]));
  return (id) => marks.get(id) ?? NONE;
}

/** The marks of all clips that have any. */
export function allMarks(db: Database): (ClipMarks & { id: string })[] {
  return db.all(sql`
    select clip_id as id, starred_at as "starredAt", rating, plays, last_played_at as "lastPlayedAt" from clip_marks`);
}

/** Starred clips, the last one first. */
export function starredIds(db: Database): string[] {
  return db
    .all<{ id: string }>(
      sql`select clip_id as id from clip_marks where starred_at is not null order by starred_at desc, clip_id desc`,
    )
    .map(({ id }) => id);
}

/** Adds to each clip its marks. */
export function withMarks<Clip extends { id: string }>(db: Database, clips: Clip[]): (Clip & ShownMarks)[] {
  const marks = marksOf(
    db,
    clips.map(({ id }) => id),
  );
  return clips.map((clip) => ({ ...clip, ...shownMarks(marks(clip.id)) }));
}

export function shownMarks({ starredAt, rating, plays }: ClipMarks): ShownMarks {
  return { starred: starredAt !== null, rating, plays };
}

/** The filter's stars, plays and ratings as conditions on `id`. `holders` is a select, from `clip_marks`, of the ids that have marks. */
export function markConditions(
  { starred, heard, minRating }: Pick<Filter, "starred" | "heard" | "minRating">,
  { id, holders }: { id: SQL; holders: SQL },
): SQL[] {
  const conditions: SQL[] = [];
  if (starred !== undefined)
    conditions.push(sql`${id} ${starred ? sql`in` : sql`not in`} (${holders} where starred_at is not null)`);
  if (heard !== undefined) conditions.push(sql`${id} ${heard ? sql`in` : sql`not in`} (${holders} where plays > 0)`);
  if (minRating !== undefined && minRating > 0)
    conditions.push(sql`${id} in (${holders} where rating >= ${minRating})`);
  return conditions;
}

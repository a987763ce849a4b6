import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { isoTime } from "../../lib/time/dates.ts";

/** A take of a stack: what it does not share with the others. */
export type Take = {
  id: string;
  seed: string | null;
  durationSeconds: number | null;
  createdAt: string | null;
  rating: number;
  starred: boolean;
  plays: number;
  hasAudio: boolean;
};

type Row = Omit<Take, "createdAt" | "starred" | "hasAudio"> & {
  createdAt: number | null;
  starred: number;
  hasAudio: number;
};

/** These clips as takes, by their ids. */
export function takesOf(db: Database, clipIds: string[]): Map<string, Take> {
  const rows = db.all<Row>(sql`select clips.id, seed, duration_seconds as "durationSeconds",
      created_at as "createdAt", coalesce(rating, 0) as rating, starred_at is not null as starred,
      coalesce(plays, 0) as plays, exists(select 1 from assets
        where assets.clip_id = clips.id and kind = 'audio' and assets.state = 'stored') as "hasAudio"
    from json_each(${JSON.stringify(clipIds)}) as wanted cross join clips on clips.id = wanted.value
    left join clip_marks on clip_marks.clip_id = clips.id`);
  const toTake = ({ createdAt, starred, hasAudio, ...row }: Row): Take => ({
    ...row,
    createdAt: isoTime(createdAt),
    starred: starred === 1,
    hasAudio: hasAudio === 1,
  });
  return new Map(rows.map((row) => [row.id, toTake(row)]));
}

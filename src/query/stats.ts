import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { REMOVED } from "./clips.ts";
import { isoTime } from "./dates.ts";

export const BREAKDOWNS = ["model", "action", "state", "month", "day"] as const;
export type Breakdown = (typeof BREAKDOWNS)[number];

export type Totals = {
  tasks: number;
  clips: number;
  /** Minutes of music. */
  minutes: number;
  /** Stored files. */
  files: number;
  bytes: number;
  firstCreatedAt: string | null;
  lastCreatedAt: string | null;
};

/** `key` is null where the record does not say; days and months are UTC. */
export type Group = { key: string | null; clips: number; minutes: number; files: number; bytes: number };

const KEYS = {
  model: sql`nullif(model, '')`,
  action: sql`action`,
  state: sql`state`,
  month: sql`strftime('%Y-%m', created_at / 1000.0, 'unixepoch')`,
  day: sql`strftime('%Y-%m-%d', created_at / 1000.0, 'unixepoch')`,
};

/** How much there is in all; zeros for an empty archive. */
export function totals(db: Database): Totals {
  const row = db.get<
    Omit<Totals, "firstCreatedAt" | "lastCreatedAt"> & { first: number | null; last: number | null }
  >(sql`
    select
      (select count(*) from tasks) as tasks, count(*) as clips, ${minutes()} as minutes,
      (select count(*) from assets where state = 'stored') as files,
      (select coalesce(sum(bytes), 0) from assets where state = 'stored') as bytes,
      min(created_at) as first, max(created_at) as last
    from clips where rowid_key not in ${REMOVED}`);
  const { first, last, ...counts } = row;
  return { ...counts, firstCreatedAt: isoTime(first), lastCreatedAt: isoTime(last) };
}

/**
 * The same, group by group: time in its order, the rest by the number of clips. A file that belongs to a task as a
 * whole counts in the group of its task, so that the groups add up to the totals.
 */
export function breakdown(db: Database, by: Breakdown): Group[] {
  const order = by === "month" || by === "day" ? sql`key` : sql`clips desc, key`;
  return db.all<Group>(sql`
    with stored as (select task_id, clip_id, bytes from assets where state = 'stored'),
    files as (select clip_id, count(*) as files, sum(bytes) as bytes from stored where clip_id is not null group by clip_id),
    pieces as (
      select model, action, state, created_at, 1 as clips, duration_seconds, coalesce(files, 0) as files, bytes
      from clips left join files on files.clip_id = clips.id where rowid_key not in ${REMOVED}
      union all
      select model, action, state, created_at, 0, null, 1, bytes
      from stored join tasks on tasks.id = stored.task_id where stored.clip_id is null
    )
    select ${KEYS[by]} as key, sum(clips) as clips, ${minutes()} as minutes, sum(files) as files,
      coalesce(sum(bytes), 0) as bytes
    from pieces group by 1 order by ${order}`);
}

function minutes() {
  return sql`round(coalesce(sum(duration_seconds), 0) / 60, 2)`;
}

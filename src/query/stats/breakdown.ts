import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clipConditions } from "../filter/clip-conditions.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { isFiltered, type Filter } from "../filter/filter.ts";
import { PERIODS, periodsIn, type Period } from "./periods.ts";
import { filesMatching } from "./files.ts";
import { taskConditions } from "../filter/task-conditions.ts";

export const BREAKDOWNS = ["model", "action", "state", "month", "week", "day", "hour"] as const;
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

/** One group; `key` is null where the record does not say. */
export type Group = { key: string | null; clips: number; minutes: number; files: number; bytes: number };

/** The totals of everything that matches the filter; zeros for an empty archive. */
export function totals(db: Database, filter: Filter = {}): Totals {
  const files = sql`from assets where state = 'stored' and ${filesMatching(db, filter)}`;
  const ofTasks = isFiltered(filter) ? taskConditions(db, filter) : sql`true`;
  const row = db.get<
    Omit<Totals, "firstCreatedAt" | "lastCreatedAt"> & { first: number | null; last: number | null }
  >(sql`
    select
      (select count(*) from tasks as listed where ${ofTasks}) as tasks, count(*) as clips, ${minutes()} as minutes,
      (select count(*) ${files}) as files,
      (select coalesce(sum(bytes), 0) ${files}) as bytes,
      min(created_at) as first, max(created_at) as last
    from clips where ${clipConditions(db, filter)}`);
  const { first, last, ...counts } = row;
  return { ...counts, firstCreatedAt: isoTime(first), lastCreatedAt: isoTime(last) };
}

/**
 * The same by group: periods of time in order, by the local time of `zone`; all others by the number of clips. A file of a
 * task as a whole counts in the group of its task, so that the groups add up to the totals.
 */
export function breakdown(db: Database, by: Breakdown, filter: Filter = {}, zone = "UTC"): Group[] {
  const order = isPeriod(by) ? sql`key` : sql`clips desc, key`;
  return db.all<Group>(sql`
    with stored as (select task_id, clip_id, bytes from assets where state = 'stored' and ${filesMatching(db, filter)}),
    files as (select clip_id, count(*) as files, sum(bytes) as bytes from stored where clip_id is not null group by clip_id),
    parts as (
      select model, action, state, created_at, 1 as clips, duration_seconds, coalesce(files, 0) as files, bytes
      from clips left join files on files.clip_id = clips.id where ${clipConditions(db, filter)}
      union all
      select model, action, state, created_at, 0, null, 1, bytes
      from stored join tasks on tasks.id = stored.task_id where stored.clip_id is null
    )
    select ${keyOf(db, by, zone)} as key, sum(clips) as clips, ${minutes()} as minutes, sum(files) as files,
      coalesce(sum(bytes), 0) as bytes
    from parts group by 1 order by ${order}`);
}

function isPeriod(by: Breakdown): by is Period {
  return (PERIODS as readonly string[]).includes(by);
}

function keyOf(db: Database, by: Breakdown, zone: string): SQL {
  if (!isPeriod(by)) return by === "model" ? sql`nullif(model, '')` : sql.raw(by);
  const periodOf = periodsIn(zone);
  db.$client.function("period_of", { deterministic: true }, (moment) => periodOf(moment as number | null, by));
  return sql`period_of(created_at)`;
}

function minutes() {
  return sql`round(coalesce(sum(duration_seconds), 0) / 60, 2)`;
}

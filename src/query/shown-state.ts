import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../db/connection.ts";

/** What is known of a task, in the words that every list, count and report uses. */
export type ShownState =
  "succeeded" | "partial" | "failed" | "running" | "never asked" | "unknown upstream" | "not answered";

/**
 * The shown state of a row of `tracked_tasks` left-joined with `tasks`, or of `tasks` alone: only a record that came says that
 * a task is running. The column `state` has one word, pending, for all that have not ended.
 */
export const SHOWN_STATE: SQL = sql`case
  when tasks.id is not null then iif(tasks.state = 'pending', 'running', tasks.state)
  when tracked_tasks.state not in ('pending', 'missing') then tracked_tasks.state
  when tracked_tasks.state = 'missing' or tracked_tasks.not_seen > 0 then 'unknown upstream'
  when tracked_tasks.attempts > 0 then 'not answered'
  else 'never asked' end`;

/** The shown state of one task, whether or not it is tracked. */
export function shownStateOf(db: Database, taskId: string): ShownState {
  return db.get<{ shownState: ShownState }>(sql`select ${SHOWN_STATE} as shownState from (select ${taskId} as wanted)
    left join tracked_tasks on task_id = wanted left join tasks on tasks.id = wanted`).shownState;
}

/** Tracked ids without a finished record, by their shown state; `stale`: of the running ones those that run for over a day. */
export type OpenCounts = Record<"neverAsked" | "running" | "stale" | "unknown" | "notAnswered", number>;

/** Counts the tracked tasks that have not ended; those from before `staleBefore` (milliseconds UTC) are stale. */
export function openCounts(db: Database, staleBefore: number): OpenCounts {
  const rows = db.all<{ shownState: ShownState; ids: number; old: number }>(sql`
    select ${SHOWN_STATE} as shownState, count(*) as ids,
      count(*) filter (where coalesce(tasks.created_at, added_at) < ${staleBefore}) as old
    from tracked_tasks left join tasks on tasks.id = task_id
    where untracked_at is null and tracked_tasks.state in ('pending', 'missing') group by 1`);
  const of = (shownState: ShownState) => rows.find((row) => row.shownState === shownState);
  return {
    neverAsked: of("never asked")?.ids ?? 0,
    running: of("running")?.ids ?? 0,
    stale: of("running")?.old ?? 0,
    unknown: of("unknown upstream")?.ids ?? 0,
    notAnswered: of("not answered")?.ids ?? 0,
  };
}

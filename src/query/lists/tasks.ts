import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { isoTime } from "../../lib/time/dates.ts";
import type { Filter, Page } from "../filter/filter.ts";
import { SHOWN_STATE, type ShownState } from "../shown-state.ts";
import { readInBatches } from "./read-in-batches.ts";
import { secondsOf } from "../filter/task-conditions.ts";
import { pageOfTaskIds } from "../filter/task-order.ts";

/** One task as lists show it; most fields are null when it is only tracked and has no record yet. */
export type TaskListing = {
  id: string;
  type: string | null;
  title: string | null;
  model: string | null;
  action: string | null;
  state: string;
  /** The state as people read it: `pending` is running, never asked, not answered or unknown upstream. */
  shownState: ShownState;
  /** The number of clips that it shows, and the seconds of music in them. */
  clips: number;
  durationSeconds: number | null;
  createdAt: string | null;
  finishedAt: string | null;
  elapsedSeconds: number | null;
  prompt: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  /** When it was tracked, by what source, and when it was untracked. */
  addedAt: string | null;
  source: string | null;
  untrackedAt: string | null;
  missingSince: string | null;
  lastCheckedAt: string | null;
  nextCheckAt: string | null;
  lastError: string | null;
};

const TIMES = [
  "createdAt",
  "finishedAt",
  "addedAt",
  "untrackedAt",
  "missingSince",
  "lastCheckedAt",
  "nextCheckAt",
] as const;
type Row = Omit<TaskListing, (typeof TIMES)[number]> & Record<(typeof TIMES)[number], number | null>;

/** The tasks that match the filter, in its order; one without a record is ordered by the time when it was added. Throws UsageError. */
export function listTasks(db: Database, filter: Filter): TaskListing[] {
  return [...pageOfTasks(db, filter).rows];
}

/** The same as a page, with the cursor of the next one. Throws UsageError for a cursor of another order or an unknown id. */
export function pageOfTasks(db: Database, filter: Filter): Page<TaskListing> {
  const { ids, next } = pageOfTaskIds(db, filter);
  return { rows: readInBatches(ids, (some) => tasksOf(db, some).map(toListing)), next };
}

/** In the order of the ids. The state comes from the record; without a record from the tracked task. */
function tasksOf(db: Database, ids: string[]): Row[] {
  return db.all<Row>(sql`
    select listed.value as id, tasks.type, title, model, action, coalesce(tasks.state, tracked_tasks.state) as state, ${SHOWN_STATE} as shownState,
      (select count(*) from task_clips where task_clips.task_id = listed.value) as clips,
      ${secondsOf(sql`listed.value`)} as "durationSeconds",
      created_at as "createdAt", finished_at as "finishedAt", elapsed_seconds as "elapsedSeconds", prompt,
      error_code as "errorCode", error_message as "errorMessage", added_at as "addedAt", source,
      untracked_at as "untrackedAt", missing_since as "missingSince", last_checked_at as "lastCheckedAt",
      next_check_at as "nextCheckAt", last_error as "lastError"
    from json_each(${JSON.stringify(ids)}) as listed
    left join tasks on tasks.id = listed.value left join tracked_tasks on tracked_tasks.task_id = listed.value
    order by listed.key`);
}

function toListing(row: Row): TaskListing {
  const times = Object.fromEntries(TIMES.map((name) => [name, isoTime(row[name])]));
  return { ...row, ...times } as TaskListing;
}

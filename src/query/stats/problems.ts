import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { OPEN_TASK_IDS } from "../../db/open-tasks.ts";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { LONGEST_WAIT_MS } from "../../record/schedule.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { SHOWN_STATE } from "../shown-state.ts";

/** A file that should be stored and is not. */
export type MissingFile = {
  kind: string;
  state: string;
  clipId: string | null;
  taskId: string;
  title: string | null;
  httpStatus: number | null;
  lastError: string | null;
  nextAttemptAt: string | null;
};

/** A task that failed upstream, or that the API does not know. */
export type FailedTask = { id: string; state: string; title: string | null; message: string | null };

/** What the next run by hand will find to do, how much of it is due for `watch`, and when `watch` has more to do. */
export type NextDue = { tasks: number; files: number; tasksDue: number; filesDue: number; nextAt: string | null };

/** Files that failed or are gone, most important first: audio before other kinds, failed before gone. */
export function missingFiles(db: Database, kinds: AssetKind[], limit: number): MissingFile[] {
  const rows = db.all<Omit<MissingFile, "nextAttemptAt"> & { nextAttemptAt: number | null }>(sql`
    select kind, assets.state, clip_id as "clipId", assets.task_id as "taskId", coalesce(clips.title, tasks.title) as title,
      http_status as "httpStatus", last_error as "lastError", next_attempt_at as "nextAttemptAt"
    from assets left join clips on clips.id = assets.clip_id left join tasks on tasks.id = assets.task_id
    where assets.state in ('failed', 'gone') and assets.removed_at is null and kind in (select value from json_each(${JSON.stringify(kinds)}))
    order by kind = 'audio' desc, assets.state, assets.id desc limit ${limit}`);
  return rows.map((row) => ({ ...row, nextAttemptAt: isoTime(row.nextAttemptAt) }));
}

/** Tracked tasks that failed upstream or are unknown there, newest first. */
export function failedTasks(db: Database, limit: number): FailedTask[] {
  return db.all<FailedTask>(sql`
    select task_id as id, ${SHOWN_STATE} as state, coalesce(tasks.title, tasks.prompt) as title,
      coalesce(error_message, error_code, last_error) as message
    from tracked_tasks left join tasks on tasks.id = task_id
    where untracked_at is null and (tracked_tasks.state in ('failed', 'missing')
      or tracked_tasks.state = 'pending' and not_seen > 0 and tasks.id is null)
    order by coalesce(tasks.created_at, added_at) desc, task_id limit ${limit}`);
}

/** The tasks and files that `sync` would request now, as its dry run says, and what of them is due for `watch`. */
export function nextDue(db: Database, kinds: AssetKind[], now: number): NextDue {
  const ofKinds = sql`removed_at is null and kind in (select value from json_each(${JSON.stringify(kinds)}))`;
  const row = db.get<Omit<NextDue, "nextAt"> & { nextAt: number | null }>(sql`
    with waiting as (
      select 'task' as what, iif(next_check_at > ${now + LONGEST_WAIT_MS}, 0, coalesce(next_check_at, 0)) as due
      from tracked_tasks where task_id in ${OPEN_TASK_IDS}
      union all
      select 'file', iif(next_attempt_at > ${now + LONGEST_WAIT_MS}, 0, coalesce(next_attempt_at, 0)) from assets
      where state in ('wanted', 'failed') and ${ofKinds}
      union all
      select 'file', next_attempt_at from assets where state = 'gone' and next_attempt_at <= ${now} and ${ofKinds}
    )
    select count(*) filter (where what = 'task') as tasks, count(*) filter (where what = 'file') as files,
      count(*) filter (where what = 'task' and due <= ${now}) as "tasksDue",
      count(*) filter (where what = 'file' and due <= ${now}) as "filesDue", min(due) filter (where due > ${now}) as "nextAt"
    from waiting`);
  return { ...row, nextAt: isoTime(row.nextAt) };
}

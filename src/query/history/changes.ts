import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { isoTime } from "../../lib/time/dates.ts";
import type { Change } from "./change.ts";
import { taskChanges } from "./task-changes.ts";

export type ChangesOptions = {
  /** Milliseconds UTC. */
  since: number;
  /** The interval between checks of a gone file: its last check was this long before the next one. */
  goneCheckIntervalMs: number;
};

/** What changed since `since`, in the order of time. A change that was undone later is not listed. */
export function changes(db: Database, { since, goneCheckIntervalMs }: ChangesOptions): Change[] {
  const rows = [
    ...taskChanges(db, since),
    ...newClips(db, since),
    ...vanished(db, since),
    ...healedFiles(db, since),
    ...goneFiles(db, since, goneCheckIntervalMs),
  ];
  return rows.toSorted((one, other) => compareTimes(one.at, other.at));
}

type Row = Pick<Change, "id" | "taskId" | "title" | "detail"> & { at: number | null; certain?: number };

function toChanges(rows: Row[], change: Change["change"], kind: Change["kind"]): Change[] {
  return rows.map((row) => ({ change, kind, ...row, at: isoTime(row.at), certain: row.certain !== 0 }));
}

function newClips(db: Database, since: number): Change[] {
  const rows = db.all<Row>(sql`
    select id, task_id as "taskId", title, first_seen_at as at, state as detail from clips
    where first_seen_at >= ${since} order by first_seen_at, rowid_key`);
  return toChanges(rows, "new", "clip");
}

function vanished(db: Database, since: number): Change[] {
  const rows = db.all<Row>(sql`
    select task_id as id, task_id as "taskId", coalesce(title, prompt) as title, missing_since as at,
      case when tasks.id is null then 'never mirrored' else 'kept here as ' || tasks.state end as detail
    from tracked_tasks left join tasks on tasks.id = task_id
    where missing_since >= ${since} order by missing_since, task_id`);
  return toChanges(rows, "vanished", "task");
}

/** Files known before `since` that failed or were lost, and are stored now. `+` disables the index by state: most files are stored. */
function healedFiles(db: Database, since: number): Change[] {
  const rows =
    db.all<Row>(sql`${FILES}, assets.stored_at as at, assets.kind || ': stored at try ' || assets.attempts as detail
    ${JOINED} where +assets.state = 'stored' and assets.attempts > 1 and assets.stored_at >= ${since}
      and coalesce(clips.first_seen_at, tasks.first_seen_at) < ${since}
    order by assets.stored_at, assets.id`);
  return toChanges(rows, "healed", "file");
}

/** No column says when a file became gone, only when it was first missed and when it is checked next. */
function goneFiles(db: Database, since: number, goneCheckIntervalMs: number): Change[] {
  const rows = db.all<Row>(sql`${FILES}, assets.next_attempt_at - ${goneCheckIntervalMs} as at,
      assets.kind || ': ' || assets.misses || ' misses' as detail, assets.first_miss_at >= ${since} as certain
    ${JOINED} where assets.state = 'gone' and assets.removed_at is null
      and (assets.first_miss_at >= ${since} or assets.next_attempt_at - ${goneCheckIntervalMs} >= ${since})
    order by at, assets.id`);
  return toChanges(rows, "gone", "file");
}

const FILES = sql`select coalesce(assets.clip_id, assets.task_id) as id, assets.task_id as "taskId",
  coalesce(clips.title, tasks.title) as title`;
const JOINED = sql`from assets join tasks on tasks.id = assets.task_id left join clips on clips.id = assets.clip_id`;

function compareTimes(one: string | null, other: string | null): number {
  return (one ?? "") < (other ?? "") ? -1 : (one ?? "") > (other ?? "") ? 1 : 0;
}

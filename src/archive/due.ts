import {
  and,
  asc,
  count,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lte,
  max,
  or,
  sql,
  type SQL,
  type SQLWrapper,
} from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { OPEN_TASK_IDS } from "../db/open-tasks.ts";
import { assets, clips, trackedTasks, type AssetRow } from "../db/schema.ts";
import type { AssetKind, ByKind } from "../lib/asset-kinds.ts";
import { LONGEST_GONE_WAIT_MS, LONGEST_WAIT_MS } from "../record/schedule.ts";

export type DueTasks = {
  /** Only tasks whose next check is due at this time (milliseconds UTC); otherwise all open tasks. */
  scheduledFor?: number;
  /** Include tasks that have ended. */
  refresh?: boolean;
  only?: string[];
  limit?: number;
};

/**
 * Ids of tasks to fetch: those never fetched first, then those checked longest ago. They are open tasks, and tasks that
 * were never fetched because only the body of a callback arrived. Ties are ordered by id: the rows of a batch are then
 * neighbours in most indexes, and its commit writes a quarter less.
 */
export function dueTaskIds(db: Database, due: DueTasks): string[] {
  const wanted: (SQL | undefined)[] = [
    due.refresh ? isNull(trackedTasks.untrackedAt) : inArray(trackedTasks.taskId, OPEN_TASK_IDS),
  ];
  if (due.scheduledFor !== undefined)
    wanted.push(
      or(isNull(trackedTasks.nextCheckAt), isDueAt(trackedTasks.nextCheckAt, due.scheduledFor, LONGEST_WAIT_MS)),
    );
  const rows = db
    .select({ id: trackedTasks.taskId })
    .from(trackedTasks)
    .where(and(...wanted))
    .orderBy(
      sql`${trackedTasks.attempts} > 0`,
      asc(trackedTasks.lastCheckedAt),
      asc(trackedTasks.addedAt),
      asc(trackedTasks.taskId),
    )
    .all();
  const only = due.only && new Set(due.only);
  const ids = rows.map((row) => row.id).filter((id) => !only || only.has(id));
  return due.limit === undefined ? ids : ids.slice(0, due.limit);
}

/** Ids that were tracked and never asked for. */
export function neverAskedIds(db: Database): string[] {
  const rows = db.all<{ id: string }>(
    sql`select task_id as id from tracked_tasks where untracked_at is null and attempts = 0`,
  );
  return rows.map(({ id }) => id);
}

/** Ids of tasks that have been asked for and are pending. With `among` only these, and those too that wait for files. */
export function openTaskIds(db: Database, among?: string[], kinds: AssetKind[] = []): string[] {
  const pending = sql`untracked_at is null and state = 'pending' and attempts > 0`;
  const waiting = sql`exists (select 1 from assets where assets.task_id = tracked_tasks.task_id
    and state in ('wanted', 'failed') and removed_at is null and kind in ${kinds})`;
  const rows = db.all<{ id: string }>(
    among === undefined
      ? sql`select task_id as id from tracked_tasks where ${pending}`
      : sql`select task_id as id from tracked_tasks where task_id in (select value from json_each(${JSON.stringify(among)}))
          and (${pending} or ${waiting})`,
  );
  return rows.map(({ id }) => id);
}

/** When the next open task is due, in milliseconds UTC: now for one that was never asked for; null when none is open. */
export function nextTaskDueAt(db: Database, now: number): number | null {
  const row = db.get<{ at: number | null }>(sql`select min(at) as at from (
    select min(case when next_check_at <= ${now + LONGEST_WAIT_MS} then next_check_at else ${now} end) as at from tracked_tasks where untracked_at is null and state in ('pending', 'missing')
    union all select min(${now}) from tracked_tasks where untracked_at is null and attempts = 0)`);
  return row?.at ?? null;
}

export type DueAssets = {
  kinds: AssetKind[];
  scheduledFor?: number;
  refresh?: boolean;
  now: number;
  /** Only files of these tasks. */
  tasks?: string[];
  /** Only these rows. */
  ids?: number[];
};

/** A file to download, with the duration that its clip states. */
export type DueAsset = AssetRow & { expectedSeconds: number | null };

/** The next `limit` files of one kind to download, in the order of ids, after the id `after`. */
export function dueAssets(db: Database, due: DueAssets, kind: AssetKind, after: number, limit: number): DueAsset[] {
  if (!hasDue(db, due, kind)) return [];
  return db
    .select({ ...getTableColumns(assets), expectedSeconds: clips.durationSeconds })
    .from(assets)
    .leftJoin(clips, eq(clips.id, assets.clipId))
    .where(and(sql`+${assets.kind} = ${kind}`, gt(assets.id, after), isDue(due, BY_ID)))
    .orderBy(asc(assets.id))
    .limit(limit)
    .all();
}

/** `+` disables the index by state, which would be read whole and sorted for each batch; rows are read in the order of ids. */
const BY_ID = sql`+${assets.state}`;

/** The partial indexes show at once that nothing is due, where reading in the order of ids would visit every row. */
function hasDue(db: Database, due: DueAssets, kind: AssetKind): boolean {
  return (
    db
      .select({ id: assets.id })
      .from(assets)
      .where(and(eq(assets.kind, kind), isDue(due)))
      .limit(1)
      .get() !== undefined
  );
}

/** The row of a stored file, with what is needed to check it. */
export type StoredRow = Pick<AssetRow, "id" | "path" | "bytes" | "sha256" | "storedAt"> & { path: string };

/** At most `limit` stored files, starting at an id that `turn` selects and wrapping around at the last id. */
export function storedFiles(db: Database, { kinds, tasks }: DueAssets, turn: number, limit: number): StoredRow[] {
  const last =
    db
      .select({ id: max(assets.id) })
      .from(assets)
      .get()?.id ?? 0;
  const from = last === 0 ? 0 : turn % last;
  const read = (range: SQL, most: number) =>
    db
      .select({
        id: assets.id,
        path: assets.path,
        bytes: assets.bytes,
        sha256: assets.sha256,
        storedAt: assets.storedAt,
      })
      .from(assets)
      .where(and(range, sql`${BY_ID} = 'stored'`, isNotNull(assets.path), inArray(assets.kind, kinds), ofTasks(tasks)))
      .orderBy(asc(assets.id))
      .limit(most)
      .all() as StoredRow[];
  const after = read(gt(assets.id, from), limit);
  return after.length === limit ? after : [...after, ...read(lte(assets.id, from), limit - after.length)];
}

/** How many files of these kinds are wanted and how many failed, whether or not they are due. */
export function countWaiting(db: Database, kinds: AssetKind[], tasks?: string[]): { wanted: number; failed: number } {
  const open = and(sql`${assets.state} in ('wanted', 'failed')`, isNull(assets.removedAt));
  const waiting = and(open, inArray(assets.kind, kinds), ofTasks(tasks));
  const failed = sql<number>`count(*) filter (where ${assets.state} = 'failed')`;
  const counts = db.select({ all: count(), failed }).from(assets).where(waiting).get() ?? { all: 0, failed: 0 };
  return { wanted: counts.all - counts.failed, failed: counts.failed };
}

/** How many files a run would download now. */
export function countDue(db: Database, due: DueAssets): ByKind {
  const rows = db
    .select({ kind: assets.kind, files: count() })
    .from(assets)
    .where(and(inArray(assets.kind, due.kinds), isDue(due)))
    .groupBy(assets.kind)
    .all();
  return Object.fromEntries(rows.map(({ kind, files }) => [kind, files]));
}

/** The mean bytes of a stored file of each kind, read from an index. */
export function meanBytes(db: Database): ByKind {
  const rows = db.all<{ kind: AssetKind; bytes: number }>(
    sql`select kind, avg(bytes) as bytes from assets where state = 'stored' and bytes > 0 group by kind`,
  );
  return Object.fromEntries(rows.map(({ kind, bytes }) => [kind, bytes]));
}

function isDue({ scheduledFor, refresh, now, tasks, ids }: DueAssets, state = sql`${assets.state}`): SQL | undefined {
  const at = assets.nextAttemptAt;
  const time = scheduledFor === undefined ? undefined : or(isNull(at), isDueAt(at, scheduledFor, LONGEST_WAIT_MS));
  const open = and(sql`${state} in ('wanted', 'failed')`, time);
  const gone = and(sql`${state} = 'gone'`, refresh ? undefined : isDueAt(at, now, LONGEST_GONE_WAIT_MS));
  const named = ids && sql`${assets.id} in (select value from json_each(${JSON.stringify(ids)}))`;
  return and(or(open, gone), isNull(assets.removedAt), ofTasks(tasks), named);
}

/** Whether a plan is over, or is none (`plannedAt` of record/schedule.ts). Not for null. */
function isDueAt(at: SQLWrapper, now: number, longest: number): SQL {
  return sql`(${at} <= ${now} or ${at} > ${now + longest})`;
}

function ofTasks(tasks: string[] | undefined): SQL | undefined {
  return tasks && sql`${assets.taskId} in (select value from json_each(${JSON.stringify(tasks)}))`;
}

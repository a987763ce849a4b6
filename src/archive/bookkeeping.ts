import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { trackedTasks } from "../db/schema.ts";
import { write } from "./transaction.ts";

/** Consecutive runs in which the API does not know a task, after which it is missing. */
const MISSING_AFTER = 3;

/** When an id that the API did not know is asked for again, in milliseconds UTC. */
export type NextNotSeen = { soon: number; late: number; new?: number; newSince?: number | undefined };

/**
 * Counts ids that the API did not know. A task that was never mirrored is `missing` after 3 runs; one that was mirrored
 * keeps its state and gets `missing_since`. The next check is at `next.soon`, since a new task may not be known
 * everywhere yet, and at `next.late` once it is missing (both milliseconds UTC). For an id that was tracked since
 * `next.newSince` nothing is counted, and its next check is at `next.new`.
 */
export function saveNotSeen(db: Database, ids: string[], now: number, next: NextNotSeen): void {
  const isNew =
    next.newSince === undefined ? sql`false` : sql`${trackedTasks.addedAt} between ${next.newSince} and ${now}`;
  const counted = sql`${trackedTasks.notSeen} + (not ${isNew})`;
  const neverMirrored = sql`${trackedTasks.state} in ('pending', 'missing') and not exists (select 1 from tasks where tasks.id = ${trackedTasks.taskId})`;
  const becomesMissing = sql`${neverMirrored} and not ${isNew} and ${counted} >= ${MISSING_AFTER}`;
  const update = db
    .update(trackedTasks)
    .set({
      notSeen: counted,
      attempts: sql`${trackedTasks.attempts} + 1`,
      state: sql`case when ${becomesMissing} then 'missing' else ${trackedTasks.state} end`,
      missingSince: sql`case when ${becomesMissing} or not (${isNew} or ${neverMirrored}) then coalesce(${trackedTasks.missingSince}, ${now}) else ${trackedTasks.missingSince} end`,
      lastCheckedAt: now,
      nextCheckAt: sql`case when ${isNew} then ${next.new ?? next.soon} when ${counted} >= ${MISSING_AFTER} then ${next.late} else ${next.soon} end`,
      lastError: null,
    })
    .where(eq(trackedTasks.taskId, sql.placeholder("id")))
    .prepare();
  write(db, () => {
    for (const id of ids) update.run({ id });
  });
}

/** Records why ids got no readable response; their state does not change. */
export function saveTaskErrors(
  db: Database,
  ids: string[],
  message: string,
  now: number,
  nextCheckAt: number | null = null,
): void {
  const update = db
    .update(trackedTasks)
    .set({ attempts: sql`${trackedTasks.attempts} + 1`, lastError: message, lastCheckedAt: now, nextCheckAt })
    .where(eq(trackedTasks.taskId, sql.placeholder("id")))
    .prepare();
  write(db, () => {
    for (const id of ids) update.run({ id });
  });
}

/** Postpones the next check of every open task to `until` (milliseconds UTC) at the earliest. */
export function postponeAll(db: Database, until: number): void {
  const { untrackedAt, state, nextCheckAt } = trackedTasks;
  write(db, () =>
    db
      .update(trackedTasks)
      .set({ nextCheckAt: sql`max(coalesce(${nextCheckAt}, 0), ${until})` })
      .where(and(isNull(untrackedAt), inArray(state, ["pending", "missing"])))
      .run(),
  );
}

/** How many of `ids` are in each of these states now. */
export function countStates(db: Database, ids: string[]): { pending: number; failed: number; missing: number } {
  const counts = { pending: 0, failed: 0, missing: 0 };
  const rows = db.all<{ state: keyof typeof counts; count: number }>(
    sql`select state, count(*) as count from tracked_tasks where task_id in (select value from json_each(${JSON.stringify(ids)})) group by state`,
  );
  for (const { state, count } of rows) if (state in counts) counts[state] = count;
  return counts;
}

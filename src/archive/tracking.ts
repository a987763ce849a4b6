import { count, eq, isNull, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { trackedTasks } from "../db/schema.ts";
import type { Journal } from "./journal/entry.ts";

export type Tracked = { added: number; alreadyTracked: number };

type Writer = { db: Database; journal: Journal };

/**
 * Tracks ids, so that they are mirrored. With `explicit` (the user named them) an earlier untrack is undone; ids that
 * were only found in a file do not undo it. Returns counts of distinct ids.
 */
export function track(
  { db, journal }: Writer,
  taskIds: string[],
  options: { source: string; now: number; explicit: boolean },
): Tracked {
  const { source, now, explicit } = options;
  const known = db
    .select({ untrackedAt: trackedTasks.untrackedAt })
    .from(trackedTasks)
    .where(eq(trackedTasks.taskId, sql.placeholder("id")))
    .prepare();
  const insert = db
    .insert(trackedTasks)
    .values({ taskId: sql.placeholder("id"), source, addedAt: now })
    .onConflictDoUpdate({ target: trackedTasks.taskId, set: { untrackedAt: null } })
    .prepare();
  return journal.write((append) => {
    const rows = new Map(taskIds.map((id) => [id, known.get({ id })]));
    const wanted = [...rows].filter(([, row]) => !row || (explicit && row.untrackedAt !== null)).map(([id]) => id);
    if (wanted.length > 0) append([{ type: "track", at: now, service: "producer", source, taskIds: wanted }], now);
    // In the order in which they will be fetched (due.ts), so that their rows are neighbours too.
    for (const id of wanted.toSorted()) insert.run({ id });
    return { added: wanted.length, alreadyTracked: rows.size - wanted.length };
  });
}

/** Counts which of `taskIds` would be added: not tracked yet, or untracked earlier. Writes nothing. */
export function planTracking(db: Database, taskIds: string[]): Tracked {
  const known = db
    .select({ untrackedAt: trackedTasks.untrackedAt })
    .from(trackedTasks)
    .where(eq(trackedTasks.taskId, sql.placeholder("id")))
    .prepare();
  const already = taskIds.filter((id) => known.get({ id })?.untrackedAt === null).length;
  return { added: taskIds.length - already, alreadyTracked: already };
}

/** Stops tracking ids; what is mirrored stays. `unknown` are the ids that were not tracked. */
export function untrack(
  { db, journal }: Writer,
  taskIds: string[],
  now: number,
): { untracked: number; unknown: string[] } {
  return journal.write((append) => {
    const ids = JSON.stringify(taskIds);
    const rows = db.all<{ id: string }>(sql`select task_id as id from tracked_tasks
      where untracked_at is null and task_id in (select value from json_each(${ids}))`);
    const active = new Set(rows.map(({ id }) => id));
    const wanted = [...new Set(taskIds)].filter((id) => active.has(id));
    if (wanted.length > 0) append([{ type: "untrack", at: now, taskIds: wanted }], now);
    db.run(sql`update tracked_tasks set untracked_at = ${now}
      where untracked_at is null and task_id in (select value from json_each(${ids}))`);
    return { untracked: wanted.length, unknown: taskIds.filter((id) => !active.has(id)) };
  });
}

/** Tracked ids that the API was asked for and never answered for. A task that is mirrored is none of them, whatever came later. */
export function neverAnswered(db: Database): string[] {
  const rows = db.all<{ id: string }>(sql`select task_id as id from tracked_tasks
    where untracked_at is null and (state = 'missing' or not_seen > 0)
      and task_id not in (select id from tasks) order by task_id`);
  return rows.map(({ id }) => id);
}

/** True when `taskId` is tracked and was not untracked later. */
export function isTracked(db: Database, taskId: string): boolean {
  const row = db
    .select({ untrackedAt: trackedTasks.untrackedAt })
    .from(trackedTasks)
    .where(eq(trackedTasks.taskId, taskId))
    .get();
  return row?.untrackedAt === null;
}

/** How many ids are tracked now. */
export function countTracked(db: Database): number {
  return db.select({ count: count() }).from(trackedTasks).where(isNull(trackedTasks.untrackedAt)).get()?.count ?? 0;
}

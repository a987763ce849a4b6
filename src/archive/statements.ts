import { and, count, desc, eq, getTableColumns, isNull, sql, type Placeholder } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "../db/connection.ts";
import { assets, clips, taskClips, taskDocuments, tasks, trackedTasks } from "../db/schema.ts";

/** The statements of saving records, built once for a connection: drizzle makes its SQL anew at every call otherwise. */
export function prepareStatements(db: Database) {
  const id = sql.placeholder("id");
  return {
    task: db.select().from(tasks).where(eq(tasks.id, id)).prepare(),
    insertTask: db.insert(tasks).values(allColumns<typeof tasks.$inferInsert>(tasks)).prepare(),
    updateTask: db.update(tasks).set(allColumns(tasks, "id")).where(eq(tasks.id, id)).prepare(),
    latestDocument: db
      .select()
      .from(taskDocuments)
      .where(eq(taskDocuments.taskId, id))
      .orderBy(desc(taskDocuments.version))
      .limit(1)
      .prepare(),
    documentBySha256: db
      .select({ version: taskDocuments.version, kind: taskDocuments.kind })
      .from(taskDocuments)
      .where(and(eq(taskDocuments.taskId, id), eq(taskDocuments.sha256, sql.placeholder("sha256"))))
      .prepare(),
    insertDocument: db.insert(taskDocuments).values(allColumns<typeof taskDocuments.$inferInsert>(taskDocuments)).prepare(),
    clip: db.select().from(clips).where(eq(clips.id, id)).prepare(),
    insertClip: db.insert(clips).values(allColumns<typeof clips.$inferInsert>(clips, "rowidKey")).prepare(),
    updateClip: db.update(clips).set(allColumns(clips, "rowidKey", "id")).where(eq(clips.id, id)).prepare(),
    placeClip: db
      .insert(taskClips)
      .values(allColumns<typeof taskClips.$inferInsert>(taskClips))
      .onConflictDoUpdate({ target: [taskClips.taskId, taskClips.position], set: { clipId: sql`excluded.clip_id` } })
      .prepare(),
    clipAsset: db
      .select({ id: assets.id, url: assets.url, state: assets.state })
      .from(assets)
      .where(and(eq(assets.clipId, sql.placeholder("clipId")), eq(assets.kind, sql.placeholder("kind"))))
      .prepare(),
    taskAsset: db
      .select({ id: assets.id, url: assets.url, state: assets.state })
      .from(assets)
      .where(and(isNull(assets.clipId), eq(assets.taskId, sql.placeholder("taskId")), eq(assets.kind, sql.placeholder("kind"))))
      .prepare(),
    storedAssets: db
      .select({ count: count() })
      .from(assets)
      .where(and(eq(assets.taskId, id), eq(assets.state, "stored")))
      .prepare(),
    insertAsset: db
      .insert(assets)
      .values({
        taskId: sql.placeholder("taskId"),
        clipId: sql.placeholder("clipId"),
        kind: sql.placeholder("kind"),
        url: sql.placeholder("url"),
      })
      .prepare(),
    moveAsset: db
      .update(assets)
      .set({
        url: sql`${sql.placeholder("url")}`,
        state: sql`case when state = 'stored' then 'stored' else 'wanted' end`,
        nextAttemptAt: null,
        misses: 0,
        firstMissAt: null,
      })
      .where(eq(assets.id, id))
      .prepare(),
    hasRecord: db
      .select({ version: taskDocuments.version })
      .from(taskDocuments)
      .where(and(eq(taskDocuments.taskId, id), eq(taskDocuments.kind, "record")))
      .limit(1)
      .prepare(),
    answered: db
      .update(trackedTasks)
      .set({
        state: sql`${sql.placeholder("state")}`,
        attempts: sql`attempts + 1`,
        notSeen: 0,
        missingSince: null,
        lastCheckedAt: sql`${sql.placeholder("now")}`,
        nextCheckAt: sql`${sql.placeholder("nextCheckAt")}`,
        lastError: sql`${sql.placeholder("lastError")}`,
      })
      .where(eq(trackedTasks.taskId, id))
      .prepare(),
  };
}

export type Statements = ReturnType<typeof prepareStatements>;

function allColumns<Row>(table: SQLiteTable, ...except: string[]): Row {
  const names = Object.keys(getTableColumns(table)).filter((name) => !except.includes(name));
  return Object.fromEntries(names.map((name) => [name, sql.placeholder(name)] as [string, Placeholder])) as Row;
}

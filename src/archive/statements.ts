import { and, count, desc, eq, getTableColumns, isNotNull, isNull, sql, type Placeholder, type SQL } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import type { Database } from "../db/connection.ts";
import { assets, clips, taskClips, taskDocuments, tasks, trackedTasks } from "../db/schema.ts";
import { compileStatement } from "./compile.ts";

/** The statements that save records, prepared once per connection: otherwise drizzle builds its SQL again at each call. */
export function prepareStatements(db: Database) {
  return { ...prepareReads(db), ...prepareWrites(db), ...prepareAssetWrites(db) };
}

export type Statements = ReturnType<typeof prepareStatements>;

function prepareReads(db: Database) {
  const id = sql.placeholder("id");
  const { version, kind, document } = getTableColumns(taskDocuments);
  const versions = db.select({ version: taskDocuments.version }).from(taskDocuments);
  const isKnown = db.$client.prepare<[string], number>("select 1 from tasks where id = ?").pluck();
  const isPurged = db.$client
    .prepare<[string, string], number>(
      `select min(purged_at is not null) from clips
        where task_id = ? or id in (select clip_id from task_clips where task_clips.task_id = ?)`,
    )
    .pluck();
  const purgedClips = db.$client
    .prepare<[], string>("select id from clips where removed_at is not null and purged_at is not null")
    .pluck();
  return {
    /** Much cheaper than reading the row, which a new task does not have. */
    isKnown: (taskId: string) => isKnown.get(taskId) !== undefined,
    task: db.select().from(tasks).where(eq(tasks.id, id)).prepare(),
    /** The current version, then the newest ones; at most 8, since more are not worth comparing. */
    documents: db
      .select({ version, kind, document })
      .from(taskDocuments)
      .where(eq(taskDocuments.taskId, id))
      .orderBy(desc(sql`${version} = ${sql.placeholder("current")}`), desc(version))
      .limit(8)
      .prepare(),
    documentKind: db
      .select({ kind })
      .from(taskDocuments)
      .where(and(eq(taskDocuments.taskId, id), eq(version, sql.placeholder("version"))))
      .prepare(),
    documentBySha256: versions
      .where(and(eq(taskDocuments.taskId, id), eq(taskDocuments.sha256, sql.placeholder("sha256"))))
      .prepare(),
    hasRecord: db
      .select({ version: taskDocuments.version })
      .from(taskDocuments)
      .where(and(eq(taskDocuments.taskId, id), eq(taskDocuments.kind, "record")))
      .limit(1)
      .prepare(),
    clip: db.select().from(clips).where(eq(clips.id, id)).prepare(),
    clipsOf: db
      .select(getTableColumns(clips))
      .from(taskClips)
      .innerJoin(clips, eq(clips.id, taskClips.clipId))
      .where(eq(taskClips.taskId, id))
      .prepare(),
    assetsOf: db
      .select({ clipId: assets.clipId, kind: assets.kind })
      .from(assets)
      .where(eq(assets.taskId, id))
      .prepare(),
    /** True when every clip that the task shows or brought is purged. */
    isPurged: (taskId: string) => isPurged.get(taskId, taskId) === 1,
    purgedClips,
    storedAssets: db
      .select({ count: count() })
      .from(assets)
      .where(and(eq(assets.taskId, id), eq(assets.state, "stored")))
      .prepare(),
  };
}

function prepareWrites(db: Database) {
  const id = sql.placeholder("id");
  return {
    insertTask: compileStatement(db, db.insert(tasks).values(allColumns(tasks))),
    updateTask: compileStatement(db, db.update(tasks).set(allColumns(tasks, "id")).where(eq(tasks.id, id))),
    insertDocument: compileStatement(db, db.insert(taskDocuments).values(allColumns(taskDocuments))),
    /** Changes nothing when the clip is already known. */
    insertClip: compileStatement(
      db,
      db.insert(clips).values(allColumns(clips, "rowidKey")).onConflictDoNothing({ target: clips.id }),
    ),
    updateClip: compileStatement(
      db,
      db
        .update(clips)
        .set(allColumns(clips, "rowidKey", "id"))
        .where(eq(clips.id, id)),
    ),
    linkClip: compileStatement(
      db,
      db
        .insert(taskClips)
        .values(allColumns(taskClips))
        .onConflictDoUpdate({ target: [taskClips.taskId, taskClips.position], set: { clipId: sql`excluded.clip_id` } }),
    ),
    updateTrackedAnswer: compileStatement(
      db,
      db
        .update(trackedTasks)
        .set({
          state: value("state"),
          attempts: sql`attempts + 1`,
          notSeen: 0,
          missingSince: null,
          lastCheckedAt: value("now"),
          nextCheckAt: value("nextCheckAt"),
          lastError: null,
        })
        .where(eq(trackedTasks.taskId, id)),
    ),
    /** For a result that did not come from the API: attempts do not count, since the record is still to be fetched. */
    updateTrackedState: compileStatement(
      db,
      db
        .update(trackedTasks)
        .set({ state: value("state"), nextCheckAt: value("nextCheckAt") })
        .where(eq(trackedTasks.taskId, id)),
    ),
  };
}

/** A changed URL replaces the old one; a stored file stays stored, since only its address changed. */
function prepareAssetWrites(db: Database) {
  // A file of a removed clip is not wanted, whatever its URL.
  const removedAt = sql`(select removed_at from clips where id = ${sql.placeholder("clipId")})`;
  const values = { ...placeholders<typeof assets.$inferInsert>(["taskId", "clipId", "kind", "url"]), removedAt };
  const set = {
    url: sql`excluded.url`,
    state: sql`case when ${assets.state} = 'stored' or ${assets.removedAt} is not null then ${assets.state} else 'wanted' end`,
    nextAttemptAt: null,
    misses: 0,
    firstMissAt: null,
  };
  const setWhere = sql`${assets.url} <> excluded.url`;
  const ofClip = { target: [assets.clipId, assets.kind], targetWhere: isNotNull(assets.clipId), set, setWhere };
  const ofTask = { target: [assets.taskId, assets.kind], targetWhere: isNull(assets.clipId), set, setWhere };
  return {
    saveClipAsset: compileStatement(db, db.insert(assets).values(values).onConflictDoUpdate(ofClip)),
    saveTaskAsset: compileStatement(db, db.insert(assets).values(values).onConflictDoUpdate(ofTask)),
  };
}

function value(name: string): SQL {
  return sql`${sql.placeholder(name)}`;
}

function allColumns<Table extends SQLiteTable>(table: Table, ...except: string[]): Table["$inferInsert"] {
  return placeholders(Object.keys(getTableColumns(table)).filter((name) => !except.includes(name)));
}

function placeholders<Row>(names: string[]): Row {
  return Object.fromEntries(names.map((name) => [name, sql.placeholder(name)] as [string, Placeholder])) as Row;
}

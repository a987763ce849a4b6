import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { markPurged } from "../archive/removals.ts";
import { purgeFromJournal } from "../archive/journal/purge.ts";
import { untrack } from "../archive/tracking.ts";
import { write } from "../archive/transaction.ts";
import { removeUnreadable } from "../archive/unreadable.ts";
import type { Database } from "../db/connection.ts";
import { clips, taskClips, taskDocuments, tasks } from "../db/schema.ts";
import { mapRecord } from "../record/map.ts";
import { redactDocument } from "../record/redact.ts";
import { readRecord, readResult } from "../record/wire.ts";
import { purgeFiles } from "./purge-files.ts";
import { removeClips, type RemoveDeps } from "./remove.ts";

export type PurgedClips = {
  clips: number;
  files: number;
  documents: number;
  /** Locations where copies may still exist: backups, older databases, former homes. */
  stillIn: string[];
};

/**
 * Removes clips for good: deletes their files, blanks their texts in rows, documents, journal and full-text index, and
 * overwrites their former pages in the database file. A task whose clips are all purged is not fetched again. Other copies
 * are listed, not changed. The caller holds the lock. To complete a killed purge, run it again. Throws DiskError.
 */
export async function purgeClips(deps: RemoveDeps, clipIds: string[]): Promise<PurgedClips> {
  const stillIn = findOtherCopies(deps);
  await removeClips(deps, clipIds);
  const files = await purgeFiles(deps, clipIds);
  const client = deps.db.$client;
  client.pragma("secure_delete = on");
  const documents = blankTexts(deps, clipIds);
  removeUnreadable(deps.home, clipIds);
  client.exec("insert into clips_fts (clips_fts) values ('optimize')");
  client.exec("vacuum");
  client.pragma("wal_checkpoint(truncate)");
  return { clips: clipIds.length, files, documents, stillIn };
}

/**
 * Where purged texts and files may still exist, sorted: each location where a backup was started, whether or not it was
 * completed, older databases in the home, homes that a restore moved aside, and what is staged for a backup.
 */
function findOtherCopies({ db, home }: Pick<RemoveDeps, "db" | "home">): string[] {
  const backups = db.all<{ location: string }>(sql`select location from copies union select location from backups`);
  const inHome = readdirSync(home).filter((name) => name.startsWith("archive.db.before-") || name === "backup-staging");
  const beside = namesIn(dirname(home)).filter((name) => name.startsWith(`${basename(home)}.before-restore-`));
  return [
    ...backups.map(({ location }) => location),
    ...inHome.map((name) => join(home, name)),
    ...beside.map((name) => join(dirname(home), name)),
  ].toSorted();
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function blankTexts({ db, journal, home, now }: RemoveDeps, clipIds: string[]): number {
  return write(db, () => {
    const plan = planTasks(db, clipIds);
    const redact = (taskId: string, document: string) => redactDocument(document, taskId, plan.get(taskId)?.only);
    purgeFromJournal(home, { taskIds: new Set(plan.keys()), clipIds: new Set(clipIds), redact });
    let documents = 0;
    for (const [taskId, { only }] of plan) documents += blankTask(db, taskId, only, redact);
    markPurged({ db, journal }, clipIds, now());
    untrack(
      { db, journal },
      [...plan].filter(([, { only }]) => !only).map(([id]) => id),
      now(),
    );
    return documents;
  });
}

/**
 * The tasks that contain one of the clips, now or in an older version. `only`: the ids of the clips to blank in the task's
 * documents; undefined when the whole task is blanked, because all of its clips are purged.
 */
function planTasks(db: Database, clipIds: string[]): Map<string, { only: string[] | undefined }> {
  const purged = new Set(clipIds);
  return new Map(
    tasksThatMention(db, clipIds).map((taskId) => {
      const clipsOfTask = db
        .select({ id: clips.id, purgedAt: clips.purgedAt })
        .from(taskClips)
        .innerJoin(clips, eq(clips.id, taskClips.clipId))
        .where(eq(taskClips.taskId, taskId))
        .all();
      const isWhole =
        clipsOfTask.length > 0 && clipsOfTask.every(({ id, purgedAt }) => purged.has(id) || purgedAt !== null);
      return [taskId, { only: isWhole ? undefined : clipIds }];
    }),
  );
}

function tasksThatMention(db: Database, clipIds: string[]): string[] {
  const rows = db.all<{ id: string }>(sql`
    with gone as (select value as id from json_each(${JSON.stringify(clipIds)}))
    select task_id as id from task_clips where clip_id in (select id from gone)
    union select task_id from task_documents join gone on instr(document, gone.id) > 0`);
  return rows.map(({ id }) => id);
}

type Redact = (taskId: string, document: string) => string;

/** Blanks all versions. When the whole task is blanked, its row is mapped from the current version again. Returns the versions. */
function blankTask(db: Database, taskId: string, only: string[] | undefined, redact: Redact): number {
  const versions = db.select().from(taskDocuments).where(eq(taskDocuments.taskId, taskId)).all();
  for (const { version, document } of versions) {
    const text = redact(taskId, document);
    const sha256 = createHash("sha256").update(text).digest("hex");
    const row = sql`${taskDocuments.taskId} = ${taskId} and ${taskDocuments.version} = ${version}`;
    db.update(taskDocuments).set({ document: text, sha256 }).where(row).run();
  }
  const task = db.select().from(tasks).where(eq(tasks.id, taskId)).get();
  const current = versions.find(({ version }) => version === task?.documentVersion);
  if (only || !current) return versions.length;
  const text = redact(taskId, current.document);
  const reading = current.kind === "record" ? readRecord(text) : readResult(taskId, text);
  if ("record" in reading) {
    const { task: row } = mapRecord({ ...reading.record, id: taskId }, current.kind === "result");
    db.update(tasks).set(row).where(eq(tasks.id, taskId)).run();
  }
  return versions.length;
}

import { createHash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { markPurged } from "../archive/removals.ts";
import { purgeFromJournal } from "../archive/journal/rewrite.ts";
import { untrack } from "../archive/tracking.ts";
import { write } from "../archive/transaction.ts";
import { removeUnreadable } from "../archive/unreadable.ts";
import type { Database } from "../db/connection.ts";
import { clips, taskClips, taskDocuments, tasks } from "../db/schema.ts";
import { mapRecord } from "../record/map.ts";
import { redactDocument } from "../record/redact.ts";
import { readRecord, readResult } from "../record/wire.ts";
import { otherCopies } from "./purge-copies.ts";
import { purgeFiles } from "./purge-files.ts";
import { removeClips, type RemoveDeps } from "./remove.ts";

export type Purged = {
  clips: number;
  files: number;
  documents: number;
  /** Where copies may still be; see purge-copies.ts. */
  stillIn: string[];
};

/**
 * Takes clips out for good: their files are removed, their texts blanked in rows, documents, journal and full-text index,
 * and what the database file held of them is overwritten. A task whose every clip is purged is not asked for again. Copies
 * elsewhere are named, not touched. The caller holds the lock; a killed one is finished by running it again.
 */
export async function purgeClips(deps: RemoveDeps, clipIds: string[]): Promise<Purged> {
  const stillIn = otherCopies(deps);
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
 * For each task that shows one of the clips, or did in any version that is kept: `only` these entries are blanked, or
 * (undefined) all of it, when all that it shows is purged.
 */
function planTasks(db: Database, clipIds: string[]): Map<string, { only: string[] | undefined }> {
  const gone = new Set(clipIds);
  return new Map(
    tasksThatTell(db, clipIds).map((taskId) => {
      const shown = db
        .select({ id: clips.id, purgedAt: clips.purgedAt })
        .from(taskClips)
        .innerJoin(clips, eq(clips.id, taskClips.clipId))
        .where(eq(taskClips.taskId, taskId))
        .all();
      const isWhole = shown.length > 0 && shown.every(({ id, purgedAt }) => gone.has(id) || purgedAt !== null);
      return [taskId, { only: isWhole ? undefined : clipIds }];
    }),
  );
}

function tasksThatTell(db: Database, clipIds: string[]): string[] {
  const rows = db.all<{ id: string }>(sql`
    with gone as (select value as id from json_each(${JSON.stringify(clipIds)}))
    select task_id as id from task_clips where clip_id in (select id from gone)
    union select task_id from task_documents join gone on instr(document, gone.id) > 0`);
  return rows.map(({ id }) => id);
}

type Redact = (taskId: string, document: string) => string;

/** Blanks the kept versions, and reads the rows of a task that is blanked whole from its current one again. */
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

import { hash } from "node:crypto";
import { and, eq, inArray, or, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { assets, clipMarks, clips, clipTags, taskClips, taskDocuments, tasks } from "../db/schema.ts";
import { titleKeyOf } from "../db/title-keys.ts";
import { mapRecord } from "../record/map.ts";
import { redactDocument } from "../record/redact.ts";
import { readRecord, readResult } from "../record/wire.ts";
import type { Journal } from "./journal/entry.ts";
import { removeFromPlaylists } from "./marks/playlist-rows.ts";

export type PurgedTexts = {
  /** Every task whose documents name one of the clips. */
  taskIds: string[];
  /** Tasks of which no clip is left. */
  emptyTaskIds: string[];
  /** Versions of records that were blanked. */
  documents: number;
  /** A document of one of the tasks without what was purged. */
  redact(taskId: string, document: string): string;
};

const NO_TEXTS = { title: null, titleKey: null, lyric: null, prompt: null, style: null, sound: null, topic: null };

/**
 * Purges clips in the database: blanks their texts in rows and in all versions of their records, deletes their tags and
 * marks, takes them off the playlists, and notes the purge, so that no later record fills them again.
 */
export function purgeTexts(
  { db, journal }: { db: Database; journal: Journal },
  clipIds: string[],
  now: number,
): PurgedTexts {
  return journal.write((append) => {
    append([{ type: "purge", at: now, clipIds }], now);
    const plan = planTasks(db, clipIds);
    const redact = (taskId: string, document: string) => redactDocument(document, taskId, plan.get(taskId)?.only);
    let documents = 0;
    for (const [taskId, { only }] of plan) documents += blankTask(db, taskId, only, redact);
    db.update(clips)
      .set({ ...NO_TEXTS, purgedAt: now })
      .where(inArray(clips.id, clipIds))
      .run();
    db.update(assets).set({ trashPath: null }).where(inArray(assets.clipId, clipIds)).run();
    db.delete(clipTags).where(inArray(clipTags.clipId, clipIds)).run();
    db.delete(clipMarks).where(inArray(clipMarks.clipId, clipIds)).run();
    removeFromPlaylists(db, clipIds);
    const emptyTaskIds = [...plan].filter(([, { only }]) => !only).map(([id]) => id);
    return { taskIds: [...plan.keys()], emptyTaskIds, documents, redact };
  });
}

/**
 * The tasks that contain one of the clips, now or in an older version. `only`: the ids of the clips to blank in the task's
 * documents; undefined when the whole task is blanked, because all clips that it ever had are purged.
 */
function planTasks(db: Database, clipIds: string[]): Map<string, { only: string[] | undefined }> {
  const purged = new Set(clipIds);
  return new Map(
    tasksThatMention(db, clipIds).map((taskId) => {
      const all = clipsEverIn(db, taskId);
      const isWhole = all.length > 0 && all.every(({ id, purgedAt }) => purged.has(id) || purgedAt !== null);
      return [taskId, { only: isWhole ? undefined : clipIds }];
    }),
  );
}

/** The clips of all versions of a task: one that the newest no longer shows is a song all the same. */
function clipsEverIn(db: Database, taskId: string): { id: string; purgedAt: number | null }[] {
  const versions = db.select().from(taskDocuments).where(eq(taskDocuments.taskId, taskId)).all();
  const ids = versions.flatMap(({ kind, document }) => {
    const reading = kind === "record" ? readRecord(document) : readResult(taskId, document);
    return "record" in reading ? mapRecord({ ...reading.record, id: taskId }, kind === "result").clips : [];
  });
  return db
    .select({ id: clips.id, purgedAt: clips.purgedAt })
    .from(clips)
    .where(
      or(
        eq(clips.taskId, taskId),
        inArray(clips.id, db.select({ id: taskClips.clipId }).from(taskClips).where(eq(taskClips.taskId, taskId))),
        inArray(clips.id, [...new Set(ids.map(({ id }) => id))]),
      ),
    )
    .all();
}

function tasksThatMention(db: Database, clipIds: string[]): string[] {
  const rows = db.all<{ id: string }>(sql`
    with gone as (select value as id from json_each(${JSON.stringify(clipIds)}))
    select task_id as id from task_clips where clip_id in (select id from gone)
    union select task_id from task_documents join gone on instr(document, gone.id) > 0`);
  return rows.map(({ id }) => id);
}

type Redact = PurgedTexts["redact"];

/** Blanks all versions. When the whole task is blanked, its row is mapped from the current version again. Returns the versions. */
function blankTask(db: Database, taskId: string, only: string[] | undefined, redact: Redact): number {
  const versions = db.select().from(taskDocuments).where(eq(taskDocuments.taskId, taskId)).all();
  for (const { version, document } of versions) {
    const text = redact(taskId, document);
    db.update(taskDocuments)
      .set({ document: text, sha256: hash("sha256", text) })
      .where(and(eq(taskDocuments.taskId, taskId), eq(taskDocuments.version, version)))
      .run();
  }
  const task = db.select().from(tasks).where(eq(tasks.id, taskId)).get();
  const current = versions.find(({ version }) => version === task?.documentVersion);
  if (only || !current) return versions.length;
  const text = redact(taskId, current.document);
  const reading = current.kind === "record" ? readRecord(text) : readResult(taskId, text);
  if ("record" in reading) {
    const { task: row } = mapRecord({ ...reading.record, id: taskId }, current.kind === "result");
    db.update(tasks)
      .set({ ...row, titleKey: titleKeyOf(row.title) })
      .where(eq(tasks.id, taskId))
      .run();
  }
  return versions.length;
}

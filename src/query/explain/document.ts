import { and, eq } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clips, taskDocuments, tasks } from "../../db/schema.ts";
import { UsageError } from "../../lib/errors.ts";
import { hideCallbackSecrets } from "../../lib/text/callback-secret.ts";
import { findId } from "../find-id.ts";

/** The current version of a task's document, as exact text; only the secret of a callback address of ours is hidden. */
export type CurrentDocument = { taskId: string; type: string | null; kind: string; document: string };

/** The current document of a task, or of the task that first brought a clip, by an id or the beginning of one. Throws UsageError. */
export function currentDocument(db: Database, id: string): CurrentDocument {
  const found = findId(db, id);
  const taskId = found.kind === "task" ? found.id : taskOfClip(db, found.id);
  const row = db
    .select({ taskId: tasks.id, type: tasks.type, kind: taskDocuments.kind, document: taskDocuments.document })
    .from(tasks)
    .innerJoin(taskDocuments, and(eq(taskDocuments.taskId, tasks.id), eq(taskDocuments.version, tasks.documentVersion)))
    .where(eq(tasks.id, taskId))
    .get();
  if (row) return { ...row, document: hideCallbackSecrets(row.document) };
  throw new UsageError(`task ${taskId} has no document yet`, {
    code: "no_document",
    hint: "run `producer-mirror sync`",
  });
}

function taskOfClip(db: Database, clipId: string): string {
  return db.select({ taskId: clips.taskId }).from(clips).where(eq(clips.id, clipId)).get()?.taskId ?? clipId;
}

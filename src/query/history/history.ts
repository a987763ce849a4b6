import { asc, eq } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clips, taskDocuments, tasks } from "../../db/schema.ts";
import { hideCallbackSecrets } from "../../lib/text/callback-secret.ts";
import { isoTime } from "../../lib/time/dates.ts";
import { findId, type FoundId } from "../find-id.ts";
import { differences, type Difference } from "./differences.ts";

export type Version = {
  version: number;
  /** record, or result: the body of a synchronous answer or callback. */
  kind: string;
  fetchedAt: string | null;
  sha256: string;
  /** True for the version that the columns of the task come from. */
  current: boolean;
  /** The version of the same kind that this one is compared with; null for the first of its kind. */
  against: number | null;
  differences: Difference[];
};

/** `kind` and `id` are what was asked for; the versions belong to the task, for a clip to the task that first brought it. */
export type History = FoundId & { taskId: string; versions: Version[] };

/** The saved versions of a record and the differences from one to the next; none before the first record. Throws UsageError. */
export function history(db: Database, id: string): History {
  const found = findId(db, id);
  const taskId = found.kind === "task" ? found.id : taskOf(db, found.id);
  const current = db.select({ version: tasks.documentVersion }).from(tasks).where(eq(tasks.id, taskId)).get()?.version;
  const rows = db
    .select()
    .from(taskDocuments)
    .where(eq(taskDocuments.taskId, taskId))
    .orderBy(asc(taskDocuments.version))
    .all();
  const latest = new Map<string, (typeof rows)[number]>();
  const versions = rows.map((row): Version => {
    const { version, kind, sha256, fetchedAt, document } = row;
    const before = latest.get(kind);
    latest.set(kind, row);
    return {
      version,
      kind,
      fetchedAt: isoTime(fetchedAt),
      sha256,
      current: version === current,
      against: before?.version ?? null,
      differences: before ? differences(hideCallbackSecrets(before.document), hideCallbackSecrets(document)) : [],
    };
  });
  return { ...found, taskId, versions };
}

function taskOf(db: Database, clipId: string): string {
  return db.select({ taskId: clips.taskId }).from(clips).where(eq(clips.id, clipId)).get()?.taskId ?? clipId;
}

import { and, eq } from "drizzle-orm";
import { isPrimary, type DocumentEntry } from "../../archive/journal/journal.ts";
import { readJournal } from "../../archive/journal/read.ts";
import { write } from "../../archive/transaction.ts";
import type { Database } from "../../db/connection.ts";
import { taskDocuments, tasks } from "../../db/schema.ts";
import type { DatabaseCheckDeps, TaskProblems } from "../database/check-contents.ts";
import { matchesDigest } from "../database/journal-contents.ts";

/** Restores damaged and missing documents from the journal. Returns the changes made, in one line or none. */
export function repairDocuments({ db, home, signal }: DatabaseCheckDeps, problems: TaskProblems[]): string[] {
  if (problems.length === 0) return [];
  const lines = documentLines(home, new Set(problems.map(({ task }) => task.id)), signal);
  const count = write(db, () =>
    problems.reduce((sum, one) => sum + repairTaskDocuments(db, one, lines.get(one.task.id) ?? []), 0),
  );
  return count > 0 ? [`${count} ${count === 1 ? "document was" : "documents were"} restored from the journal`] : [];
}

/** The undamaged document lines of these tasks, oldest first. Throws the signal's reason. */
export function documentLines(home: string, ids: Set<string>, signal: AbortSignal): Map<string, DocumentEntry[]> {
  const found = new Map<string, DocumentEntry[]>();
  for (const line of readJournal(home)) {
    signal.throwIfAborted();
    if (!("entry" in line) || line.entry.type !== "document") continue;
    const { entry } = line;
    if (!ids.has(entry.taskId) || !matchesDigest(entry)) continue;
    found.set(entry.taskId, [...(found.get(entry.taskId) ?? []), entry]);
  }
  return found;
}

function repairTaskDocuments(
  db: Database,
  { task, damagedDocuments, lacksCurrentDocument }: TaskProblems,
  lines: DocumentEntry[],
): number {
  const restored = damagedDocuments.flatMap((row) => {
    const line = lines.find(({ sha256, kind }) => sha256 === row.sha256 && kind === row.kind);
    return line ? [{ ...row, document: line.document }] : [];
  });
  for (const { taskId, version, document } of restored) {
    const row = and(eq(taskDocuments.taskId, taskId), eq(taskDocuments.version, version));
    db.update(taskDocuments).set({ document }).where(row).run();
  }
  return restored.length + (lacksCurrentDocument ? restoreCurrent(db, task, lines) : 0);
}

/** The rows come from the last document of the task: it may have another version number, or be only in the journal. */
function restoreCurrent(db: Database, { id, documentVersion }: TaskProblems["task"], lines: DocumentEntry[]): number {
  const last = lines.findLast(isPrimary);
  if (!last) return 0;
  const { kind, sha256, document, at } = last;
  const existing = db
    .select({ version: taskDocuments.version })
    .from(taskDocuments)
    .where(and(eq(taskDocuments.taskId, id), eq(taskDocuments.sha256, sha256)))
    .get();
  if (existing) db.update(tasks).set({ documentVersion: existing.version }).where(eq(tasks.id, id)).run();
  else
    db.insert(taskDocuments)
      .values({ taskId: id, version: documentVersion, kind, fetchedAt: at, sha256, document })
      .run();
  return 1;
}

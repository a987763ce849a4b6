import { and, eq } from "drizzle-orm";
import type { JournalEntry } from "../../archive/journal/journal.ts";
import { readJournal } from "../../archive/journal/read.ts";
import { write } from "../../archive/transaction.ts";
import type { Database } from "../../db/connection.ts";
import { taskDocuments, tasks } from "../../db/schema.ts";
import type { Contents, TaskTrouble } from "../database/check-contents.ts";
import { fitsDigest } from "../database/journal-contents.ts";

export type DocumentLine = Extract<JournalEntry, { type: "document" }>;

/** Puts back texts that are damaged or away from the lines of the journal that have them. Says what it did. */
export function mendDocuments({ db, home, signal }: Contents, troubles: TaskTrouble[]): string[] {
  if (troubles.length === 0) return [];
  const lines = linesOf(home, new Set(troubles.map(({ task }) => task.id)), signal);
  const count = write(db, () => troubles.reduce((sum, one) => sum + mend(db, one, lines.get(one.task.id) ?? []), 0));
  return count > 0 ? [`${count} ${count === 1 ? "document was" : "documents were"} taken back from the journal`] : [];
}

/** The documents of these tasks that the journal has whole, oldest first. Throws the signal's reason. */
export function linesOf(home: string, ids: Set<string>, signal: AbortSignal): Map<string, DocumentLine[]> {
  const found = new Map<string, DocumentLine[]>();
  for (const line of readJournal(home)) {
    signal.throwIfAborted();
    if (!("entry" in line) || line.entry.type !== "document") continue;
    const { entry } = line;
    if (!ids.has(entry.taskId) || !fitsDigest(entry)) continue;
    found.set(entry.taskId, [...(found.get(entry.taskId) ?? []), entry]);
  }
  return found;
}

function mend(db: Database, { task, damaged, lacksCurrent }: TaskTrouble, lines: DocumentLine[]): number {
  const whole = damaged.flatMap((row) => {
    const line = lines.find(({ sha256, kind }) => sha256 === row.sha256 && kind === row.kind);
    return line ? [{ ...row, document: line.document }] : [];
  });
  for (const { taskId, version, document } of whole) {
    const row = and(eq(taskDocuments.taskId, taskId), eq(taskDocuments.version, version));
    db.update(taskDocuments).set({ document }).where(row).run();
  }
  return whole.length + (lacksCurrent ? bringCurrent(db, task, lines) : 0);
}

/** The text that came last is the one that the rows come from: kept under another version, or in the journal alone. */
function bringCurrent(db: Database, { id, documentVersion }: TaskTrouble["task"], lines: DocumentLine[]): number {
  const last = lines.findLast((line) => line.stands !== false);
  if (!last) return 0;
  const { kind, sha256, document, at } = last;
  const kept = db
    .select({ version: taskDocuments.version })
    .from(taskDocuments)
    .where(and(eq(taskDocuments.taskId, id), eq(taskDocuments.sha256, sha256)))
    .get();
  if (kept) db.update(tasks).set({ documentVersion: kept.version }).where(eq(tasks.id, id)).run();
  else
    db.insert(taskDocuments)
      .values({ taskId: id, version: documentVersion, kind, fetchedAt: at, sha256, document })
      .run();
  return 1;
}

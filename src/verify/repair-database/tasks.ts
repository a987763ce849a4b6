import { asc, inArray, notInArray } from "drizzle-orm";
import { isPrimary, type DocumentEntry } from "../../archive/journal/journal.ts";
import { prepareStatements } from "../../archive/statements.ts";
import { write } from "../../archive/transaction.ts";
import { taskDocuments, tasks, type TaskDocumentRow } from "../../db/schema.ts";
import type { DatabaseCheckDeps } from "../database/check-contents.ts";
import { mapDocument } from "../database/check-rows.ts";
import { documentLines } from "./documents.ts";

/** Creates the row of each task that has documents but no row, from its current document. Returns the changes made. */
export function repairTasks({ db, home, signal }: DatabaseCheckDeps): string[] {
  const orphans = db
    .selectDistinct({ id: taskDocuments.taskId })
    .from(taskDocuments)
    .where(notInArray(taskDocuments.taskId, db.select({ id: tasks.id }).from(tasks)))
    .all();
  if (orphans.length === 0) return [];
  const lines = documentLines(home, new Set(orphans.map(({ id }) => id)), signal);
  const { insertTask } = prepareStatements(db);
  const count = write(db, () => {
    let made = 0;
    for (const { id } of orphans) {
      const versions = db
        .select()
        .from(taskDocuments)
        .where(inArray(taskDocuments.taskId, [id]));
      const row = rowFrom(versions.orderBy(asc(taskDocuments.version)).all(), lines.get(id) ?? []);
      if (row === undefined) continue;
      insertTask.run(row);
      made++;
    }
    return made;
  });
  return count > 0 ? [`${count} ${count === 1 ? "task row was" : "task rows were"} created again from documents`] : [];
}

/** The journal has which version is current. Without it the newest version is taken. */
function rowFrom(versions: TaskDocumentRow[], lines: DocumentEntry[]) {
  const last = lines.findLast(isPrimary);
  const current = versions.find(({ sha256 }) => sha256 === last?.sha256) ?? versions.at(-1);
  const mapped = current && mapDocument(current.taskId, current.kind, current.document);
  if (!mapped) return undefined;
  const { version: documentVersion, fetchedAt: updatedAt } = current;
  const firstSeenAt = versions[0]?.fetchedAt ?? updatedAt;
  return { ...mapped.task, service: "producer", documentVersion, firstSeenAt, updatedAt };
}

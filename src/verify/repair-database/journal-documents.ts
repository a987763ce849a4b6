import { asc, eq, getTableColumns, sql } from "drizzle-orm";
import type { JournalEntry } from "../../archive/journal/journal.ts";
import type { JournalPosition } from "../../archive/journal/edit.ts";
import type { Database } from "../../db/connection.ts";
import { taskDocuments, tasks, type TaskDocumentRow } from "../../db/schema.ts";
import { documentKey, matchesDigest, type JournalContents } from "../database/journal-contents.ts";

/** A document that is missing from the journal. `behind`: the line that came before it, undefined when there is no line. */
export type MissingDocument = { behind: JournalPosition | undefined; entries(): JournalEntry[] };

type DocumentName = Omit<TaskDocumentRow, "document"> & { row: number };

/**
 * Documents that are missing from the journal, in the order in which they arrived. The order matters: it decides which
 * task contained a clip first, how versions are numbered, and which document is current. Damaged documents are left out.
 */
export function documentsMissingFromJournal(db: Database, { documents, first }: JournalContents): MissingDocument[] {
  const missing: MissingDocument[] = [];
  let behind = first;
  for (const name of documentNames(db)) {
    const position = documents.get(documentKey(name));
    // A line that is later than the document recorded that it became current again. Its first line is missing.
    if (position && position.at <= name.fetchedAt) behind = position;
    else if (readDocument(db, name)) missing.push({ behind, entries: () => linesOf(db, name) });
  }
  return missing;
}

/** In the order of arrival: rows are only ever added to this table, and neither VACUUM nor a restore reorders them. */
function documentNames(db: Database): Iterable<DocumentName> {
  const { document: _text, ...columns } = getTableColumns(taskDocuments);
  const names = db.select({ ...columns, row: sql<number>`rowid` }).from(taskDocuments);
  return names.orderBy(asc(sql`rowid`)).all();
}

function readDocument(db: Database, { row }: DocumentName): TaskDocumentRow | undefined {
  const document = db
    .select()
    .from(taskDocuments)
    .where(sql`rowid = ${row}`)
    .get();
  return document && matchesDigest(document) ? document : undefined;
}

/**
 * It may have been a further copy in one response, stored only as a version. That is not known any more. The line makes it
 * the current document, because less can be lost that way.
 */
function linesOf(db: Database, name: DocumentName): JournalEntry[] {
  const document = readDocument(db, name);
  const task = db.select({ service: tasks.service }).from(tasks).where(eq(tasks.id, name.taskId)).get();
  return document && task ? [toLine(task.service, document, document.fetchedAt)] : [];
}

/**
 * A line with the current document for each task whose last line in the journal has another document. A damaged line may
 * have recorded that an older document became current again.
 */
export function* currentDocumentLines(db: Database, { current: journaled }: JournalContents): Generator<JournalEntry> {
  const { id, service, documentVersion: version, updatedAt } = tasks;
  for (const task of db.select({ id, service, version, updatedAt }).from(tasks).all()) {
    const current = sql`task_id = ${task.id} and version = ${task.version}`;
    const { taskId, kind, sha256 } = taskDocuments;
    const name = db.select({ taskId, kind, sha256 }).from(taskDocuments).where(current).get();
    if (!name || journaled.get(task.id) === documentKey(name)) continue;
    const document = db.select().from(taskDocuments).where(current).get();
    if (document && matchesDigest(document)) yield toLine(task.service, document, task.updatedAt);
  }
}

function toLine(service: string, { taskId, kind, sha256, document }: TaskDocumentRow, at: number) {
  const form = kind === "result" ? "result" : "record";
  return { type: "document", at, service, taskId, kind: form, sha256, document } as const;
}

import { asc, eq, getTableColumns, sql } from "drizzle-orm";
import type { JournalEntry } from "../../archive/journal/journal.ts";
import type { LinePlace } from "../../archive/journal/mend.ts";
import type { Database } from "../../db/connection.ts";
import { taskDocuments, tasks, type TaskDocumentRow } from "../../db/schema.ts";
import { documentKey, fitsDigest, type JournalContents } from "../database/journal-contents.ts";

/** A document that the journal lacks, and the line behind which it once stood; undefined where there is no line at all. */
export type Lacking = { behind: LinePlace | undefined; entries(): JournalEntry[] };

type Name = Omit<TaskDocumentRow, "document"> & { row: number };

/**
 * Documents that the journal lacks, in the order in which they came: which clip a task brought first, how its versions are
 * counted and what a poorer one left standing follow from it. Damaged ones are left out.
 */
export function lackingDocuments(db: Database, { documents, first }: JournalContents): Lacking[] {
  const lacking: Lacking[] = [];
  let behind = first;
  for (const name of namesInOrder(db)) {
    const place = documents.get(documentKey(name));
    // One that is told later alone came into force again then, and its first line is lost.
    if (place && place.at <= name.fetchedAt) behind = place;
    else if (readDocument(db, name)) lacking.push({ behind, entries: () => linesOf(db, name) });
  }
  return lacking;
}

/** Rows of this table are only ever added, and neither VACUUM nor a restore changes their order. */
function namesInOrder(db: Database): Iterable<Name> {
  const { document: _text, ...columns } = getTableColumns(taskDocuments);
  const names = db.select({ ...columns, row: sql<number>`rowid` }).from(taskDocuments);
  return names.orderBy(asc(sql`rowid`)).all();
}

function readDocument(db: Database, { row }: Name): TaskDocumentRow | undefined {
  const document = db
    .select()
    .from(taskDocuments)
    .where(sql`rowid = ${row}`)
    .get();
  return document && fitsDigest(document) ? document : undefined;
}

/**
 * Whether it was a further copy of one answer, kept as a version and no more, is not known any more. It is told as one that
 * stands, since more could be lost otherwise.
 */
function linesOf(db: Database, name: Name): JournalEntry[] {
  const document = readDocument(db, name);
  const task = db.select({ service: tasks.service }).from(tasks).where(eq(tasks.id, name.taskId)).get();
  return document && task ? [toLine(task.service, document, document.fetchedAt)] : [];
}

/**
 * The current document once more of each task of which the journal tells another one last: where lines are damaged, one of
 * these may have said that an older one came into force again. What stands already is not changed by it.
 */
export function* standingAgain(db: Database, { standing }: JournalContents): Generator<JournalEntry> {
  const { id, service, documentVersion: version, updatedAt } = tasks;
  for (const task of db.select({ id, service, version, updatedAt }).from(tasks).all()) {
    const current = sql`task_id = ${task.id} and version = ${task.version}`;
    const { taskId, kind, sha256 } = taskDocuments;
    const name = db.select({ taskId, kind, sha256 }).from(taskDocuments).where(current).get();
    if (!name || standing.get(task.id) === documentKey(name)) continue;
    const document = db.select().from(taskDocuments).where(current).get();
    if (document && fitsDigest(document)) yield toLine(task.service, document, task.updatedAt);
  }
}

function toLine(service: string, { taskId, kind, sha256, document }: TaskDocumentRow, at: number) {
  const form = kind === "result" ? "result" : "record";
  return { type: "document", at, service, taskId, kind: form, sha256, document } as const;
}

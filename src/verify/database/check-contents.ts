import { setImmediate } from "node:timers/promises";
import { asc, eq, gt, sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { taskDocuments, tasks, type TaskDocumentRow, type TaskRow } from "../../db/schema.ts";
import { findFileConflicts } from "./check-file-rows.ts";
import { beginReadTransaction } from "../../archive/transaction.ts";
import { checkFullText } from "../../db/check-full-text.ts";
import { checkDatabase } from "../../db/check-pages.ts";
import { documentKey, matchesDigest, readJournalContents, type JournalContents } from "./journal-contents.ts";
import { missingFromJournal } from "./check-decisions.ts";
import { createRowCheck, mapDocument, type RowCheck, type RowProblem } from "./check-rows.ts";

/** Something wrong in the database, in one line. */
export type DatabaseProblem = {
  /** `pages`: found by SQLite itself; `index`: full text; `journal`: a missing or damaged line. */
  part: "pages" | "index" | "documents" | "rows" | "journal";
  text: string;
};

export type DatabaseCheckDeps = { db: Database; home: string; signal: AbortSignal };

/** `ok` when there are no problems. */
export type DatabaseReport = { ok: boolean; problems: DatabaseProblem[] };

/** What is wrong with one task. */
export type TaskProblems = {
  task: TaskRow;
  /** Documents whose text does not match their digest. */
  damagedDocuments: TaskDocumentRow[];
  /** True when the document that the rows come from is missing. */
  lacksCurrentDocument: boolean;
  /** Rows that differ from the current document. */
  rows: RowProblem[];
  /** Documents that are missing from the journal. */
  notInJournal: TaskDocumentRow[];
};

/** Problems listed for each part; the rest is counted. */
const MAX_LISTED = 20;
const PAGE = 100;

/**
 * Checks everything about the database: its pages first, and the contents of its tables only when the pages are sound.
 * Without `full` only the fast part: pages and rows as SQLite checks them, whether each task has its document and its
 * tracking, and whether each clip is indexed. Throws the database's own error when it cannot be read at all.
 */
export async function checkWholeDatabase(deps: DatabaseCheckDeps, full: boolean): Promise<DatabaseReport> {
  // The snapshot is taken before the journal is read. Lines come before their commit, so the journal then has every row.
  using _moment = beginReadTransaction(deps.db);
  const pages = checkDatabase(deps.db, full).map((text) => ({ part: "pages" as const, text }));
  const problems = pages.length > 0 ? pages : await checkContents(deps, full);
  return { ok: problems.length === 0, problems };
}

/**
 * Compares the full-text index with the clips. With `full` also each document with its digest, the rows with their
 * documents, and documents, file rows and decisions with the journal. Reads one task at a time. Ends early, without an
 * error, when the signal aborts.
 */
async function checkContents(deps: DatabaseCheckDeps, full: boolean): Promise<DatabaseProblem[]> {
  const { db, home, signal } = deps;
  const problems = new ProblemList();
  for (const text of checkFullText(db, full)) problems.add("index", text);
  if (!full) for (const text of findMissingRows(db)) problems.add("rows", text);
  if (!full || signal.aborted) return problems.list();
  const journal = readJournalContents(home, signal);
  for (const { text } of findFileConflicts(db, journal)) problems.add("rows", text);
  for (const { file, line, why } of journal.broken) problems.add("journal", `${file} line ${line}: ${why}`);
  for (const { text } of missingFromJournal(db, journal)) problems.add("journal", text);
  for await (const found of findTaskProblems(deps, journal)) {
    for (const { version } of found.damagedDocuments)
      problems.add("documents", `document ${version} of task ${found.task.id}: its text does not match its sha256`);
    if (found.lacksCurrentDocument) problems.add("documents", `task ${found.task.id}: its current document is missing`);
    for (const { text } of found.rows) problems.add("rows", text);
    for (const { version } of found.notInJournal)
      problems.add("journal", `document ${version} of task ${found.task.id}: it is missing from the journal`);
  }
  return problems.list();
}

/** Yields each task that has a problem. Ends early, without an error, when the signal aborts. */
export async function* findTaskProblems(
  { db, signal }: DatabaseCheckDeps,
  journal: JournalContents,
): AsyncGenerator<TaskProblems> {
  const checkRows = createRowCheck(db);
  const documentsOf = prepareDocuments(db);
  for (let after = "", page: TaskRow[]; (page = tasksAfter(db, after)).length > 0; after = page.at(-1)?.id ?? after) {
    // Lets a signal arrive between two pages.
    await setImmediate();
    for (const task of page) {
      if (signal.aborted) return;
      const found = checkTask(documentsOf, task, checkRows, journal);
      if (hasProblems(found)) yield found;
    }
  }
}

type DocumentsOf = ReturnType<typeof prepareDocuments>;

function prepareDocuments(db: Database) {
  return db
    .select()
    .from(taskDocuments)
    .where(eq(taskDocuments.taskId, sql.placeholder("id")))
    .prepare();
}

function checkTask(
  documentsOf: DocumentsOf,
  task: TaskRow,
  checkRows: RowCheck,
  journal: JournalContents,
): TaskProblems {
  const documents = documentsOf.all({ id: task.id });
  const damagedDocuments = documents.filter((row) => !matchesDigest(row));
  const current = documents.find(({ version }) => version === task.documentVersion);
  const mapped =
    current && !damagedDocuments.includes(current) ? mapDocument(task.id, current.kind, current.document) : undefined;
  return {
    task,
    damagedDocuments,
    lacksCurrentDocument: current === undefined,
    rows: mapped ? checkRows(task, mapped) : [],
    notInJournal: documents.filter(
      (row) => !damagedDocuments.includes(row) && !journal.documents.has(documentKey(row)),
    ),
  };
}

function hasProblems({ damagedDocuments, lacksCurrentDocument, rows, notInJournal }: TaskProblems): boolean {
  return lacksCurrentDocument || damagedDocuments.length + rows.length + notInJournal.length > 0;
}

function tasksAfter(db: Database, after: string): TaskRow[] {
  return db.select().from(tasks).where(gt(tasks.id, after)).orderBy(asc(tasks.id)).limit(PAGE).all();
}

/** The problems that the keys alone show. */
function findMissingRows(db: Database): string[] {
  const rows = db.all<{ id: string; problem: string }>(sql`
    select id, 'its current document is missing' as problem from tasks where not exists
      (select 1 from task_documents where task_id = tasks.id and version = document_version)
    union all
    select id, 'it is in the archive, but not tracked' from tasks where not exists
      (select 1 from tracked_tasks where task_id = tasks.id)
    limit ${MAX_LISTED + 1}`);
  return rows.map(({ id, problem }) => `task ${id}: ${problem}`);
}

class ProblemList {
  readonly #texts = new Map<DatabaseProblem["part"], string[]>();

  add(part: DatabaseProblem["part"], text: string): void {
    const texts = this.#texts.get(part) ?? [];
    texts.push(text);
    this.#texts.set(part, texts);
  }

  list(): DatabaseProblem[] {
    return [...this.#texts].flatMap(([part, texts]) => {
      const listed = texts.slice(0, MAX_LISTED).map((text) => ({ part, text }));
      const more = texts.length - listed.length;
      return more > 0 ? [...listed, { part, text: `and ${more} more` }] : listed;
    });
  }
}

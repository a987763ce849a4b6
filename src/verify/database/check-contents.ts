import { setImmediate } from "node:timers/promises";
import { asc, eq, gt, sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { taskDocuments, tasks, type TaskDocumentRow, type TaskRow } from "../../db/schema.ts";
import { strayFiles } from "./check-file-rows.ts";
import { checkIndex } from "../../db/check-full-text.ts";
import { documentKey, fitsDigest, readJournalContents, type JournalContents } from "./journal-contents.ts";
import { untoldMarks } from "./check-decisions.ts";
import { createRowCheck, mapDocument, type RowCheck, type RowTrouble } from "./check-rows.ts";

/** Something in the database that does not hold together, in one line. */
export type DatabaseProblem = {
  /** `pages`: what SQLite itself finds; `index`: full text; `journal`: what it lacks, or a line that says nothing. */
  part: "pages" | "index" | "documents" | "rows" | "journal";
  text: string;
};

export type Contents = { db: Database; home: string; signal: AbortSignal };

/** What is wrong with one task. */
export type TaskTrouble = {
  task: TaskRow;
  /** Kept texts that are not what their digest was taken of. */
  damaged: TaskDocumentRow[];
  /** True when the text that the rows come from is not there. */
  lacksCurrent: boolean;
  /** Rows that differ from the current document. */
  rows: RowTrouble[];
  /** Documents that the journal does not have. */
  notInJournal: TaskDocumentRow[];
};

/** So many of each part are listed; the rest is counted. */
const LISTED = 20;
const PAGE = 100;

/**
 * Holds the tables against each other: the full-text index against the clips, with `full` each kept document against its
 * digest, the rows against the documents that they come from, the documents and the rows of files against the journal; without it only
 * whether each task has its document and its tracking, and each clip its place in the index. Reads one task at a time.
 * The pages must be sound already (check-database.ts). Ends early, without an error, when the signal aborts.
 */
export async function checkContents(contents: Contents, full: boolean): Promise<DatabaseProblem[]> {
  const { db, home, signal } = contents;
  const problems = new Problems();
  for (const text of checkIndex(db, full)) problems.add("index", text);
  if (!full) for (const text of lackingRows(db)) problems.add("rows", text);
  if (!full || signal.aborted) return problems.list();
  const journal = readJournalContents(home, signal);
  for (const { text } of strayFiles(db, journal)) problems.add("rows", text);
  for (const { file, line, why } of journal.broken) problems.add("journal", `${file} line ${line}: ${why}`);
  for (const { text } of untoldMarks(db, journal)) problems.add("journal", text);
  for await (const trouble of findTroubles(contents, journal)) {
    for (const { version } of trouble.damaged)
      problems.add("documents", `document ${version} of task ${trouble.task.id}: it does not fit its sha256`);
    if (trouble.lacksCurrent)
      problems.add("documents", `task ${trouble.task.id}: the document of its rows is not there`);
    for (const { text } of trouble.rows) problems.add("rows", text);
    for (const { version } of trouble.notInJournal)
      problems.add("journal", `document ${version} of task ${trouble.task.id}: not in the journal`);
  }
  return problems.list();
}

/** The tasks with which something is wrong, one after the other. */
export async function* findTroubles({ db, signal }: Contents, journal: JournalContents): AsyncGenerator<TaskTrouble> {
  const checkRows = createRowCheck(db);
  const documentsOf = prepareDocuments(db);
  for (let after = "", page: TaskRow[]; (page = tasksAfter(db, after)).length > 0; after = page.at(-1)?.id ?? after) {
    // A person who wants it to stop is heard between two pages.
    await setImmediate();
    for (const task of page) {
      if (signal.aborted) return;
      const trouble = examine(documentsOf, task, checkRows, journal);
      if (hasTrouble(trouble)) yield trouble;
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

function examine(documentsOf: DocumentsOf, task: TaskRow, checkRows: RowCheck, journal: JournalContents): TaskTrouble {
  const documents = documentsOf.all({ id: task.id });
  const damaged = documents.filter((row) => !fitsDigest(row));
  const current = documents.find(({ version }) => version === task.documentVersion);
  const mapped =
    current && !damaged.includes(current) ? mapDocument(task.id, current.kind, current.document) : undefined;
  return {
    task,
    damaged,
    lacksCurrent: current === undefined,
    rows: mapped ? checkRows(task, mapped) : [],
    notInJournal: documents.filter((row) => !damaged.includes(row) && !journal.documents.has(documentKey(row))),
  };
}

function hasTrouble({ damaged, lacksCurrent, rows, notInJournal }: TaskTrouble): boolean {
  return lacksCurrent || damaged.length + rows.length + notInJournal.length > 0;
}

function tasksAfter(db: Database, after: string): TaskRow[] {
  return db.select().from(tasks).where(gt(tasks.id, after)).orderBy(asc(tasks.id)).limit(PAGE).all();
}

/** What a look at the keys alone shows. */
function lackingRows(db: Database): string[] {
  const rows = db.all<{ id: string; what: string }>(sql`
    select id, 'the document of its rows is not there' as what from tasks where not exists
      (select 1 from task_documents where task_id = tasks.id and version = document_version)
    union all
    select id, 'mirrored, and yet not tracked' from tasks where not exists
      (select 1 from tracked_tasks where task_id = tasks.id)
    limit ${LISTED + 1}`);
  return rows.map(({ id, what }) => `task ${id}: ${what}`);
}

class Problems {
  readonly #texts = new Map<DatabaseProblem["part"], string[]>();

  add(part: DatabaseProblem["part"], text: string): void {
    const texts = this.#texts.get(part) ?? [];
    texts.push(text);
    this.#texts.set(part, texts);
  }

  list(): DatabaseProblem[] {
    return [...this.#texts].flatMap(([part, texts]) => {
      const listed = texts.slice(0, LISTED).map((text) => ({ part, text }));
      const more = texts.length - listed.length;
      return more > 0 ? [...listed, { part, text: `and ${more} more` }] : listed;
    });
  }
}

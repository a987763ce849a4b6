import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { archiveFacts } from "../../archive/info.ts";
import { checkJournal, type JournalProblem } from "../../archive/journal/check.ts";
import { readHeld, type Held } from "../../archive/journal/held.ts";
import { journalFacts, journalProblems, replayJournal, type ReplayedJournal } from "../../archive/replay-journal.ts";
import { hasCurrentRules } from "../../archive/rules.ts";
import { beginReadTransaction } from "../../archive/transaction.ts";
import { buildArchiveFile } from "../../db/archive-file.ts";
import { checkFullText } from "../../db/check-full-text.ts";
import { checkPages, checkReferences } from "../../db/check-pages.ts";
import { connectScratch, type Database } from "../../db/connection.ts";
import { compareWithReplay, REPLAYED } from "./compare.ts";

/** Something wrong in the database, in one line. */
export type DatabaseProblem = {
  /** `pages`, `references`: found by SQLite itself, nothing is written then; `index`: full text; `songs`: differs from the journal; `journal`: its files. */
  part: "pages" | "references" | "index" | "songs" | "journal";
  text: string;
};

export type DatabaseCheckDeps = { db: Database; home: string; signal: AbortSignal };

/** Problems listed for each part; the rest is counted. */
const MAX_LISTED = 20;

/**
 * Checks the database by its definition: it is what a replay of its journal makes, with bookkeeping beside. Without `full`
 * only what costs little: its pages, the full-text index, whether each task has its record and its tracking, and how much
 * of the journal it holds. Nothing else is looked at when the pages are damaged. With `full` the journal is replayed into
 * a temporary database, as far as this one holds it, and all songs are compared, unless other rules than this program's made
 * them. Throws the database's own error when it
 * cannot be read at all, and ends early when the signal aborts.
 */
export async function checkWholeDatabase(deps: DatabaseCheckDeps, full: boolean): Promise<DatabaseProblem[]> {
  const { db, home } = deps;
  // Before the read transaction begins: the journal grows while that sees one moment of the database.
  const journal = checkJournal(home, db);
  if (!full) {
    using _moment = beginReadTransaction(db);
    return checkQuickly(db, journal, false);
  }
  using scratch = attachScratch(db, home);
  using _moment = beginReadTransaction(db);
  const problems = checkQuickly(db, journal, true);
  if (problems.some(({ part }) => part === "pages")) return problems;
  return [...problems, ...(await compareWithJournal(deps, scratch))];
}

function checkQuickly(db: Database, journal: JournalProblem | undefined, full: boolean): DatabaseProblem[] {
  const pages = checkPages(db, full).map((text) => ({ part: "pages" as const, text }));
  if (pages.length > 0) return pages;
  return [
    ...(full ? checkReferences(db) : []).map((text) => ({ part: "references" as const, text })),
    ...checkFullText(db, full).map((text) => ({ part: "index" as const, text })),
    ...(full && hasCurrentRules(db) ? [] : findMissingRows(db).map((text) => ({ part: "songs" as const, text }))),
    ...(journal ? [{ part: "journal" as const, text: journal.text }] : []),
  ];
}

/** What the keys alone show. */
function findMissingRows(db: Database): string[] {
  const rows = db.all<{ id: string; problem: string }>(sql`
    select id, 'its current record is missing' as problem from tasks where not exists
      (select 1 from task_documents where task_id = tasks.id and version = document_version)
    union all
    select id, 'it is in the archive, but not tracked' from tasks where not exists
      (select 1 from tracked_tasks where task_id = tasks.id)
    limit ${MAX_LISTED + 1}`);
  return rows.map(({ id, problem }) => `task ${id}: ${problem}`);
}

type Scratch = Disposable & { path: string; archiveId: string };

/** An empty database in the system's temporary folder, attached to this one. Whose it is, the journal says. */
function attachScratch(db: Database, home: string): Scratch {
  const folder = mkdtempSync(join(tmpdir(), "producer-mirror-"));
  const path = join(folder, "archive.db");
  const { archive_id = "", created_at = "", kind = "" } = archiveFacts(db);
  const facts = journalFacts(home, [archive_id]) ?? { archive_id, created_at, kind };
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    buildArchiveFile(path, facts);
    db.$client.prepare(`attach ? as ${REPLAYED}`).run(path);
  } catch (error) {
    remove();
    throw error;
  }
  const dispose = () => {
    db.$client.exec(`detach ${REPLAYED}`);
    remove();
  };
  return { path, archiveId: facts.archive_id, [Symbol.dispose]: dispose };
}

async function compareWithJournal(
  { db, home, signal }: DatabaseCheckDeps,
  scratch: Scratch,
): Promise<DatabaseProblem[]> {
  const held = readHeld(db);
  const { archiveId, path } = scratch;
  const replayed = await replayInto(path, { home, archiveId, signal, upTo: held, compared: held });
  if (replayed === undefined) return [];
  const songs = new Map<string, string[]>();
  // Rows that other rules made differ without being damaged.
  for (const { of, what } of hasCurrentRules(db) ? compareWithReplay(db, signal) : []) {
    const found = songs.get(of) ?? [];
    found.push(what);
    songs.set(of, found);
  }
  return [
    ...listed(
      "journal",
      journalProblems(replayed).map((text) => `the journal is damaged: ${text}`),
    ),
    ...listed(
      "songs",
      [...songs].map(([of, what]) => `${of}: ${what.join("; ")}`),
    ),
  ];
}

/** Undefined when the signal came first. */
async function replayInto(
  path: string,
  options: Parameters<typeof replayJournal>[1] & { upTo: Held },
): Promise<ReplayedJournal | undefined> {
  const scratch = connectScratch(path);
  try {
    return await replayJournal(scratch, options);
  } catch (error) {
    if (options.signal.aborted) return undefined;
    throw error;
  } finally {
    scratch.$client.close();
  }
}

function listed(part: DatabaseProblem["part"], texts: string[]): DatabaseProblem[] {
  const shown = texts.slice(0, MAX_LISTED).map((text) => ({ part, text }));
  const more = texts.length - shown.length;
  return more > 0 ? [...shown, { part, text: `and ${more} more` }] : shown;
}

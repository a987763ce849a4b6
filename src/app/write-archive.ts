import { checkJournal, journalError, recordOlderJournal } from "../archive/journal/check.ts";
import type { Journal } from "../archive/journal/entry.ts";
import { addUnsavedLines, openJournal } from "../archive/journal/journal.ts";
import { journalFiles } from "../archive/journal/read.ts";
import { CURRENT_RULES } from "../archive/rules.ts";
import { write } from "../archive/transaction.ts";
import type { Config } from "../config.ts";
import { archivePath, createArchive, hasArchive, openArchive } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";
import { noArchive } from "../db/identify.ts";
import { LockedError } from "../lib/errors.ts";
import { fileIdentity } from "../lib/files/file-identity.ts";

/** An archive opened for a short write beside whatever runs. */
export type Writer = Disposable & { db: Database; journal: Journal; home: string };

/**
 * Creates the archive where there is none. Throws UsageError where a journal shows that there was one: its database is
 * lost, and another archive would be mixed with it.
 */
export function ensureArchive({ home }: Config, kind: "library" | "demo" = "library"): void {
  if (hasArchive(home)) return;
  if (journalFiles(home).length > 0) throw noArchive(archivePath(home));
  createArchive(home, kind, Date.now(), CURRENT_RULES);
}

/** Throws as openForReading does, and IntegrityError when the journal's files are not those that the database holds. */
export function openForWriting({ home, note }: Config): Writer {
  const before = fileIdentity(archivePath(home));
  const db = openArchive(home, { note });
  const confirm = () => {
    if (fileIdentity(archivePath(home)) !== before) throw replaced(home);
  };
  closedOnError(db, () => readyToWrite(home, db));
  return { db, journal: openJournal({ home, db, confirm }), home, [Symbol.dispose]: () => void db.$client.close() };
}

/**
 * Opens the archive for one short change. When a restore or rebuild puts another database in its place meanwhile, nothing
 * has been written, and the change is made in the new one.
 */
export function changeArchive<T>(config: Config, change: (archive: Writer) => T): T {
  for (let tries = 1; ; tries++) {
    try {
      return changeOnce(config, change);
    } catch (error) {
      if (tries === TRIES || (error as { code?: unknown }).code !== "replaced") throw error;
      sleepSync(PAUSE_MS);
    }
  }
}

function changeOnce<T>(config: Config, change: (archive: Writer) => T): T {
  using archive = openForWriting(config);
  return change(archive);
}

const TRIES = 5;
const PAUSE_MS = 100;

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** What the journal has beyond the database is added by the first change. */
export function readyToWrite(home: string, db: Database): void {
  recordOlderJournal(home, db);
  const problem = checkJournal(home, db);
  if (problem?.kind === "changed") throw journalError(home, problem);
  if (problem) write(db, () => addUnsavedLines(home, db));
}

/** Closes the database when `work` throws. */
export function closedOnError<T>(db: Database, work: () => T): T {
  try {
    return work();
  } catch (error) {
    db.$client.close();
    throw error;
  }
}

function replaced(home: string): LockedError {
  return new LockedError(`a restore replaced ${home} before this was written; nothing was changed`, {
    code: "replaced",
    hint: "wait until it has ended, then run this command again",
  });
}

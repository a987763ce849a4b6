import { archiveId } from "../archive/info.ts";
import {
  checkJournal,
  isOlderJournal,
  journalError,
  recordOlderJournal,
  type JournalProblem,
} from "../archive/journal/check.ts";
import type { Journal } from "../archive/journal/entry.ts";
import { addUnsavedLines, openJournal } from "../archive/journal/journal.ts";
import { journalFiles } from "../archive/journal/read.ts";
import { write } from "../archive/transaction.ts";
import { createVerifyResults, type VerifyResults } from "../archive/verify-results.ts";
import { openStore, type AssetStore } from "../assets/store/store.ts";
import type { Config } from "../config.ts";
import { archivePath, createArchive, hasArchive, openArchive, openWithoutMigrating } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";
import { noArchive } from "../db/identify.ts";
import { acquireLock, type ArchiveLock } from "../db/lock.ts";
import { DiskError, LockedError } from "../lib/errors.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";
import { fileIdentity } from "../lib/files/file-identity.ts";

/** An archive opened for reading: nothing is written through it, and it never waits for a running sync. */
export type Reader = Disposable & { db: Database; home: string; assetsRoot: string };

/** An archive opened for a short write beside whatever runs. */
export type Writer = Disposable & { db: Database; journal: Journal; home: string };

/** Everything that one run needs. The archive's lock is held until this is disposed of. */
export type RunArchive = AsyncDisposable & { db: Database; journal: Journal; store: AssetStore };

/** Whether `config.home` holds an archive. Throws SchemaError when it holds something else. */
export function archiveExists(config: Config): boolean {
  return hasArchive(config.home);
}

/**
 * Creates the archive where there is none. Throws UsageError where a journal shows that there was one: its database is
 * lost, and another archive would be mixed with it.
 */
export function ensureArchive({ home }: Config, kind: "library" | "demo" = "library"): void {
  if (hasArchive(home)) return;
  if (journalFiles(home).length > 0) throw noArchive(archivePath(home));
  createArchive(home, kind);
}

/** Throws UsageError (no archive there), SchemaError, IntegrityError (damaged, or behind its journal), DiskError. */
export function openForReading(config: Config): Reader {
  const reader = openForChecking(config);
  return closedOnError(reader, () => {
    const problem = checkJournal(config.home, reader.db);
    if (problem?.kind === "behind") catchUp(config.home, problem);
  });
}

/** A database that cannot be written is not read as if it were up to date. */
function catchUp(home: string, problem: JournalProblem): void {
  try {
    withWriter(home, addWhatIsMissing);
  } catch (error) {
    throw toStorageError(error) instanceof DiskError ? journalError(home, problem) : error;
  }
}

/** As openForReading, but a database that is behind its journal stays so: for commands that report that. */
export function openForChecking({ home, assets }: Config): Reader {
  const db = openArchive(home, { readOnly: true });
  const reader = { db, home, assetsRoot: assets, [Symbol.dispose]: () => void db.$client.close() };
  return closedOnError(reader, () => {
    if (isOlderJournal(home, db)) withWriter(home, recordOlderJournal);
  });
}

function withWriter(home: string, work: (home: string, db: Database) => void): void {
  const db = openArchive(home);
  try {
    work(home, db);
  } finally {
    db.$client.close();
  }
}

function addWhatIsMissing(home: string, db: Database): void {
  write(db, () => addUnsavedLines(home, db));
}

/** As openForReading, but undefined when there is no archive or when it would have to be migrated first. */
export function peekArchive(config: Config): Reader | undefined {
  const db = openWithoutMigrating(config.home);
  return db && { db, home: config.home, assetsRoot: config.assets, [Symbol.dispose]: () => db.$client.close() };
}

/** Throws as openForReading does, and IntegrityError when the journal's files are not those that the database holds. */
export function openForWriting({ home }: Config): Writer {
  const before = fileIdentity(archivePath(home));
  const db = openArchive(home);
  const confirm = () => {
    if (fileIdentity(archivePath(home)) !== before) throw replaced(home);
  };
  const writer = {
    db,
    journal: openJournal({ home, db, confirm }),
    home,
    [Symbol.dispose]: () => void db.$client.close(),
  };
  return closedOnError(writer, () => readyToWrite(home, db));
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
function readyToWrite(home: string, db: Database): void {
  recordOlderJournal(home, db);
  const problem = checkJournal(home, db);
  if (problem?.kind === "changed") throw journalError(home, problem);
  if (problem) addWhatIsMissing(home, db);
}

function closedOnError<T extends Disposable>(archive: T, work: () => void): T {
  try {
    work();
    return archive;
  } catch (error) {
    archive[Symbol.dispose]();
    throw error;
  }
}

function replaced(home: string): LockedError {
  return new LockedError(`a restore replaced ${home} before this was written; nothing was changed`, {
    code: "replaced",
    hint: "wait until it has ended, then run this command again",
  });
}

/** The archive's files. Creates nothing. */
export function storeOf(config: Config, { db }: { db: Database }): AssetStore {
  return openStore(config.assets, archiveId(db));
}

/**
 * Records what verify finds. Opens the database for writing at the first result; that may throw. It is bookkeeping alone:
 * a database that is behind its journal stays so, as verify has reported it.
 */
export function openVerifyResults({ home }: Config): VerifyResults & Disposable {
  let db: Database | undefined;
  let results: VerifyResults | undefined;
  const open = () => (results ??= createVerifyResults((db = openArchive(home))));
  return {
    recordIntact: (files, now) => files.length > 0 && open().recordIntact(files, now),
    recordLost: (files) => files.length > 0 && open().recordLost(files),
    saveProgress: (run) => open().saveProgress(run),
    recordRun: (run) => open().recordRun(run),
    [Symbol.dispose]: () => void db?.$client.close(),
  };
}

/** The archive's own id. Throws IntegrityError. */
export function archiveIdOf(db: Database): string {
  return archiveId(db);
}

/** The same for an archive that is open for a run. */
export function verifyResultsOf(db: Database): VerifyResults {
  return createVerifyResults(db);
}

/**
 * Takes the lock and opens the archive. With `asItIs` a database that is behind its journal stays so until the first
 * change. Throws LockedError when another run holds the lock, else as openForWriting does.
 */
export async function openForRun(config: Config, command: string, { asItIs = false } = {}): Promise<RunArchive> {
  openArchive(config.home, { readOnly: true }).$client.close();
  const lock = acquireLock(config.home, command);
  try {
    const db = openArchive(config.home, { locked: true });
    closedOnError({ [Symbol.dispose]: () => void db.$client.close() }, () => {
      if (!asItIs) readyToWrite(config.home, db);
    });
    const close = async () => {
      db.$client.close();
      lock.release();
      return Promise.resolve();
    };
    return {
      db,
      journal: openJournal({ home: config.home, db }),
      store: openStore(config.assets, archiveId(db)),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Locks an archive whose database may be missing or damaged. Throws LockedError when another run holds the lock. */
export function lockArchive(config: Config, command: string): ArchiveLock {
  return acquireLock(config.home, command);
}

/** Locks the schedule of an archive. Throws LockedError when another schedule runs. Each run takes the archive's own lock. */
export function lockSchedule(config: Config): ArchiveLock {
  return acquireLock(config.home, "watch", 0, "watch");
}

import { archiveFacts, archiveId } from "../archive/info.ts";
import { openJournal, type Journal } from "../archive/journal/journal.ts";
import { createVerifyResults, type VerifyResults } from "../archive/verify-results.ts";
import { openStore, type AssetStore } from "../assets/store/store.ts";
import type { Config } from "../config.ts";
import { archivePath, createArchive, hasArchive, openArchive, openWithoutMigrating } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";
import { acquireLock, type ArchiveLock } from "../db/lock.ts";
import { LockedError } from "../lib/errors.ts";
import { fileIdentity } from "../lib/files/file-identity.ts";

/** An archive opened for reading: nothing is written through it, and it never waits for a running sync. */
export type Reader = Disposable & { db: Database; home: string; assetsRoot: string };

/**
 * An archive opened for a short write beside whatever runs. `confirm` is called after the write. It throws LockedError
 * when a restore or rebuild has replaced the archive meanwhile: the new one lacks what was written.
 */
export type Writer = Disposable & { db: Database; journal: Journal; home: string; confirm(): void };

/** Everything that one run needs. The archive's lock is held until this is disposed of. */
export type RunArchive = AsyncDisposable & { db: Database; journal: Journal; store: AssetStore };

/** Whether `config.home` holds an archive. Throws SchemaError when it holds something else. */
export function archiveExists(config: Config): boolean {
  return hasArchive(config.home);
}

/** Creates the archive where there is none. Its journal begins with the archive's id. */
export function ensureArchive(config: Config, kind: "library" | "demo" = "library"): void {
  if (!createArchive(config.home, kind)) return;
  using writer = openForWriting(config);
  const { archive_id: archiveId = "", created_at: createdAt = "" } = archiveFacts(writer.db);
  const at = Date.parse(createdAt);
  writer.journal.append([{ type: "archive", at, archiveId, createdAt, kind }], at);
}

/** Throws UsageError (no archive there), SchemaError, IntegrityError, DiskError. */
export function openForReading(config: Config): Reader {
  const db = openArchive(config.home, { readOnly: true });
  return { db, home: config.home, assetsRoot: config.assets, [Symbol.dispose]: () => db.$client.close() };
}

/** As openForReading, but undefined when there is no archive or when it would have to be migrated first. */
export function peekArchive(config: Config): Reader | undefined {
  const db = openWithoutMigrating(config.home);
  return db && { db, home: config.home, assetsRoot: config.assets, [Symbol.dispose]: () => db.$client.close() };
}

/** Throws as openForReading does. */
export function openForWriting({ home }: Config): Writer {
  const before = fileIdentity(archivePath(home));
  const db = openArchive(home);
  const confirm = () => {
    if (fileIdentity(archivePath(home)) !== before) throw replaced(home);
  };
  const journal = confirmed(openJournal(home), confirm);
  return { db, journal, home, confirm, [Symbol.dispose]: () => db.$client.close() };
}

/** Checks before each line that the database is still the opened one: its lines must not reach another's journal. */
function confirmed(journal: Journal, confirm: () => void): Journal {
  return {
    append(entries, at) {
      confirm();
      journal.append(entries, at);
    },
    appendUnflushed(entries, at) {
      confirm();
      journal.appendUnflushed(entries, at);
    },
  };
}

function replaced(home: string): LockedError {
  return new LockedError(`a restore or rebuild replaced ${home} while this was written: the change may be lost`, {
    code: "replaced",
    hint: "wait until it has ended, then run this command again",
  });
}

/** The archive's files. Creates nothing. */
export function storeOf(config: Config, { db }: { db: Database }): AssetStore {
  return openStore(config.assets, archiveId(db));
}

/** Records what verify finds. Opens the archive for writing at the first result; that may throw. */
export function openVerifyResults(config: Config): VerifyResults & Disposable {
  let writer: Writer | undefined;
  let results: VerifyResults | undefined;
  const open = () => (results ??= createVerifyResults((writer = openForWriting(config)).db));
  return {
    recordIntact: (files, now) => files.length > 0 && open().recordIntact(files, now),
    recordLost: (files) => files.length > 0 && open().recordLost(files),
    saveProgress: (run) => open().saveProgress(run),
    recordRun: (run) => open().recordRun(run),
    [Symbol.dispose]: () => writer?.[Symbol.dispose](),
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

/** Takes the lock and opens the archive. Throws LockedError when another run holds the lock, else as openForReading does. */
export async function openForRun(config: Config, command: string): Promise<RunArchive> {
  openArchive(config.home, { readOnly: true }).$client.close();
  const lock = acquireLock(config.home, command);
  try {
    const db = openArchive(config.home, { locked: true });
    const close = async () => {
      db.$client.close();
      lock.release();
      return Promise.resolve();
    };
    return {
      db,
      journal: openJournal(config.home),
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

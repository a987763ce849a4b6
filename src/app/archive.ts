import { checkJournal, isOlderJournal, journalError, type JournalProblem } from "../archive/journal/check.ts";
import { hasCurrentRules } from "../archive/rules.ts";
import type { Config } from "../config.ts";
import { archivePath, hasArchive, openArchive, openWithoutMigrating } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";
import { noArchive } from "../db/identify.ts";
import { DiskError } from "../lib/errors.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";

/** An archive opened for reading: nothing is written through it, and it never waits for a running sync. */
export type Reader = Disposable & { db: Database; home: string; assetsRoot: string };

/** Whether `config.home` holds an archive. Throws SchemaError when it holds something else. */
export function archiveExists(config: Config): boolean {
  return hasArchive(config.home);
}

/** Throws UsageError where there is no archive, and SchemaError where there is something else. */
export function requireArchive({ home }: Config): void {
  if (!hasArchive(home)) throw noArchive(archivePath(home));
}

/** Throws UsageError (no archive there), SchemaError, IntegrityError (damaged, or behind its journal), DiskError. */
export async function openForReading(config: Config): Promise<Reader> {
  const reader = await openForChecking(config);
  try {
    const problem = checkJournal(config.home, reader.db);
    if (problem?.kind === "behind") await catchUp(reader, problem);
    return reader;
  } catch (error) {
    reader[Symbol.dispose]();
    throw error;
  }
}

/** As openForReading, but a database that is behind its journal stays so: for commands that report that. */
export async function openForChecking(config: Config): Promise<Reader> {
  const { home } = config;
  const reader = readerOf(config, openArchive(home, { readOnly: true }));
  try {
    if (isOlderJournal(home, reader.db)) (await import("./catch-up.ts")).countOlderJournal(home, reader.db);
    return reader;
  } catch (error) {
    reader[Symbol.dispose]();
    throw error;
  }
}

/** Whether the rows are those that this program makes of the records. */
export function hasCurrentRows({ db }: Pick<Reader, "db">): boolean {
  return hasCurrentRules(db);
}

/** As openForReading, but undefined when there is no archive or when it would have to be migrated first. */
export function peekArchive(config: Config): Reader | undefined {
  const db = openWithoutMigrating(config.home);
  return db && readerOf(config, db);
}

function readerOf({ home, assets }: Config, db: Database): Reader {
  return { db, home, assetsRoot: assets, [Symbol.dispose]: () => void db.$client.close() };
}

/** A database that cannot be written is not read as if it were up to date. */
async function catchUp({ home, db }: Reader, problem: JournalProblem): Promise<void> {
  // What writes is loaded when it is needed, so that lists start without it.
  const { addMissingLines } = await import("./catch-up.ts");
  try {
    addMissingLines(home, db);
  } catch (error) {
    throw toStorageError(error) instanceof DiskError ? journalError(home, problem) : error;
  }
}

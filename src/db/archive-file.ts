import { accessSync, closeSync, constants, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setModeSync } from "../lib/files/disk-limits.ts";
import { makeFolders } from "../lib/files/make-folders.ts";
import { LockedError } from "../lib/errors.ts";
import { flushFileSync, flushFolderSync } from "../lib/files/flush.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";
import { archiveInfo } from "./schema.ts";
import { isBackup, refuseBackup } from "./backup-home.ts";
import { connect, journalMode, type Database } from "./connection.ts";
import { checkVersion, connectArchive, isArchive, noArchive } from "./identify.ts";
import { acquireLock } from "./lock.ts";
import { addLaterTables } from "./later-tables.ts";
import { damaged, migrateArchive, migratedCopy } from "./migrate-archive.ts";
import { hasCurrentObjects, migrateDatabase, type Note } from "./migrate.ts";
import { isReadOnly } from "./open-copy.ts";
import { APPLICATION_ID, OLDEST_READABLE, SCHEMA_VERSION } from "./version.ts";

const LOCK_WAIT_MS = 5000;

export function archivePath(home: string): string {
  return join(home, "archive.db");
}

/** `locked` says that the caller holds the lock; `note` hears of what takes a while. */
export type OpenOptions = { readOnly?: boolean; locked?: boolean; note?: Note | undefined };

/**
 * Opens the archive in `home`. Checks in this order that it is ours, that it is not newer, and whether it needs a
 * migration (run under the lock). What is only read and may not be written, a
 * backup or an archive on a read-only disk, is migrated in a copy. Throws UsageError (no archive), SchemaError (not ours,
 * or newer), IntegrityError (damaged), DiskError (not readable; a backup, unless it is only read).
 */
export function openArchive(home: string, options: OpenOptions = {}): Database {
  const path = archivePath(home);
  return asMirrorErrors(path, () => {
    if (!options.readOnly) requireWritable(home);
    const opened = openCurrent(path, options.readOnly ?? false);
    if (opened === "absent") throw noArchive(path);
    if (opened !== "older") return opened;
    if (options.readOnly && (isBackup(home) || isReadOnly(home))) return migratedCopy(path);
    if (options.locked) migrateArchive(home, path, options.note);
    else withLock(home, () => migrateArchive(home, path, options.note));
    return prepared(connect(path, { readOnly: options.readOnly ?? false }), options.readOnly ?? false);
  });
}

/** SQLite would say that it cannot open the file, which says nothing. Throws DiskError, and the file system's error. */
function requireWritable(home: string): void {
  refuseBackup(home);
  if (isReadOnly(home)) accessSync(home, constants.W_OK);
}

/** The open database when it needs no migration. */
function openCurrent(path: string, readOnly: boolean): Database | "absent" | "older" {
  let database: Database | undefined;
  try {
    database = connectArchive(path, { readOnly });
    if (!database) return "absent";
    if (isCurrent(database, path)) return prepared(database, readOnly);
    if (readOnly && isReadable(database, path)) return addLaterTables(database);
  } catch (error) {
    database?.$client.close();
    throw isSchemaError(error) ? damaged(path, error) : error;
  }
  database.$client.close();
  return "older";
}

/**
 * A database that SQLite itself copied (`vacuum into`) is in another journal mode, in which readers and a writer wait for
 * each other. Whoever opens it to write turns write-ahead logging on again, unless another program is at work in it now.
 */
function prepared(database: Database, readOnly: boolean): Database {
  if (readOnly || journalMode(database) === "wal") return database;
  try {
    database.$client.pragma("journal_mode = wal");
  } catch (error) {
    if (!/^SQLITE_(BUSY|LOCKED)/.test(String((error as { code?: unknown }).code))) throw error;
  }
  return database;
}

/** Opens the archive in `home` without changing anything: undefined when there is none, or when it needs a migration. */
export function openWithoutMigrating(home: string): Database | undefined {
  const path = archivePath(home);
  const opened = asMirrorErrors(path, () => openCurrent(path, true));
  return typeof opened === "string" ? undefined : opened;
}

/** True when there is an archive in `home`. Throws SchemaError when there is something else. */
export function hasArchive(home: string): boolean {
  return isArchive(archivePath(home));
}

/**
 * Creates the archive when there is none: it is built under another name and then renamed. `others` are further facts of
 * `archive_info`. Returns false when there is one already.
 */
export function createArchive(
  home: string,
  kind: "library" | "demo" = "library",
  now = Date.now(),
  others: Record<string, string> = {},
): boolean {
  const path = archivePath(home);
  return asMirrorErrors(path, () => {
    if (isArchive(path)) return false;
    makeFolders(home);
    refuseHalfRestored(home);
    return withLock(home, () => {
      if (isArchive(path)) return false;
      buildArchiveFile(`${path}.new`, {
        archive_id: crypto.randomUUID(),
        created_at: new Date(now).toISOString(),
        kind,
        ...others,
      });
      renameSync(`${path}.new`, path);
      flushFolderSync(home);
      return true;
    });
  });
}

/** Between two renames a restore has moved the old archive away: one that was created now would be in its way. */
function refuseHalfRestored(home: string): void {
  const start = `${basename(home)}.restoring-`;
  const restoring = readdirSync(dirname(home)).find((name) => name.startsWith(start));
  if (restoring === undefined) return;
  throw new LockedError(`an archive is being restored to ${home}, or was when the restore was killed`, {
    code: "restoring",
    hint: `wait until it has ended; if none runs, restore again, or remove ${join(dirname(home), restoring)}`,
  });
}

export type ArchiveFacts = { archive_id: string; created_at: string; kind: string };

/** Writes an empty archive of the current schema to `path`, replacing whatever a killed command left there. */
export function buildArchiveFile(path: string, facts: ArchiveFacts): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
  closeSync(openSync(path, "wx", 0o600));
  setModeSync(path, 0o600);
  const database = connect(path);
  try {
    database.$client.pragma(`application_id = ${APPLICATION_ID}`);
    database.$client.pragma("journal_mode = wal");
    migrateDatabase(database);
    database
      .insert(archiveInfo)
      .values(Object.entries(facts).map(([key, value]) => ({ key, value })))
      .run();
  } finally {
    database.$client.close();
  }
  flushFileSync(path);
}

function isCurrent(database: Database, path: string): boolean {
  return checkVersion(database, path) === SCHEMA_VERSION && hasCurrentObjects(database);
}

/** An older archive that only lacks what no reader needs is read as it is: whoever writes migrates it. */
function isReadable(database: Database, path: string): boolean {
  const version = checkVersion(database, path);
  return version >= OLDEST_READABLE && version < SCHEMA_VERSION;
}

function withLock<T>(home: string, work: () => T): T {
  using _lock = acquireLock(home, "migrate", LOCK_WAIT_MS);
  return work();
}

/** The header is ours, but a table that every archive has is missing, or SQLite does not know the format. */
function isSchemaError(error: unknown): boolean {
  return (error as { code?: unknown }).code === "SQLITE_ERROR";
}

function asMirrorErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toStorageError(error, path);
  }
}

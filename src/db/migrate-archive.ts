import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import { IntegrityError, SchemaError } from "../lib/errors.ts";
import { setModeSync } from "../lib/files/disk-limits.ts";
import { flushFileSync, flushFolderSync } from "../lib/files/flush.ts";
import { connect, type Database } from "./connection.ts";
import { checkVersion } from "./identify.ts";
import { hasCurrentObjects, migrateDatabase, refreshObjects, type Note } from "./migrate.ts";
import { openCopy } from "./open-copy.ts";
import { SCHEMA_VERSION } from "./version.ts";

/** Migrates, after copying the database to `archive.db.before-schema-N`, which stays until the user removes it. */
export function migrateArchive(home: string, path: string, note: Note | undefined): void {
  const database = connect(path);
  try {
    const version = checkVersion(database, path);
    refuseDamaged(database, path);
    if (version === SCHEMA_VERSION) return hasCurrentObjects(database) ? undefined : refreshObjects(database);
    migrateWithCopy(database, copyBeforeMigration(database, home, path), note);
  } finally {
    database.$client.close();
  }
}

/** A migrated copy, for a database that may not be written; see openCopy. */
export function migratedCopy(path: string): Database {
  const copy = openCopy(path);
  try {
    refuseDamaged(copy, path);
    if (checkVersion(copy, path) === SCHEMA_VERSION) refreshObjects(copy);
    else migrateDatabase(copy);
    return copy;
  } catch (error) {
    copy.$client.close();
    throw error;
  }
}

/** Nothing is written into a damaged database, which would only get worse. */
function refuseDamaged({ $client: client }: Database, path: string): void {
  const found = String(client.pragma("quick_check(1)", { simple: true }));
  if (found !== "ok") throw damaged(path, new Error(found.split("\n").join(" ")));
}

/** Copied by SQLite itself, so that the copy is consistent even while another process writes. */
function copyBeforeMigration({ $client: client }: Database, home: string, path: string): string {
  const copy = `${path}.before-schema-${SCHEMA_VERSION}`;
  rmSync(`${copy}.new`, { force: true });
  closeSync(openSync(`${copy}.new`, "wx", 0o600));
  setModeSync(`${copy}.new`, 0o600);
  client.prepare("vacuum into ?").run(`${copy}.new`);
  flushFileSync(`${copy}.new`);
  renameSync(`${copy}.new`, copy);
  flushFolderSync(home);
  return copy;
}

function migrateWithCopy(database: Database, copy: string, note: Note | undefined): void {
  try {
    migrateDatabase(database, undefined, note);
  } catch (cause) {
    if (!(cause instanceof SchemaError)) throw cause;
    throw new SchemaError(cause.message, { cause, hint: `nothing was changed; a copy of the archive is ${copy}` });
  }
}

/** The error for a database that cannot be used as it is. */
export function damaged(path: string, cause: unknown): IntegrityError {
  return new IntegrityError(`the database is damaged: ${path}: ${(cause as Error).message}`, {
    code: "database_damaged",
    cause,
    hint: "`producer-mirror rebuild` rebuilds it from the journal and the files, which are untouched; or `restore` a backup",
  });
}

import { closeSync, lstatSync, openSync, readdirSync, readSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { IntegrityError, SchemaError, UsageError, type MirrorError } from "../lib/errors.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./version.ts";
import { connect, type ConnectionOptions, type Database } from "./connection.ts";
import { isReadOnly, openCopy } from "./open-copy.ts";

const HEADER = "SQLite format 3\0";
const HEADER_BYTES = 100;

/**
 * Opens the archive at `path` with our settings; undefined when there is none. Throws SchemaError for anything else at that
 * path and for an archive of a newer program, IntegrityError when the header is damaged. The file is only opened through
 * SQLite: closing it in any other way would drop the locks of every connection that this process has to it. To read one in
 * a folder that cannot be written, a copy of it is opened where SQLite needs that.
 */
export function connectArchive(path: string, options: ConnectionOptions = {}): Database | undefined {
  const found = stat(path);
  if (!found) return undefined;
  if (!found.isFile()) throw foreign(path, "is not a file");
  if (found.size < HEADER_BYTES) throw foreign(path, "is not a SQLite database");
  try {
    return identified(path, () => connect(path, options));
  } catch (error) {
    if (options.readOnly && isUnwritable(error, path)) return identified(path, () => openCopy(path));
    throw error;
  }
}

/** To read a database in WAL mode, SQLite has to write beside it, unless another process does. */
function isUnwritable(error: unknown, path: string): boolean {
  return /^SQLITE_(CANTOPEN|READONLY)/.test(String((error as { code?: unknown }).code)) && isReadOnly(dirname(path));
}

function identified(path: string, open: () => Database): Database {
  let database: Database | undefined;
  try {
    database = open();
    if (readNumber(database, "application_id") !== APPLICATION_ID) throw foreign(path, "belongs to another program");
    checkVersion(database, path);
    return database;
  } catch (error) {
    database?.$client.close();
    throw (error as { code?: unknown }).code === "SQLITE_NOTADB" ? notSqlite(path) : error;
  }
}

/** True when there is an archive at `path`. Throws as connectArchive does. */
export function isArchive(path: string): boolean {
  const database = connectArchive(path, { readOnly: true });
  database?.$client.close();
  return database !== undefined;
}

/** Returns the schema version of an archive. Throws SchemaError when a newer program made it. */
export function checkVersion(database: Database, path: string): number {
  const version = readNumber(database, "user_version");
  if (version <= SCHEMA_VERSION) return version;
  throw new SchemaError(
    `${path} was made by a newer producer-mirror (schema ${version}, this one knows ${SCHEMA_VERSION})`,
    {
      hint: "update producer-mirror: npm install --global producer-mirror@latest",
    },
  );
}

/** The error for a missing archive: names its absolute path, and the previous archive that a killed restore has moved away. */
export function noArchive(path: string): UsageError {
  const home = dirname(path);
  if (hasJournal(home))
    return new UsageError(`no archive at ${path}: the database is lost, its journal is there`, {
      code: "no_archive",
      hint: "`producer-mirror rebuild` makes the database again from the journal and the files; or `restore` a backup",
    });
  const previous = findPreviousHome(home);
  return new UsageError(`no archive at ${path}`, {
    code: "no_archive",
    hint:
      previous === undefined
        ? "`producer-mirror track <id>` creates one; --home or PRODUCER_MIRROR_HOME names another folder"
        : `a restore moved the previous archive away: run it again, or rename ${previous} to ${home}`,
  });
}

function hasJournal(home: string): boolean {
  try {
    return readdirSync(join(home, "journal")).some((name) => name.endsWith(".ndjson"));
  } catch {
    return false;
  }
}

/** The newest `<home>.before-restore-<time>`. */
function findPreviousHome(home: string): string | undefined {
  try {
    const names = readdirSync(dirname(home)).filter((name) => name.startsWith(`${basename(home)}.before-restore-`));
    const newest = names.toSorted().at(-1);
    return newest && join(dirname(home), newest);
  } catch {
    return undefined;
  }
}

function damagedHeader(path: string): IntegrityError {
  return new IntegrityError(`the database is damaged: ${path}: its header is not one that SQLite writes`, {
    code: "database_damaged",
    hint: "restore it from a backup; the journal and the files beside it are untouched",
  });
}

function foreign(path: string, why: string): SchemaError {
  return new SchemaError(`${path} ${why}: not a producer-mirror archive`, {
    code: "not_an_archive",
    hint: "name another folder with --home; nothing was changed",
  });
}

function stat(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function readNumber({ $client: client }: Database, pragma: string): number {
  return Number(client.pragma(pragma, { simple: true }));
}

/** No connection can have the file open as a database, so that reading it drops no lock. */
function notSqlite(path: string): MirrorError {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(HEADER.length);
    readSync(file, start, 0, HEADER.length, 0);
    return start.toString("latin1") === HEADER ? damagedHeader(path) : foreign(path, "is not a SQLite database");
  } finally {
    closeSync(file);
  }
}

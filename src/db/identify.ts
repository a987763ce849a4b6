import { closeSync, lstatSync, openSync, readdirSync, readSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { IntegrityError, SchemaError, UsageError } from "../lib/errors.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./version.ts";
import type { Database } from "./connection.ts";

const HEADER = "SQLite format 3\0";

/**
 * True when there is an archive at `path`. Throws SchemaError for anything else at that path and for an archive of a newer
 * program, IntegrityError when the header is damaged. Changes nothing.
 */
export function isArchive(path: string): boolean {
  const found = stat(path);
  if (!found) return false;
  if (!found.isFile()) throw foreign(path, "is not a file");
  const header = readHeader(path);
  if (header.length < 100 || header.toString("latin1", 0, 16) !== HEADER)
    throw foreign(path, "is not a SQLite database");
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw foreign(path, "belongs to another program");
  refuseNewer(header.readUInt32BE(60), path);
  // SQLite silently opens a file of an unknown format read-only.
  if (header[18]! > 2 || header[19]! > 2) throw damagedHeader(path);
  return true;
}

/** Returns the schema version of an archive. Throws SchemaError when a newer program made it. */
export function checkVersion(database: Database, path: string): number {
  const version = Number(database.$client.pragma("user_version", { simple: true }));
  refuseNewer(version, path);
  return version;
}

function refuseNewer(version: number, path: string): void {
  if (version <= SCHEMA_VERSION) return;
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
  const previous = findPreviousHome(home);
  return new UsageError(`no archive at ${path}`, {
    code: "no_archive",
    hint:
      previous === undefined
        ? "`producer-mirror track <id>` creates one; --home or PRODUCER_MIRROR_HOME names another folder"
        : `a restore moved the previous archive away: run it again, or rename ${previous} to ${home}`,
  });
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

function readHeader(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const header = Buffer.alloc(100);
    return header.subarray(0, readSync(file, header, 0, 100, 0));
  } finally {
    closeSync(file);
  }
}

import { closeSync, lstatSync, openSync, readdirSync, readSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { IntegrityError, SchemaError, UsageError } from "../lib/errors.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./version.ts";
import type { Database } from "./connection.ts";

const HEADER = "SQLite format 3\0";

/**
 * True when there is an archive at `path`; throws SchemaError for anything else there, and for an archive that a newer
 * program made, and IntegrityError when its header is damaged; touches nothing.
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
  // SQLite opens a file of an unknown format read-only, without a word.
  if (header[18]! > 2 || header[19]! > 2) throw damagedHeader(path);
  return true;
}

/** Refuses an archive that a newer program made; returns its version otherwise. */
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

/** There is no archive: names the absolute path that was looked at, and what a restore that was killed has put aside. */
export function noArchive(path: string): UsageError {
  const home = dirname(path);
  const aside = putAside(home);
  return new UsageError(`no archive at ${path}`, {
    code: "no_archive",
    hint:
      aside === undefined
        ? "`producer-mirror track <id>` makes one; --home or PRODUCER_MIRROR_HOME names another folder"
        : `a restore has put aside what was here, whole: run it again, or rename ${aside} to ${home}`,
  });
}

/** The newest `<home>.before-restore-<time>`. */
function putAside(home: string): string | undefined {
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

import { DiskError, IntegrityError, MirrorError } from "../errors.ts";

/** SHMSIZE: SQLite could not create the small shared-memory file that even a reader needs. */
const FULL = /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)/;
const DISK =
  /^(SQLITE_(READONLY|CANTOPEN|IOERR|PERM)|EROFS|EACCES|EPERM|EIO|ENOTDIR|EISDIR|ELOOP|ENAMETOOLONG|EMFILE|ENFILE)/;

/** Messages of SQLite, without a code of their own, for a table that differs from what the program created: the database is damaged. */
const DAMAGED_SCHEMA =
  /fts5 file format|unsupported file format|malformed|^no such (table|column|index)|vtable constructor/;

/** Turns error codes of SQLite and the file system into our errors, which name `path`; returns any other error unchanged. */
export function toStorageError(error: unknown, path?: string): unknown {
  if (error instanceof MirrorError || !(error instanceof Error)) return error;
  const { code = "" } = error as { code?: string };
  const where = path ?? (error as { path?: string }).path ?? "the archive";
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damaged(error, where);
  if (code === "SQLITE_ERROR" && DAMAGED_SCHEMA.test(error.message)) return damaged(error, where);
  if (code.startsWith("SQLITE_BUSY")) return busy(error, where);
  if (FULL.test(code)) return full(error, where);
  if (DISK.test(code)) return unusable(error, where);
  return error;
}

function damaged(cause: Error, path: string): IntegrityError {
  return new IntegrityError(`the database is damaged: ${path}: ${cause.message}`, {
    code: "database_damaged",
    cause,
    hint: "`producer-mirror rebuild` rebuilds it from the journal and the files, which are untouched; or `restore` a backup",
  });
}

function busy(cause: Error, path: string): DiskError {
  const hint = "end the other program, then try again";
  return new DiskError(`the database is busy, another program writes to it: ${path}`, {
    code: "database_busy",
    cause,
    hint,
  });
}

function full(cause: Error, path: string): DiskError {
  const hint = "free some space, then run it again: it continues from here";
  return new DiskError(`no space left on the disk of ${path}`, { code: "disk_full", cause, hint });
}

function unusable(cause: Error, path: string): DiskError {
  const { code = "" } = cause as { code?: string };
  // Even reading a database in WAL mode needs to write beside it.
  const hint = /^(SQLITE_(CANTOPEN|READONLY)|EROFS)/.test(code)
    ? "check the folder's permissions and its disk; from a read-only medium copy archive.db to a folder that is writable and name that with --home, the files with --assets"
    : /^E[MN]FILE/.test(code)
      ? "allow more open files (ulimit -n), or fewer downloads at once with --concurrency"
      : "check the folder's permissions and its disk";
  return new DiskError(`cannot use ${path}: ${cause.message}`, { cause, hint });
}

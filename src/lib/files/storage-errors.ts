import { DiskError, IntegrityError, MirrorError } from "../errors.ts";

/** SHMSIZE: SQLite could not make the file of a few pages that even a reader needs. */
const FULL = /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)/;
const DISK =
  /^(SQLITE_(READONLY|CANTOPEN|IOERR|PERM)|EROFS|EACCES|EPERM|EIO|ENOTDIR|EISDIR|ELOOP|ENAMETOOLONG|EMFILE|ENFILE)/;

/** What SQLite says without a code of its own when a table is not what the program made: only damage does that. */
const SENSELESS = /fts5 file format|unsupported file format|malformed|^no such (table|column|index)|vtable constructor/;

/** SQLite's and the file system's own error codes become ours, naming `path`; every other error passes unchanged. */
export function toStorageError(error: unknown, path?: string): unknown {
  if (error instanceof MirrorError || !(error instanceof Error)) return error;
  const { code = "" } = error as { code?: string };
  const place = path ?? (error as { path?: string }).path ?? "the archive";
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damaged(error, place);
  if (code === "SQLITE_ERROR" && SENSELESS.test(error.message)) return damaged(error, place);
  if (code.startsWith("SQLITE_BUSY")) return busy(error, place);
  if (FULL.test(code)) return full(error, place);
  if (DISK.test(code)) return unusable(error, place);
  return error;
}

function damaged(cause: Error, place: string): IntegrityError {
  return new IntegrityError(`the database is damaged: ${place}: ${cause.message}`, {
    code: "database_damaged",
    cause,
    hint: "`producer-mirror rebuild` makes it anew from the journal and the files, which are untouched; or `restore` a backup",
  });
}

function busy(cause: Error, place: string): DiskError {
  const hint = "end the other program, then try again";
  return new DiskError(`the database is busy, another program writes to it: ${place}`, {
    code: "database_busy",
    cause,
    hint,
  });
}

function full(cause: Error, place: string): DiskError {
  const hint = "make room, then run it again: it goes on from here";
  return new DiskError(`no space left on the disk of ${place}`, { code: "disk_full", cause, hint });
}

function unusable(cause: Error, place: string): DiskError {
  const { code = "" } = cause as { code?: string };
  // A database in WAL mode wants to be written even by those who only read.
  const hint = /^(SQLITE_(CANTOPEN|READONLY)|EROFS)/.test(code)
    ? "check the folder's permissions and its disk; from a read-only medium copy archive.db to a folder that is writable and name that with --home, the files with --assets"
    : /^E[MN]FILE/.test(code)
      ? "allow more open files (ulimit -n), or fewer downloads at once with --concurrency"
      : "check the folder's permissions and its disk";
  return new DiskError(`cannot use ${place}: ${cause.message}`, { cause, hint });
}

import { DiskError, IntegrityError, MirrorError } from "../errors.ts";

/** SHMSIZE: SQLite could not create the small shared-memory file that even a reader needs. */
const FULL = /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)/;
const DISK =
  /^(SQLITE_(READONLY|CANTOPEN|IOERR|PERM)|EROFS|EACCES|EPERM|EIO|ENOTDIR|EISDIR|ELOOP|ENAMETOOLONG|EMFILE|ENFILE)/;
/** Calls of the file system, as Node names them; an error of another call says nothing of a disk. */
const FILE_CALLS =
  /^(open|close|read|write|f?sync|fdatasync|f?truncate|f?chmod|[fl]?utimes?|rename|r?unlink|rmdir|rm|mkdir|mkdtemp|scandir|opendir|readdir|[fl]?stat|statfs|access|copyfile|cp|link|symlink|readlink|realpath|watch)$/;
const NETWORK = /^E(CONN|PIPE|TIMEDOUT|HOST|NET|ADDR|AI_)/;

/** Messages of SQLite, without a code of their own, for a table that differs from what the program created: the database is damaged. */
const DAMAGED_SCHEMA =
  /fts5 file format|unsupported file format|malformed|^no such (table|column|index)|vtable constructor/;

/** Turns error codes of SQLite and the file system into our errors, which name `path`; returns any other error unchanged. */
export function toStorageError(error: unknown, path?: string): unknown {
  if (error instanceof MirrorError || !(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  // Errors of the platform (DOMException) have numbers.
  if (typeof code !== "string") return error;
  const where = path ?? (error as { path?: string }).path ?? "the archive";
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damaged(error, where);
  if (code === "SQLITE_ERROR" && DAMAGED_SCHEMA.test(error.message)) return damaged(error, where);
  if (code.startsWith("SQLITE_BUSY")) return busy(error, where);
  if (FULL.test(code)) return full(error, where);
  if (DISK.test(code)) return unusable(error, where);
  return error;
}

/** The same where nobody is left to know what else an error may mean: every error of the file system is one of a disk. */
export function toFinalStorageError(error: unknown, path?: string): unknown {
  const known = toStorageError(error, path);
  const { code = "", syscall = "" } = (error ?? {}) as NodeJS.ErrnoException;
  if (known !== error || !(error instanceof Error) || !FILE_CALLS.test(syscall) || NETWORK.test(code)) return known;
  return unusable(error, path ?? (error as NodeJS.ErrnoException).path ?? "the archive");
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

/** The error of a disk, or of a file on it, that does not do what was asked. */
export function unusable(cause: Error, path: string): DiskError {
  const { code = "" } = cause as { code?: string };
  const hint = HINTS.find(([codes]) => codes.test(code))?.[1] ?? CHECK;
  return new DiskError(`cannot use ${path}: ${cause.message}`, { cause, hint });
}

const CHECK = "check the folder's permissions and its disk";
const HINTS: [codes: RegExp, hint: string][] = [
  [
    /^(SQLITE_(CANTOPEN|READONLY)|EROFS)/,
    `${CHECK}; from one that can only be read, lists and exports read all the same`,
  ],
  [/^E[MN]FILE/, "allow more open files (ulimit -n), or fewer downloads at once with --concurrency"],
  [/^EBUSY/, "another program uses it, or a disk is mounted there: end the one, or unmount the other"],
  [/^ENAMETOOLONG/, "its disk takes no names of this length: name a shorter path"],
  [/^(ENOTCONN|ESTALE|ENODEV|ENXIO)/, "its disk or share has gone: mount it again, then run this again"],
];

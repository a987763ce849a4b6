import { constants, lstatSync } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join } from "node:path";
import { holdFile } from "../db/hold-file.ts";
import { LockedError, UsageError } from "../lib/errors.ts";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { liesIn, realPath } from "../lib/files/paths.ts";

type ArchiveFolders = { home: string; assets: string };

/**
 * The absolute path of an export's folder, through symlinks; it need not exist. Throws UsageError for one inside of
 * the archive and for what is no folder, DiskError for one that cannot be written.
 */
export async function resolveFolder(folder: string, archive: ArchiveFolders): Promise<string> {
  const path = await resolveOutside(folder, archive);
  const entry = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error.code === "ENOTDIR" ? notAFolder(path) : toDiskError(error, path);
  });
  if (entry === null) return path;
  if (!entry.isDirectory()) throw notAFolder(path);
  await access(path, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw toDiskError(error, path);
  });
  return path;
}

/** The absolute path of a file or folder to write. Throws UsageError when it is empty or lies among the archive's own files. */
export async function resolveOutside(path: string, { home, assets }: ArchiveFolders): Promise<string> {
  // A variable that is not set; it would mean the working folder.
  if (path.trim() === "") throw new UsageError("the path is empty", { hint: "for this folder write ." });
  const absolute = await realPath(path);
  for (const [name, other] of Object.entries({ "own folder": home, "assets folder": assets }))
    if (await liesIn(other, absolute))
      throw new UsageError(`${absolute} lies in the archive's ${name} ${other}`, {
        code: "export_into_archive",
        hint: "name a path outside of the archive",
      });
  return absolute;
}

function notAFolder(path: string): UsageError {
  return new UsageError(`${path} is no folder`, { code: "not_a_folder", hint: "name a folder, or a new name" });
}

const NO_LOCK: Disposable = { [Symbol.dispose]() {} };

/**
 * Locks a folder for one export, whichever archive it is of, by an empty file of its own in it. That file stays: removing
 * it could remove it from under another process that is just opening it. Throws LockedError when another export does not
 * end within `waitMs`, UsageError for a file of somebody's own under that name, DiskError.
 */
export function lockFolder(folder: string, what: "export" | "tables", waitMs = 0): Disposable {
  const path = join(folder, `.producer-mirror-${what}.lock`);
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found && (!found.isFile() || found.size > 0))
      throw fileInTheWay(
        path,
        "is there already, and is no lock of this program",
        "move it away, or name another folder",
      );
    const lock = holdFile(path, waitMs);
    if (lock !== null) return lock;
  } catch (error) {
    // A file system without locks (some of phones and of network shares) takes an export all the same.
    if ((error as { code?: string }).code === "SQLITE_IOERR_LOCK") return NO_LOCK;
    throw toDiskError(error, path);
  }
  throw new LockedError(`another export is at work in ${folder}`, { hint: "wait for it to end, then try again" });
}

/** The refusal to replace a file that no export has written; `why` follows its path. */
export function fileInTheWay(path: string, why: string, hint: string): UsageError {
  return new UsageError(`${path} ${why}`, { code: "file_in_the_way", hint });
}

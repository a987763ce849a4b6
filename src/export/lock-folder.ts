import { lstatSync } from "node:fs";
import { join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { holdFile } from "../db/hold-file.ts";
import { LockedError, UsageError } from "../lib/errors.ts";

const NO_LOCK: Disposable = { [Symbol.dispose]() {} };

/**
 * Holds a folder for one export, whichever archive it is of, by an empty file of its own in it. That stays: who takes a
 * lock away can take it from under somebody who is just opening it. Throws LockedError when another export does not end
 * within `waitMs`, UsageError for a file of somebody's own under that name, DiskError.
 */
export function lockFolder(folder: string, what: "export" | "tables", waitMs = 0): Disposable {
  const path = join(folder, `.producer-mirror-${what}.lock`);
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found && (!found.isFile() || found.size > 0)) throw notOurs(path);
    const held = holdFile(path, waitMs);
    if (held !== null) return held;
  } catch (error) {
    // A file system without locks (some of phones and of network shares) takes an export all the same.
    if ((error as { code?: string }).code === "SQLITE_IOERR_LOCK") return NO_LOCK;
    throw toDiskError(error, path);
  }
  throw new LockedError(`another export is at work in ${folder}`, { hint: "wait for it to end, then try again" });
}

function notOurs(path: string): UsageError {
  return new UsageError(`${path} is there already, and is no lock of this program`, {
    code: "file_in_the_way",
    hint: "move it away, or name another folder",
  });
}

import { closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";
import { DiskError } from "../lib/errors.ts";
import { setModeSync } from "../lib/files/disk-limits.ts";

/**
 * Locks a file by an exclusive SQLite transaction in which nothing is written; the kernel releases it when the process
 * ends. The file is created when it does not exist, and stays empty. Returns null when another process holds it and does
 * not release it within `waitMs`. Throws DiskError where the folder takes no files, as in /proc, and otherwise the error
 * of the file system or SQLite.
 */
export function holdFile(path: string, waitMs: number): Disposable | null {
  createFile(path);
  makePrivate(path);
  const client = new Sqlite(path, { timeout: waitMs });
  try {
    client.exec("pragma journal_mode = memory; begin exclusive"); // otherwise a journal file would appear beside it
  } catch (error) {
    client.close();
    if ((error as { code?: string }).code === "SQLITE_BUSY") return null;
    throw error;
  }
  return { [Symbol.dispose]: () => void client.close() };
}

/** Readable by its owner alone; a file whose mode is right already is not touched. */
function makePrivate(path: string): void {
  if ((statSync(path).mode & 0o777) !== 0o600) setModeSync(path, 0o600);
}

function createFile(path: string): void {
  try {
    // Never an existing file: closing it would drop the lock that a connection of this process holds on it.
    closeSync(openSync(path, "wx", 0o600));
  } catch (cause) {
    const { code } = cause as { code?: string };
    if (code === "EEXIST") return;
    if (code !== "ENOENT") throw cause;
    const hint = "name another folder, or check that its disk is there";
    throw new DiskError(`${dirname(path)} is gone, or takes no files`, { cause, hint });
  }
}

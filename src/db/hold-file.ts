import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";
import { DiskError } from "../lib/errors.ts";
import { isModeRefused } from "../lib/files/modes.ts";

/**
 * Holds a file, which is made when it is not there and stays empty, by an exclusive transaction that nothing is written
 * in: the kernel drops it with its process. Null when another process holds it and does not let go within `waitMs`.
 * Throws DiskError where the folder takes no files, such as those of /proc, else what the file system and SQLite say.
 */
export function holdFile(path: string, waitMs: number): Disposable | null {
  make(path);
  tighten(path);
  const client = new Sqlite(path, { timeout: waitMs });
  try {
    client.exec("pragma journal_mode = memory; begin exclusive"); // a journal would be made, and come and go beside it
  } catch (error) {
    client.close();
    if ((error as { code?: string }).code === "SQLITE_BUSY") return null;
    throw error;
  }
  return { [Symbol.dispose]: () => void client.close() };
}

/** For its owner alone; a file that is as it should be is not touched. */
function tighten(path: string): void {
  if ((statSync(path).mode & 0o777) === 0o600) return;
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    if (!isModeRefused(error)) throw error;
  }
}

function make(path: string): void {
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ENOENT") throw cause;
    const hint = "name another folder, or check that its disk is there";
    throw new DiskError(`${dirname(path)} is gone, or takes no files`, { cause, hint });
  }
}

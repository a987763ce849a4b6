import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { connect } from "../../db/connection.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { freeName } from "../../lib/files/free-name.ts";

/**
 * Replaces the database at `path` by the one at `fresh`. The old one is kept as `<path>.before-rebuild-<time>`, with a number
 * appended when that name is taken. After a kill at any moment there is a complete database at `path`, the old or the new
 * one. Returns the path of the old one, null when there was none.
 */
export function swapDatabase(path: string, fresh: string, stamp: string): string | null {
  const oldPath = freeName(`${path}.before-rebuild-${stamp}`, ["-wal"]);
  const hasOld = existsSync(path);
  if (hasOld) {
    checkpointLog(path);
    linkSync(path, oldPath);
  }
  // A log that could not be emptied belongs to the old database. Beside the new one, SQLite would apply it to that.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${oldPath}-wal`);
  rmSync(`${path}-shm`, { force: true });
  renameSync(fresh, path);
  flushFolderSync(dirname(path));
  return hasOld ? oldPath : null;
}

/** Writes the log into the database file, if that can still be opened. */
function checkpointLog(path: string): void {
  try {
    const { $client: client } = connect(path);
    try {
      client.pragma("wal_checkpoint(truncate)");
    } finally {
      client.close();
    }
  } catch {
    // It is damaged or not a database. It is kept as it is.
  }
}

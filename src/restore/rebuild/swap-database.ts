import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { connect } from "../../db/connection.ts";
import { flushFolderSync } from "../../lib/files/flush.ts";
import { freeName } from "../../lib/files/free-name.ts";

/**
 * Puts the database at `fresh` in the place of the one at `path`, which stays beside as `<path>.before-rebuild-<time>`,
 * with a number after it where a run of the same second left one. Whenever it is killed, a whole database stands at
 * `path`, the old or the new one. Returns where the old one is, null when there was none.
 */
export function swapDatabase(path: string, fresh: string, stamp: string): string | null {
  const kept = freeName(`${path}.before-rebuild-${stamp}`, ["-wal"]);
  const hadOne = existsSync(path);
  if (hadOne) {
    emptyLog(path);
    linkSync(path, kept);
  }
  // A log that could not be written back belongs to the old database: beside the new one it would be read into it.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`);
  rmSync(`${path}-shm`, { force: true });
  renameSync(fresh, path);
  flushFolderSync(dirname(path));
  return hadOne ? kept : null;
}

/** What the log holds goes into the database file, where that can still be opened. */
function emptyLog(path: string): void {
  try {
    const { $client: client } = connect(path);
    try {
      client.pragma("wal_checkpoint(truncate)");
    } finally {
      client.close();
    }
  } catch {
    // It is damaged or none of ours; it is kept as it is.
  }
}

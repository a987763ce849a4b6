import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DiskError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { setMode } from "../../lib/files/disk-limits.ts";
import { lstatEntry, type FileEntry } from "../../lib/files/entry.ts";
import { flushFolder } from "../../lib/files/flush.ts";

/**
 * Makes the folder `name` in `parent`, for its owner alone and durable, and returns its absolute path. It is no symlink,
 * so that what is written into it stays inside, however the parent itself is reached. Throws DiskError.
 */
export async function ensureFolder(parent: string, name: string): Promise<string> {
  const folder = join(parent, name);
  const entry = (await lstatEntry(folder)) ?? (await makeFolder(parent, folder));
  if (entry !== null && entry.type !== "folder") throw inTheWay(entry, folder);
  return folder;
}

/** The error for something else where a file or folder of the archive should be. */
export function inTheWay(entry: FileEntry, path: string): DiskError {
  const hint = "move it away: the archive never writes through it";
  return new DiskError(`${entry.type} in archive: ${path}`, { code: "asset_not_a_file", hint });
}

async function makeFolder(parent: string, folder: string): Promise<FileEntry | null> {
  try {
    await mkdir(folder, { mode: 0o700 });
    await setMode(folder, 0o700);
    await flushFolder(parent);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return lstatEntry(folder);
    throw toDiskError(error, folder);
  }
}

import { chmod, mkdir, mkdtemp, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DiskError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { safeParts } from "./files.ts";
import { lstatEntry } from "../../lib/files/entry.ts";
import { flushFolder } from "../../lib/files/flush.ts";

/** Of the folders that makeStaging makes; the dot keeps them out of every list of files. */
export const STAGING = ".repair-";

/** A new empty folder on the disk of the assets, for its owner alone. Throws DiskError. */
export async function makeStaging(root: string): Promise<string> {
  try {
    return await mkdtemp(join(root, STAGING));
  } catch (error) {
    throw toDiskError(error, root);
  }
}

/**
 * Gives a checked file the name that a row has for it: flushed, for its owner alone, renamed, the folders flushed. Never
 * over anything. Throws DiskError, also when something lies there or a symlink is in the way.
 */
export async function moveIn(root: string, from: string, path: string): Promise<void> {
  const parts = safeParts(path);
  const place = join(root, ...parts);
  try {
    await makeFolders(root, parts.slice(0, -1));
    const entry = await lstatEntry(place);
    if (entry !== null) throw new DiskError(`${entry.type} in the way: ${place}`, { code: "asset_not_a_file" });
    await flush(from);
    await rename(from, place);
    await flushFolder(dirname(place));
    if (dirname(from) !== dirname(place)) await flushFolder(dirname(from));
  } catch (error) {
    throw toDiskError(error, place);
  }
}

async function makeFolders(root: string, parts: string[]): Promise<void> {
  let folder = root;
  for (const part of parts) {
    const parent = folder;
    folder = join(folder, part);
    const entry = await lstatEntry(folder);
    if (entry?.type === "folder") continue;
    if (entry !== null) throw new DiskError(`${entry.type} in archive: ${folder}`, { code: "asset_not_a_file" });
    await mkdir(folder, { mode: 0o700 });
    await chmod(folder, 0o700);
    await flushFolder(parent);
  }
}

async function flush(place: string): Promise<void> {
  await chmod(place, 0o600);
  const file = await open(place, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

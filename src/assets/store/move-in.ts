import { mkdtemp, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DiskError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { makePrivate } from "../../lib/files/durable-files.ts";
import { safeParts } from "./files.ts";
import { ensureFolder } from "./folders.ts";
import { lstatEntry } from "../../lib/files/entry.ts";
import { flushFolder } from "../../lib/files/flush.ts";

/** The prefix of the staging folders. The dot keeps them out of every list of files. */
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
 * Moves a checked file to the path of its row: readable by its owner alone, flushed, renamed, its folders flushed. Never
 * overwrites anything. Throws DiskError, also when something is at that path or a symlink is on the way.
 */
export async function moveIn(root: string, from: string, path: string): Promise<void> {
  const parts = safeParts(path);
  const target = join(root, ...parts);
  try {
    let folder = root;
    for (const part of parts.slice(0, -1)) folder = await ensureFolder(folder, part);
    const entry = await lstatEntry(target);
    if (entry !== null) throw new DiskError(`${entry.type} in the way: ${target}`, { code: "asset_not_a_file" });
    await makePrivate(from);
    await rename(from, target);
    await flushFolder(dirname(target));
    if (dirname(from) !== dirname(target)) await flushFolder(dirname(from));
  } catch (error) {
    throw toDiskError(error, target);
  }
}

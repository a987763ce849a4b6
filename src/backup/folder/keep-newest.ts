import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { digestFile } from "../../lib/files/read.ts";
import { listGenerations, partialFolder, type Generation } from "../generations.ts";
import { readInfo } from "../snapshot/manifest.ts";
import { readSums } from "../snapshot/sha256sums.ts";

/** `owner`: who goes on with a removal that was interrupted (`partialOwner`). */
type KeepOptions = { owner: string; signal: AbortSignal };

/**
 * Removes all backups that are older than the newest `count` good ones. A damaged one is not counted, and is removed only
 * with those older ones. Good means: its list and `backup.json` can be read, and its database is as it was written.
 * Returns the names of those removed.
 */
export async function keepNewest(location: string, count: number, { owner, signal }: KeepOptions): Promise<string[]> {
  let good = 0;
  const removed: string[] = [];
  for (const generation of await listGenerations(location)) {
    signal.throwIfAborted();
    if (good >= count) {
      if (await remove(location, generation, owner)) removed.push(generation.name);
    } else if (await isGood(generation, signal)) good++;
  }
  return removed;
}

/**
 * Renames it first: half a backup must not have the name of a whole one. False when it is gone: another home of this
 * archive removed it.
 */
async function remove(location: string, { name, folder }: Generation, owner: string): Promise<boolean> {
  const partial = partialFolder(location, name, owner);
  try {
    await rename(folder, partial);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  await rm(partial, { recursive: true, force: true });
  return true;
}

async function isGood({ folder }: Generation, signal: AbortSignal): Promise<boolean> {
  const list = await readSums(folder).catch(() => null);
  if (list === null || list.why !== undefined || list.bad.length > 0) return false;
  const digest = await digestFile(join(folder, "archive.db"), signal).catch(() => undefined);
  return (await readInfo(folder)) !== null && digest !== undefined && digest.sha256 === list.sums.get("archive.db");
}

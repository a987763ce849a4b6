import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { digestFile } from "../../lib/files/read.ts";
import { listGenerations, type Generation } from "../generations.ts";
import { readInfo } from "../snapshot/manifest.ts";
import { readSums } from "../snapshot/sha256sums.ts";

/**
 * Removes all backups that are older than the newest `count` good ones. A damaged one is not counted, and is removed only
 * with those older ones. Good means: its list and `backup.json` can be read, and its database is as it was written.
 * Returns the names of those removed.
 */
export async function keepNewest(location: string, count: number, signal: AbortSignal): Promise<string[]> {
  let good = 0;
  const removed: string[] = [];
  for (const generation of await listGenerations(location)) {
    signal.throwIfAborted();
    if (good >= count) {
      await remove(generation);
      removed.push(generation.name);
    } else if (await isGood(generation, signal)) good++;
  }
  return removed;
}

/** Renames it first: half a backup must not have the name of a whole one. */
async function remove({ folder }: Generation): Promise<void> {
  await rename(folder, `${folder}.partial`);
  await rm(`${folder}.partial`, { recursive: true, force: true });
}

async function isGood({ folder }: Generation, signal: AbortSignal): Promise<boolean> {
  const list = await readSums(folder).catch(() => null);
  if (list === null || list.why !== undefined || list.bad.length > 0) return false;
  const digest = await digestFile(join(folder, "archive.db"), signal).catch(() => undefined);
  return (await readInfo(folder)) !== null && digest !== undefined && digest.sha256 === list.sums.get("archive.db");
}

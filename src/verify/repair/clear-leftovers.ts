import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { STAGING } from "../../assets/store/move-in.ts";
import type { AssetStore } from "../../assets/store/store.ts";

/** A download that was not gone on with for so long starts anew. */
const OLD_MS = 7 * 24 * 3600 * 1000;

/**
 * Clears away what unfinished downloads left in the assets folder and nobody touched for a week: by the names that
 * downloads make and by age alone, a symlink itself and never what it points at. Answers how many; a dry run counts.
 */
export async function clearParts(store: AssetStore, now: number, dryRun: boolean): Promise<number> {
  let cleared = 0;
  for await (const { path, modifiedAt } of store.listParts()) {
    if (now - modifiedAt < OLD_MS) continue;
    if (!dryRun) await store.removePart(path);
    cleared++;
  }
  return cleared;
}

/** What a repair that was killed was about to bring in: copies of files that lie elsewhere. Needs the archive's lock. */
export async function clearStaging({ root }: AssetStore): Promise<void> {
  try {
    for (const name of await readdir(root)) {
      if (!name.startsWith(STAGING) || !(await lstat(join(root, name))).isDirectory()) continue;
      await rm(join(root, name), { recursive: true, force: true });
    }
  } catch (error) {
    throw toDiskError(error, root);
  }
}

import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { STAGING } from "../../assets/store/move-in.ts";
import type { AssetStore } from "../../assets/store/store.ts";

/** A partial download that is older is not resumed any more. */
const OLD_MS = 7 * 24 * 3600 * 1000;

/**
 * Removes partial downloads from the assets folder that have not changed for a week. They are recognised by name and age
 * alone. Of a symlink the link is removed, never its target. Returns how many; a dry run only counts. Throws DiskError.
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

/** Removes the staging folders of a killed repair: they only have copies. Needs the archive's lock. Throws DiskError. */
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

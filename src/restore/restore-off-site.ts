import { readdir, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { formatTimestamp } from "../backup/generations.ts";
import { restoreFromFolder, type RestoreDeps, type RestoreOptions, type RestoreReport } from "./restore.ts";
import { realPath } from "../lib/files/paths.ts";
import { fetchBackup } from "../backup/off-site/fetch-backup.ts";
import type { OpenLocation } from "../backup/off-site/location.ts";
import type { TransferProgress } from "../backup/off-site/upload-types.ts";
import type { SnapshotChoice } from "../backup/off-site/snapshots.ts";

/**
 * Downloads a whole backup into a folder beside the home, then restores it from there as from any other folder: it is
 * checked first, and the old home is untouched until the new one is whole. `from` of the report is the location.
 */
export async function restoreFromLocation(
  location: OpenLocation,
  choice: SnapshotChoice,
  deps: Omit<RestoreDeps, "signal"> & { onFetch: (progress: TransferProgress) => void },
  options: RestoreOptions,
): Promise<RestoreReport & { snapshot: string }> {
  const home = await realPath(deps.home);
  await removeOldDownloads(home, deps.now());
  const folder = `${home}.fetched-${formatTimestamp(deps.now())}`;
  try {
    const snapshot = await fetchBackup(location, choice, folder, deps.onFetch);
    const report = await restoreFromFolder(folder, { ...deps, signal: location.signal }, { ...options, mayMove: true });
    return { ...report, from: location.name, snapshot };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const OLD_MS = 7 * 86_400_000;

/** Downloads of killed restores are removed after a week: a newer one may belong to a restore that still runs. */
async function removeOldDownloads(home: string, now: number): Promise<void> {
  const start = `${basename(home)}.fetched-`;
  for (const name of await readdir(dirname(home)).catch(() => [])) {
    const folder = join(dirname(home), name);
    if (!name.startsWith(start) || !/^\d{8}T\d{6}Z$/.test(name.slice(start.length))) continue;
    const age = now - (await stat(folder).catch(() => ({ mtimeMs: now }))).mtimeMs;
    if (age > OLD_MS) await rm(folder, { recursive: true, force: true });
  }
}

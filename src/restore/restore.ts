import { rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { freeBytes, noSpaceError } from "../lib/files/disk-errors.ts";
import { acquireLock } from "../db/lock.ts";
import { checkBackup, type BackupCheck, type CheckProgress, type Damage } from "../backup/check-backup.ts";
import { makeFolder } from "../lib/files/durable-files.ts";
import { formatTimestamp } from "../backup/generations.ts";
import { addMissingFiles, countMissingBytes } from "./copy-files.ts";
import { refuseNewerHere } from "./newer-here.ts";
import { planRestore, refuseNewer, type RestorePlan } from "./plan.ts";
import {
  buildHome,
  fillHome,
  newHome,
  openOldArchive,
  removeIfEmpty,
  removeLeftovers,
  swapHomes,
  type OldArchive,
} from "./replace-home.ts";
import { listEntries, inspectTarget, type RestoreTarget } from "./target.ts";
import { exists } from "../lib/files/entry.ts";

export type RestoreDeps = {
  /** Where the archive is restored; need not exist. */
  home: string;
  /** Its assets folder, in the home or elsewhere. */
  assets: string;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: RestoreProgress) => void;
};

/** The whole backup is checked before anything is copied. */
export type RestoreProgress =
  ({ step: "checking" } & CheckProgress) | { step: "copying"; bytes: number; total: number };

export type RestoreOptions = {
  /** Restore what is good of a damaged backup, and replace a different archive. */
  force?: boolean;
  /** The source is a copy made for this restore: its files may be moved away. */
  mayMove?: boolean;
  /** Check everything, change nothing. */
  dryRun?: boolean;
};

export type RestoreReport = {
  home: string;
  assets: string;
  /** The folder or location of the backup. */
  from: string;
  archiveId: string | null;
  /** When the snapshot was made, milliseconds UTC; null when the backup does not say. */
  takenAt: number | null;
  clips: number;
  files: number;
  bytes: number;
  /** What is missing or changed in the backup. If there is any, nothing is restored without `force`. */
  damaged: Damage[];
  /** What lies in the backup and is none of its files: not restored. */
  foreign: string[];
  restored: boolean;
  /** Where the old home is now; null when it was empty. */
  before: string | null;
};

/**
 * Restores an archive from `source`: a folder with `archive.db`, `journal/`, `assets/`, `backup.json` and `SHA256SUMS`,
 * such as one generation of a backup. All of it is read and checked first; if it is damaged, nothing is restored without
 * `force`, and the report says `restored: false`. The new home is built beside the old one, which is then renamed to
 * `<home>.before-restore-<time>`; other entries of the old home are copied to the new one. A home that cannot be renamed, such as
 * a mount point, gets the contents into it. An assets folder outside of
 * the home stays, and gets the files that it lacks. A kill at any moment leaves the old home whole, there or under that name.
 * An archive with changes that the backup lacks is not replaced without `force` either. Throws UsageError (the home of a
 * different archive; source and home contain one another), SchemaError (a newer backup), IntegrityError (its database
 * cannot be used), LockedError, DiskError (also for such changes).
 */
export async function restoreFromFolder(
  source: string,
  deps: RestoreDeps,
  { force = false, mayMove = false, dryRun = false }: RestoreOptions = {},
): Promise<RestoreReport> {
  const target = await inspectTarget(deps, source);
  const { signal, onProgress } = deps;
  const check = await checkBackup(source, {
    signal,
    onProgress: (progress) => onProgress({ step: "checking", ...progress }),
  });
  refuseNewer(check);
  const report = reportOf(check, target);
  if (check.damaged.length > 0 && !force) return report;
  const plan = await planRestore(check, target, { force, mayMove });
  // Opened before the journals are compared: what is written to it after that stops the restore at its end.
  using old = dryRun ? undefined : openOldArchive(target);
  if (!force) refuseNewerHere(target.home, check.folder);
  if (dryRun) return report;
  const moved = await withLock(target, deps, (stamp) => replace(target, plan, old, deps, stamp));
  const before = moved === null || (await removeIfEmpty(moved)) ? null : moved;
  return { ...report, restored: true, before };
}

async function replace(
  target: RestoreTarget,
  plan: RestorePlan,
  old: OldArchive | undefined,
  deps: RestoreDeps,
  stamp: string,
): Promise<string | null> {
  const { assets, assetsInHome } = target;
  const folder = newHome(target, stamp);
  await removeLeftovers(target);
  const total = await requireSpace(target, plan);
  let bytes = 0;
  const onBytes = (count: number) => deps.onProgress({ step: "copying", bytes: (bytes += count), total });
  const copyDeps = { signal: deps.signal, onBytes };
  try {
    await buildHome(folder, target, plan, copyDeps);
    const root = { root: assets, archiveId: plan.archiveId };
    if (assetsInHome === null) await addMissingFiles(join(plan.from, "assets"), root, plan.assets, copyDeps);
    deps.signal.throwIfAborted();
    if (target.keepsFolder) return await fillHome(folder, target, old, stamp);
    using _lock = acquireLock(folder, "restore");
    return await swapHomes(folder, target, old, stamp);
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

/** The lock is a file in the home, which is made for it, and removed again when the restore fails. */
async function withLock<T>(
  { home }: RestoreTarget,
  deps: RestoreDeps,
  work: (stamp: string) => Promise<T>,
): Promise<T> {
  const isNew = !(await exists(home));
  await makeFolder(home);
  try {
    using _lock = acquireLock(home, "restore");
    return await work(formatTimestamp(deps.now()));
  } catch (error) {
    if (isNew && (await listEntries(home)).length === 0) await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** Throws DiskError when the disks have too little space; returns the bytes that will be copied. */
async function requireSpace(
  { home, assets, assetsInHome, keepsFolder }: RestoreTarget,
  plan: RestorePlan,
): Promise<number> {
  let recordBytes = 0;
  for (const path of plan.records.keys()) recordBytes += (await stat(join(plan.from, path))).size;
  const isOutside = assetsInHome === null;
  const existing = isOutside ? assets : join(home, "nothing yet");
  const fileBytes = await countMissingBytes(join(plan.from, "assets"), existing, plan.assets.keys());
  const parent = keepsFolder ? home : dirname(home);
  const homeBytes = recordBytes + (isOutside ? 0 : fileBytes);
  const free = (folder: string) => freeBytes(folder).catch(() => Infinity);
  if (!plan.mayMove && homeBytes > (await free(parent))) throw await noSpaceError(parent, homeBytes, freeBytes);
  if (isOutside && fileBytes > (await free((await exists(assets)) ? assets : dirname(assets))))
    throw await noSpaceError(assets, fileBytes, freeBytes);
  return recordBytes + fileBytes;
}

function reportOf(check: BackupCheck, { home, assets }: RestoreTarget): RestoreReport {
  const { folder, info, good, bytes, damaged, foreign } = check;
  return {
    home,
    assets,
    from: folder,
    archiveId: info?.archiveId ?? null,
    takenAt: info === null ? null : Date.parse(info.takenAt),
    clips: info?.clips ?? 0,
    files: [...good.keys()].filter((path) => /^assets\/[^.]/.test(path)).length,
    // As the backup counted them: of the songs and covers, without the records.
    bytes: damaged.length === 0 && info !== null ? info.bytes : bytes,
    damaged,
    foreign,
    restored: false,
    before: null,
  };
}

import { rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { freeBytes, noSpaceError } from "../lib/files/disk-errors.ts";
import { acquireLock } from "../db/lock.ts";
import { checkBackup, type BackupCheck, type CheckProgress, type Damage } from "../backup/check-backup.ts";
import { makeFolder } from "../lib/files/durable-files.ts";
import { formatTimestamp } from "../backup/generations.ts";
import { buildHome, removeLeftovers, swapHomes, type RestorePlan } from "./replace-home.ts";
import { addMissingFiles, bytesToAdd } from "./copy-files.ts";
import { planRestore, refuseNewer } from "./plan.ts";
import { listEntries, inspectTarget, type Target } from "./target.ts";
import { exists } from "../lib/files/entry.ts";

export type RestoreDeps = {
  /** Where the archive goes; need not be there. */
  home: string;
  /** Its assets folder, in the home or elsewhere. */
  assets: string;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: RestoreProgress) => void;
};

/** First everything is read and checked, then it is copied. */
export type RestoreProgress =
  ({ step: "checking" } & CheckProgress) | { step: "copying"; bytes: number; total: number };

export type RestoreOptions = {
  /** Take what is good of a damaged backup, and put it over a different archive. */
  force?: boolean;
  /** The source is a copy made for this: its files may be moved away. */
  takeOver?: boolean;
  /** Check everything, change nothing. */
  dryRun?: boolean;
};

export type RestoreReport = {
  home: string;
  assets: string;
  /** The folder that it came from. */
  from: string;
  archiveId: string | null;
  /** The moment of which the records are, milliseconds UTC; null when the backup does not say. */
  takenAt: number | null;
  clips: number;
  files: number;
  bytes: number;
  /** What in the backup is not as it was written. Not empty and not forced: nothing was restored. */
  damaged: Damage[];
  restored: boolean;
  /** Where the home of before lies now; null when there was nothing in it. */
  before: string | null;
};

/**
 * Puts an archive back from `source`: a folder with `archive.db`, `journal/`, `assets/`, `backup.json` and `SHA256SUMS`,
 * such as one generation of a backup, wherever it was fetched from. All of it is read and checked first; with damage and
 * without `force` nothing is done and the report says `restored: false`. The new home is built beside the old one, which
 * is then renamed to `<home>.before-restore-<time>`; what else the old one holds is kept. An assets folder outside of the
 * home stays, and gets what it lacks. Whenever it is killed, the old home is whole, there or under that name.
 * Throws UsageError (a different archive's home, source and home in one another), SchemaError (a newer backup),
 * IntegrityError (its database cannot be used), LockedError, DiskError.
 */
export async function restoreFromFolder(
  source: string,
  deps: RestoreDeps,
  options: RestoreOptions = {},
): Promise<RestoreReport> {
  const target = await inspectTarget(deps, source);
  const { signal, onProgress } = deps;
  const check = await checkBackup(source, {
    signal,
    onProgress: (progress) => onProgress({ step: "checking", ...progress }),
  });
  refuseNewer(check);
  const report = reportOf(check, target);
  if (check.damaged.length > 0 && !options.force) return report;
  const parts = await planRestore(check, target, {
    force: options.force === true,
    takeOver: options.takeOver === true,
  });
  if (options.dryRun) return report;
  const before = await withLock(target, deps, (stamp) => replace(target, parts, deps, stamp));
  return { ...report, restored: true, before };
}

async function replace(target: Target, parts: RestorePlan, deps: RestoreDeps, stamp: string): Promise<string | null> {
  const { home, assets, assetsInHome } = target;
  const folder = `${home}.restoring-${stamp}`;
  await removeLeftovers(home);
  const total = await needed(target, parts);
  let bytes = 0;
  const onBytes = (count: number) => deps.onProgress({ step: "copying", bytes: (bytes += count), total });
  const placing = { signal: deps.signal, onBytes };
  try {
    await buildHome(folder, target, parts, placing);
    if (assetsInHome === null) {
      const files = new Map([...parts.assets].map(([path, sha256]) => [path.slice("assets/".length), sha256]));
      await addMissingFiles(join(parts.from, "assets"), { root: assets, archiveId: parts.archiveId }, files, placing);
    }
    deps.signal.throwIfAborted();
    using _lock = acquireLock(folder, "restore");
    return await swapHomes(folder, target, stamp);
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

/** The lock lies in the home, which is made for it, and taken away again when nothing came. */
async function withLock<T>({ home }: Target, deps: RestoreDeps, work: (stamp: string) => Promise<T>): Promise<T> {
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

/** Throws when the disk has not the room; answers the bytes that are copied. */
async function needed(
  { home, assets, assetsInHome }: Target,
  { from, records, assets: files, move }: RestorePlan,
): Promise<number> {
  let ofRecords = 0;
  for (const path of records.keys()) ofRecords += (await stat(join(from, path))).size;
  const paths = [...files.keys()].map((path) => path.slice("assets/".length));
  const there = assetsInHome === null ? assets : join(home, "nothing yet");
  const ofFiles = await bytesToAdd(join(from, "assets"), there, paths);
  const beside = dirname(home);
  const inHome = ofRecords + (assetsInHome === null ? 0 : ofFiles);
  if (!move && inHome > (await freeBytes(beside).catch(() => Infinity)))
    throw await noSpaceError(beside, inHome, freeBytes);
  if (assetsInHome === null && ofFiles > (await freeBytes(dirname(assets)).catch(() => Infinity)))
    throw await noSpaceError(assets, ofFiles, freeBytes);
  return ofRecords + ofFiles;
}

function reportOf(check: BackupCheck, { home, assets }: Target): RestoreReport {
  const { folder, info, good, bytes, damaged } = check;
  return {
    home,
    assets,
    from: folder,
    archiveId: info?.archiveId ?? null,
    takenAt: info === null ? null : Date.parse(info.takenAt),
    clips: info?.clips ?? 0,
    files: [...good.keys()].filter((path) => /^assets\/[^.]/.test(path)).length,
    bytes,
    damaged,
    restored: false,
    before: null,
  };
}

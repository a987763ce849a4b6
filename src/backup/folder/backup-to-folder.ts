import { rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { forgetOtherCopies, recordCopies } from "../../archive/copies.ts";
import { archiveId } from "../../archive/info.ts";
import { ASSETS_MARKER } from "../../assets/store/marker.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { freeBytes, noSpaceError } from "../../lib/files/disk-errors.ts";
import { makeFolder, writeFileDurably } from "../../lib/files/durable-files.ts";
import { flushFolder } from "../../lib/files/flush.ts";
import { digestFile } from "../../lib/files/read.ts";
import { walkFolder } from "../../lib/files/walk.ts";
import { inParallel } from "../../lib/concurrency.ts";
import { removedMeanwhile } from "../../remove/trash.ts";
import { listGenerations, laterName, listPartials, nextName, partialFolder, partialOwner } from "../generations.ts";
import { recordBackup } from "../record-backup.ts";
import { refuseMissingFiles } from "../refuse-missing-files.ts";
import { writeManifest } from "../snapshot/manifest.ts";
import { writeSnapshot, type Snapshot } from "../snapshot/snapshot.ts";
import type { TransferCounts } from "../types.ts";
import { claimFolder, resolveBackupFolder } from "./claim-folder.ts";
import { createFileCopier, type CopiedFiles, type DamagedFile, type FileCopier } from "./copy-file.ts";
import { indexOlderBackups } from "./copy-from-older.ts";
import { keepNewest } from "./keep-newest.ts";

export type BackupDeps = {
  home: string;
  /** Opened for writing: the copies that are verified are recorded in it. */
  db: Database;
  store: AssetStore;
  /** Of the program, for `backup.json`. */
  version: string;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: TransferCounts) => void;
};

export type BackupOptions = {
  /** How many good backups remain, this one included; older ones are removed. Without it none is. */
  keep?: number | undefined;
  /** Trust files of older backups, and files here that have the right size, without reading them again. */
  quick?: boolean;
};

export type FolderBackup = {
  /** The folder of all backups, absolute. */
  location: string;
  /** The name of this one in it. */
  generation: string;
  clips: number;
  files: number;
  bytes: number;
  copied: number;
  linked: number;
  /** Missing and damaged files of the archive. */
  damaged: DamagedFile[];
  /** Damaged files of older backups, relative to `location`. */
  rotten: string[];
  /** Backups that `keep` removed. */
  removed: string[];
  /** Unfinished backups of other homes of this archive; they may be at work. */
  unfinished: string[];
};

const WIDTH = 4;

/**
 * One backup of the archive into `folder`, as a generation of its own: first the records, then the files, each read back,
 * then the list of digests, and only then the final name. Runs beside a sync. Files that older generations have are
 * hard-linked from there; nothing is ever linked to the archive itself. An interrupted backup is resumed. Throws
 * UsageError (an unsuitable folder), LockedError (another backup), DiskError (full; assets not this archive's, or a tenth
 * of the files gone), IntegrityError (the database is damaged).
 */
export async function backupToFolder(deps: BackupDeps, folder: string, options: BackupOptions): Promise<FolderBackup> {
  const { db, now, signal } = deps;
  const location = await planBackup(deps, folder);
  await claimFolder(location, archiveId(db), false);
  return recordBackup(deps, location, async () => {
    const { generation, snapshot, copies } = await makeGeneration(deps, location, options, now());
    recordCopies(db, location, copies.read, now());
    forgetOtherCopies(db, location, new Set(copies.sums.values()));
    const owner = await partialOwner(deps.home);
    const removed = options.keep === undefined ? [] : await keepNewest(location, options.keep, { owner, signal });
    const unfinished = (await listPartials(location)).map(({ name }) => name);
    const { copied, linked, bytes, damaged } = copies;
    const rotten = copies.rotten.map(({ path }) => relative(location, path));
    const counts = { clips: snapshot.clips, files: copied + linked, bytes, copied, linked };
    const result = { location, generation, ...counts, damaged, rotten, removed, unfinished };
    return { result, isComplete: damaged.length === 0 };
  });
}

/** Whether a backup could be made; returns the folder, absolute. Makes nothing. Throws as `backupToFolder` does. */
export async function planBackup(deps: Pick<BackupDeps, "home" | "db" | "store">, folder: string): Promise<string> {
  const location = await resolveBackupFolder(folder, { home: deps.home, assets: deps.store.root });
  await refuseMissingFiles(deps.db, deps.store);
  await claimFolder(location, archiveId(deps.db), true);
  return location;
}

type NewGeneration = { generation: string; snapshot: Snapshot; copies: CopiedFiles };

async function makeGeneration(
  deps: BackupDeps,
  location: string,
  { quick = false }: BackupOptions,
  startedAt: number,
): Promise<NewGeneration> {
  const { home, db, store, signal, now, version } = deps;
  const generations = await listGenerations(location);
  const wanted = nextName(startedAt, generations[0]);
  const partial = await resumePartial(location, wanted, await partialOwner(home));
  const snapshot = await writeSnapshot(deps, partial);
  const older = await indexOlderBackups(generations);
  const files = snapshot.files.filter(({ sha256 }) => sha256 !== null);
  await requireSpace(
    location,
    files.filter(({ sha256 }) => older.withDigest(sha256).length === 0),
  );
  const to = join(partial, "assets");
  const copier = createFileCopier({
    store,
    to,
    older,
    removedMeanwhile: ({ id }) => removedMeanwhile(home, db, id),
    quick,
    signal,
  });
  await copyFiles(deps, copier, files);
  // Not there yet when there was no file to copy.
  await makeFolder(to);
  await writeFileDurably(join(to, ASSETS_MARKER), `${snapshot.archiveId}\n`);
  copier.copies.sums.set(ASSETS_MARKER, (await digestFile(join(to, ASSETS_MARKER))).sha256);
  await finish(partial, snapshot, copier.copies, { version, startedAt, finishedAt: now() });
  const generation = await renameTo(location, partial, wanted);
  return { generation, snapshot, copies: copier.copies };
}

/** Gives the newest interrupted backup of this owner the new name, and removes older ones. */
async function resumePartial(location: string, generation: string, owner: string): Promise<string> {
  const partial = partialFolder(location, generation, owner);
  const ours = (await listPartials(location)).filter((one) => (one.owner ?? owner) === owner);
  const [newest, ...others] = ours.map(({ folder }) => folder);
  for (const other of others) await rm(other, { recursive: true, force: true });
  if (newest !== undefined && newest !== partial) await rename(newest, partial);
  return partial;
}

/** Gives a whole backup its name, or a later one when another home of this archive has made one of that name meanwhile. */
async function renameTo(location: string, partial: string, wanted: string): Promise<string> {
  for (let name = wanted; ; name = laterName(name)) {
    try {
      await rename(partial, join(location, name));
      await flushFolder(location);
      return name;
    } catch (error) {
      if (!/^(EEXIST|ENOTEMPTY)$/.test((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
}

async function requireSpace(location: string, files: Snapshot["files"]): Promise<void> {
  const needed = totalBytes(files);
  const free = await freeBytes(location).catch(() => Infinity);
  if (needed > free) throw await noSpaceError(location, needed, freeBytes);
}

async function copyFiles(
  { signal, onProgress }: BackupDeps,
  copier: FileCopier,
  files: Snapshot["files"],
): Promise<void> {
  const totals = { totalFiles: files.length, totalBytes: totalBytes(files) };
  let done = 0;
  await inParallel(files, WIDTH, async (file) => {
    signal.throwIfAborted();
    await copier.copy(file);
    onProgress({ files: ++done, bytes: copier.copies.bytes, ...totals });
  });
}

function totalBytes(files: Snapshot["files"]): number {
  return files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
}

type Facts = { version: string; startedAt: number; finishedAt: number };

/** Removes what an interrupted backup left and no row names any more, then writes the list. */
async function finish(partial: string, snapshot: Snapshot, { sums, bytes }: CopiedFiles, facts: Facts): Promise<void> {
  const assets = join(partial, "assets");
  for await (const path of walkFolder(assets, { hidden: true }))
    if (!sums.has(path)) await rm(join(assets, path), { force: true });
  const missing = snapshot.files.map(({ path }) => path).filter((path) => !sums.has(path));
  await writeManifest(snapshot, { ...facts, assets: sums, bytes, missing });
}

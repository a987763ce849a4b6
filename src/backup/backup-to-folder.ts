import { rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { archiveId } from "../archive/info.ts";
import { beginBackup, finishBackup, forgetOtherCopies, recordCopies } from "../archive/copies.ts";
import { freeBytes, noSpaceError } from "../lib/files/disk-errors.ts";
import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { acquireLock } from "../db/lock.ts";
import { inParallel } from "../lib/concurrency.ts";
import { claimFolder, placeOfBackups } from "./claim-folder.ts";
import { makeFolder, writeFileDurably } from "../lib/files/durable-files.ts";
import { listGenerations, listPartials, nextName } from "./generations.ts";
import { indexOlder } from "./older-backups.ts";
import { takenOut } from "./taken-out.ts";
import { createPlacer, type DamagedFile, type Placed, type Placer } from "./copy-file.ts";
import { keepNewest } from "./keep-newest.ts";
import { refuseLoss } from "./refuse-missing-files.ts";
import { writeManifest } from "./snapshot/manifest.ts";
import { writeSnapshot, type Snapshot } from "./snapshot/snapshot.ts";
import { flushFolder } from "../lib/files/flush.ts";
import { walkFolder } from "../lib/files/walk.ts";
import { digestFile } from "../lib/files/read.ts";

export type BackupProgress = { files: number; totalFiles: number; bytes: number; totalBytes: number };

export type BackupDeps = {
  home: string;
  /** Opened for writing: what is proven is noted there. */
  db: Database;
  store: AssetStore;
  /** Of the program, for `backup.json`. */
  version: string;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: BackupProgress) => void;
};

export type BackupOptions = {
  /** Older backups to keep with this one, this one included; all unless said. */
  keep?: number | undefined;
  /** Trust what an older backup has and what here has its size, without reading it again. */
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
  /** Files that are not here as they should be; `insteadFrom` names the older backup whose good copy is in this one. */
  damaged: DamagedFile[];
  /** Files of older backups that are not as they were written. */
  rotten: string[];
  /** Backups that were removed by `keep`. */
  removed: string[];
};

const WIDTH = 4;
const MARKER = ".producer-mirror";

/**
 * One backup of the archive into `folder`, as a generation of its own: records, then files, each read back, then the list
 * of digests, and only then its name. Runs beside a sync. What older generations have is hard-linked from there; nothing
 * is ever linked to the archive itself. An interrupted one is gone on with. Throws UsageError (a folder that will not
 * do), LockedError (another backup), DiskError (full; assets not this archive's, or a tenth of the files gone),
 * IntegrityError (the database is damaged).
 */
export async function backupToFolder(deps: BackupDeps, folder: string, options: BackupOptions): Promise<FolderBackup> {
  const { home, db, store, now, signal } = deps;
  const location = await placeOfBackups(folder, { home, assets: store.root });
  await refuseLoss(db, store);
  await claimFolder(location, archiveId(db), false);
  using _lock = acquireLock(home, "backup", 0, "backup-lock");
  const id = beginBackup(db, location, now());
  try {
    const { result, placed } = await makeGeneration(deps, location, options, now());
    recordCopies(db, location, placed.read, now());
    forgetOtherCopies(db, location, new Set(placed.sums.values()));
    const removed = options.keep === undefined ? [] : await keepNewest(location, options.keep, signal);
    const { clips, files, bytes, damaged } = result;
    const outcome = damaged.length === 0 ? "complete" : "incomplete";
    finishBackup(db, id, { outcome, clips, files, bytes, finishedAt: now(), errorMessage: null });
    return { ...result, removed };
  } catch (error) {
    const outcome = signal.aborted ? "interrupted" : "failed";
    const errorMessage = error instanceof Error ? error.message : String(error);
    finishBackup(db, id, { outcome, finishedAt: null, errorMessage, clips: 0, files: 0, bytes: 0 });
    throw error;
  }
}

/** What a backup would do. Makes nothing. Throws as `backupToFolder` does. */
export async function planBackup(deps: Pick<BackupDeps, "home" | "db" | "store">, folder: string): Promise<string> {
  const location = await placeOfBackups(folder, { home: deps.home, assets: deps.store.root });
  await refuseLoss(deps.db, deps.store);
  await claimFolder(location, archiveId(deps.db), true);
  return location;
}

type Made = { result: Omit<FolderBackup, "removed">; placed: Placed };

async function makeGeneration(
  deps: BackupDeps,
  location: string,
  options: BackupOptions,
  startedAt: number,
): Promise<Made> {
  const { home, db, store, signal, now } = deps;
  const generations = await listGenerations(location);
  const name = nextName(startedAt, generations[0]);
  const partial = await takePartial(location, name);
  const snapshot = await writeSnapshot(deps, partial);
  const older = await indexOlder(generations);
  const files = snapshot.files.filter(({ sha256 }) => sha256 !== null);
  await needRoom(
    location,
    files.filter(({ sha256 }) => older.of(sha256 ?? "").length === 0),
  );
  const to = join(partial, "assets");
  const placer = createPlacer({
    store,
    to,
    older,
    takenOut: (file) => takenOut(home, db, file),
    quick: options.quick ?? false,
    signal,
  });
  await placeAll(deps, placer, files);
  // No file may have made it yet.
  await makeFolder(to);
  await writeFileDurably(join(to, MARKER), `${snapshot.archiveId}\n`);
  placer.placed.sums.set(MARKER, (await digestFile(join(to, MARKER))).sha256);
  await finish(partial, snapshot, placer.placed, { version: deps.version, startedAt, finishedAt: now() });
  await rename(partial, join(location, name));
  await flushFolder(location);
  return { placed: placer.placed, result: resultOf(location, name, snapshot, placer.placed) };
}

/** What an interrupted backup has brought is taken over; older leftovers go. */
async function takePartial(location: string, name: string): Promise<string> {
  const partial = join(location, `${name}.partial`);
  const [newest, ...others] = await listPartials(location);
  for (const other of others) await rm(other, { recursive: true, force: true });
  if (newest !== undefined && newest !== partial) await rename(newest, partial);
  return partial;
}

async function needRoom(location: string, files: Snapshot["files"]): Promise<void> {
  const need = files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const have = await freeBytes(location).catch(() => Infinity);
  if (need > have) throw await noSpaceError(location, need, freeBytes);
}

async function placeAll({ signal, onProgress }: BackupDeps, placer: Placer, files: Snapshot["files"]): Promise<void> {
  const totalBytes = files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  let done = 0;
  await inParallel(files, WIDTH, async (file) => {
    signal.throwIfAborted();
    await placer.place(file);
    onProgress({ files: ++done, totalFiles: files.length, bytes: placer.placed.bytes, totalBytes });
  });
}

type Facts = { version: string; startedAt: number; finishedAt: number };

/** Takes out what an interrupted backup has left and rows no longer name, then writes the list. */
async function finish(partial: string, snapshot: Snapshot, placed: Placed, facts: Facts): Promise<void> {
  const assets = join(partial, "assets");
  for await (const path of walkFolder(assets, { hidden: true }))
    if (!placed.sums.has(path)) await rm(join(assets, path), { force: true });
  const missing = snapshot.files.map(({ path }) => path).filter((path) => !placed.sums.has(path));
  await writeManifest(snapshot, { ...facts, assets: placed.sums, bytes: placed.bytes, missing });
}

function resultOf(location: string, generation: string, { clips }: Snapshot, placed: Placed): Made["result"] {
  const { copied, linked, bytes, damaged } = placed;
  const rotten = placed.rotten.map(({ place }) => relative(location, place));
  return { location, generation, clips, files: copied + linked, bytes, copied, linked, damaged, rotten };
}

import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { toDiskError } from "../../assets/disk-trouble.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { flushFiles, flushFolders } from "./flush-all.ts";
import { makeFile, SourceTrouble, type Made, type Maker } from "./make-file.ts";
import { IN_THE_WAY, type Changes, type Left, type Write } from "./plan-changes.ts";
import type { PlannedFile } from "./planned-file.ts";
import { type MadeFile, type MadeFiles } from "./state.ts";

export type Applied = {
  written: number;
  retagged: number;
  renamed: number;
  removed: number;
  bytes: number;
  skipped: Left[];
};
export type ApplyProgress = { files: number; totalFiles: number; bytes: number };

export type ApplyDeps = Maker & {
  folder: string;
  /** Kept in step with what lies in the folder; the caller writes it down. */
  made: MadeFiles;
  save: () => Promise<void>;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: ApplyProgress) => void;
};

const BATCH = 512;
const WIDTH = 4;
const SAVE_EVERY_MS = 10_000;
const TEMPORARY = /^\.producer-mirror-\d+\.part$/;

/**
 * Does what was planned, so that each name has the old file, the new one or none at any moment: what goes goes first, then
 * files get their new names, then new ones are made under temporary names, flushed, and named. Throws DiskError, and
 * the signal's reason between two batches.
 */
export async function applyChanges(deps: ApplyDeps, changes: Changes): Promise<Applied> {
  const { made, folder } = deps;
  const touched = new Set<string>();
  for (const path of changes.forgotten) made.delete(path);
  for (const { path } of changes.kept) made.delete(path);
  for (const { path } of changes.removals) remove(deps, path, touched);
  for (const { file, from } of changes.moves) move(deps, file, from, touched);
  const applied: Applied = {
    written: 0,
    retagged: 0,
    renamed: changes.moves.length,
    removed: changes.removals.filter(({ counted }) => counted).length,
    bytes: 0,
    skipped: [],
  };
  let saved = deps.now();
  for (let at = 0; at < changes.writes.length; at += BATCH) {
    deps.signal.throwIfAborted();
    await writeBatch(deps, changes, changes.writes.slice(at, at + BATCH), applied, touched);
    if (deps.now() - saved < SAVE_EVERY_MS) continue;
    await deps.save();
    saved = deps.now();
  }
  removeEmptyFolders(folder, touched);
  await flushFolders(
    folder,
    [...touched].map((path) => join(folder, path)),
  );
  return applied;
}

/** Takes away what an interrupted export left under temporary names. */
export function sweep(folder: string, made: MadeFiles): void {
  for (const under of new Set(["", ...[...made.keys()].map(folderOf)])) {
    for (const name of namesIn(join(folder, under))) {
      if (TEMPORARY.test(name)) rmSync(join(folder, under, name), { force: true });
    }
  }
}

function namesIn(place: string): string[] {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}

function remove({ folder, made }: ApplyDeps, path: string, touched: Set<string>): void {
  onDisk(join(folder, path), (place) => unlinkSync(place));
  made.delete(path);
  touched.add(folderOf(path));
}

function move({ folder, made }: ApplyDeps, file: PlannedFile, from: string, touched: Set<string>): void {
  const entry = made.get(from) as MadeFile;
  makeFolder(folder, file.path, touched);
  onDisk(join(folder, from), (place) => renameSync(place, join(folder, file.path)));
  made.delete(from);
  made.set(file.path, entry);
  touched.add(folderOf(from));
}

type Fresh = { write: Write; place: string; made: Made };

async function writeBatch(
  deps: ApplyDeps,
  changes: Changes,
  batch: Write[],
  applied: Applied,
  touched: Set<string>,
): Promise<void> {
  const { folder } = deps;
  const places = batch.map(({ file }, at) => join(folder, folderOf(file.path), `.producer-mirror-${at}.part`));
  const fresh: Fresh[] = [];
  try {
    await inParallel(batch.entries(), WIDTH, async ([at, write]) => {
      deps.signal.throwIfAborted();
      const place = places[at] as string;
      makeFolder(folder, write.file.path, touched);
      const made = await makeOrSkip(deps, write, place, applied);
      if (made === null) return;
      fresh.push({ write, place, made });
      applied.bytes += made.bytes;
      const files = applied.written + applied.retagged + fresh.length;
      deps.onProgress({ files, totalFiles: changes.writes.length, bytes: applied.bytes });
    });
    await flushFiles(
      folder,
      fresh.map(({ place }) => place),
    );
    for (const one of fresh) name(deps, one, applied);
  } catch (error) {
    for (const place of places) rmSync(place, { force: true });
    throw error;
  }
}

async function makeOrSkip(deps: ApplyDeps, { file }: Write, place: string, applied: Applied): Promise<Made | null> {
  try {
    return await makeFile(deps, file, place);
  } catch (error) {
    if (!(error instanceof SourceTrouble)) throw error;
    rmSync(place, { force: true });
    applied.skipped.push({ path: file.path, reason: error.message, blocked: true });
    return null;
  }
}

/** Nothing that came meanwhile is overwritten. */
function name({ folder, made: files }: ApplyDeps, { write, place, made }: Fresh, applied: Applied): void {
  const { file, as, replaces } = write;
  onDisk(join(folder, file.path), (target) => {
    if (!replaces && lstatSync(target, { throwIfNoEntry: false })) {
      unlinkSync(place);
      files.delete(file.path);
      applied.skipped.push({ path: file.path, ...IN_THE_WAY });
      return;
    }
    renameSync(place, target);
    files.set(file.path, { kind: file.kind, owner: file.owner, print: file.print, ...made });
    applied[as]++;
  });
}

/** Those that are known to be there are not made again. */
function makeFolder(folder: string, path: string, touched: Set<string>): void {
  const under = folderOf(path);
  if (touched.has(under)) return;
  onDisk(join(folder, under), (place) => mkdirSync(place, { recursive: true }));
  touched.add(under);
}

/** Only those that something left; one that holds anything else stays. */
function removeEmptyFolders(folder: string, touched: Set<string>): void {
  const before = new Set(touched);
  for (const start of before) {
    for (let path = start; path !== ""; path = folderOf(path)) {
      try {
        rmdirSync(join(folder, path));
      } catch {
        break;
      }
      touched.delete(path);
      touched.add(folderOf(path));
    }
  }
}

function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === "." ? "" : folder;
}

function onDisk(place: string, work: (place: string) => unknown): void {
  try {
    work(place);
  } catch (error) {
    throw toDiskError(error, place);
  }
}

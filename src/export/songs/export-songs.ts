import { join } from "node:path";
import { safeParts } from "../../assets/store/files.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { UsageError } from "../../lib/errors.ts";
import { makeFolders } from "../../lib/files/make-folders.ts";
import type { Filter } from "../../query/filter/filter.ts";
import { applyChanges } from "./write/apply.ts";
import { flushFolders } from "./write/flush.ts";
import { onDisk } from "./folders.ts";
import { isSameDate, lookAt } from "./look-at-folder.ts";
import { lockFolder, resolveFolder } from "../folder.ts";
import { planChanges, type Changes, type NotExported } from "./plan-changes.ts";
import { planFiles, type PlanOptions } from "./plan/plan-files.ts";
import { readSelection } from "./read-songs.ts";
import { readState, writeState, type MadeFiles } from "./state.ts";
import { removeTemporaryFiles } from "./write/temporary.ts";
import type { MakeDeps } from "./write/make-file.ts";
import type { WriteProgress } from "./write/write-files.ts";

export type ExportDeps = {
  home: string;
  db: Database;
  store: AssetStore;
  mode: number;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: WriteProgress) => void;
  /** Called before anything is removed, with what will be. */
  onRemoval: (paths: string[]) => void;
};

export type ExportOptions = PlanOptions & { dryRun: boolean };

/** Files, but for `songs`; planned = written + renamed + retagged + unchanged + skipped. */
export type ExportReport = {
  /** Absolute. */
  folder: string;
  songs: number;
  /** Selected clips that have no stored audio. */
  withoutAudio: number;
  planned: number;
  written: number;
  renamed: number;
  retagged: number;
  removed: number;
  unchanged: number;
  skipped: number;
  /** Of what was written. */
  bytes: number;
  /** What is not as planned, and why; `blocked` when it could be. */
  left: NotExported[];
  /** Copies into which no tags could be written. */
  untagged: { path: string; reason: string }[];
  /** Of a dry run. */
  changes?: { do: "write" | "retag" | "rename" | "remove"; path: string; from?: string }[];
};

/**
 * Makes `folder` what the selection of songs looks like to people and players, and writes only what differs. All is
 * planned before anything is touched; files that no export made are never overwritten or removed. Throws UsageError (a
 * folder that will not do, nothing selected where an earlier export has something), LockedError (another export is at
 * work in the folder), DiskError.
 */
export async function exportSongs(
  deps: ExportDeps,
  path: string,
  filter: Filter,
  options: ExportOptions,
): Promise<ExportReport> {
  const { home, db, store } = deps;
  const folder = await resolveFolder(path, { home, assets: store.root });
  const writeTags = options.tags ? await loadTagWriter() : null;
  const { songs, clips, playlists, withoutAudio, archiveKey } = readSelection(db, filter);
  await store.check({ files: songs.length > 0 });
  const planned = planFiles(songs, clips, options, playlists);
  using _lock = options.dryRun || planned.length === 0 ? undefined : makeAndLock(folder);
  const made = await readState(folder, archiveKey);
  if (planned.length === 0 && made.size > 0) throw nothingSelected(folder, made.size);
  const changes = planChanges(planned, made, await lookAt(folder, planned, made));
  const counted = changes.removals.filter((one) => one.counted).map(({ path }) => path);
  const report: ExportReport = {
    folder,
    songs: songs.length,
    withoutAudio,
    planned: planned.length,
    written: changes.writes.filter(({ as }) => as === "written").length,
    renamed: changes.moves.length,
    retagged: changes.writes.filter(({ as }) => as === "retagged").length,
    removed: counted.length,
    unchanged: changes.unchanged.length,
    skipped: changes.skipped.length,
    bytes: 0,
    left: [...changes.skipped, ...changes.kept],
    untagged: [],
  };
  if (options.dryRun) return { ...report, changes: listed(changes) };
  if (counted.length > 0) deps.onRemoval(counted);
  const locate = (stored: string) => join(store.root, ...safeParts(stored));
  const { skipped, ...applied } = await apply(
    { ...deps, locate, writeTags },
    folder,
    archiveKey,
    made,
    changes,
    report.untagged,
  );
  const left = [...report.left, ...skipped];
  return { ...report, ...applied, skipped: report.skipped + skipped.length, left };
}

function makeAndLock(folder: string): Disposable {
  onDisk(folder, () => makeFolders(folder, 0o777));
  return lockFolder(folder, "export");
}

async function apply(
  deps: ExportDeps & MakeDeps,
  folder: string,
  archiveKey: string,
  made: MadeFiles,
  changes: Changes,
  untagged: ExportReport["untagged"],
) {
  const wasInterrupted = [...made.values()].some(({ bytes }) => bytes === null);
  if (wasInterrupted) removeTemporaryFiles(folder, made);
  const isNews = note(made, changes);
  const touched = new Set<string>();
  // Names first: the state speaks only of what a power cut cannot take back.
  const save = async () => {
    await flushFolders(folder, touched);
    await writeState(folder, archiveKey, made);
  };
  if (!isNews && isDone(changes)) return { written: 0, retagged: 0, renamed: 0, removed: 0, bytes: 0, skipped: [] };
  // What is about to be written is known as ours before it is: a killed export leaves nothing that is nobody's.
  await save();
  const onUntagged = (path: string, reason: string) => void untagged.push({ path, reason });
  try {
    return await applyChanges({ ...deps, onUntagged, folder, made, touched, save }, changes);
  } finally {
    await save();
  }
}

function isDone({ writes, moves, removals, kept, forgotten }: Changes): boolean {
  return [writes, moves, removals, kept, forgotten].every((list) => list.length === 0);
}

/** Ours from now on: what already is as planned, and what will be written. True when the former is news. */
function note(made: MadeFiles, { unchanged, writes, moves }: Changes): boolean {
  let isNews = false;
  for (const { file, bytes, modifiedAt } of unchanged) {
    const entry = made.get(file.path);
    const isKnown = entry?.bytes === bytes && entry.print === file.print && entry.owner === file.owner;
    if (isKnown && isSameDate(entry.modifiedAt, modifiedAt)) continue;
    const { kind, owner, print } = file;
    made.set(file.path, { ...(isKnown ? entry : {}), kind, owner, print, bytes, modifiedAt });
    isNews = true;
  }
  for (const { file, replaces } of writes) {
    const { kind, owner, print, modifiedAt, path } = file;
    // What lies there, not what was meant to: one run after the other may have been killed.
    made.set(path, { kind, owner, print, bytes: null, modifiedAt, ...(replaces === null ? {} : { before: replaces }) });
  }
  for (const { file, from, modifiedAt } of moves) {
    const entry = made.get(from);
    if (entry) made.set(file.path, { ...entry, modifiedAt });
  }
  return isNews;
}

function listed({ writes, moves, removals }: Changes): NonNullable<ExportReport["changes"]> {
  return [
    ...removals.map(({ path }) => ({ do: "remove" as const, path })),
    ...moves.map(({ file, from }) => ({ do: "rename" as const, path: file.path, from })),
    ...writes.map(({ file, as }) => ({
      do: as === "retagged" ? ("retag" as const) : ("write" as const),
      path: file.path,
    })),
  ];
}

/** The library for tags is optional: it is installed unless npm was run without optional packages. */
async function loadTagWriter(): Promise<MakeDeps["writeTags"]> {
  try {
    return (await import("./write/write-tags.ts")).writeTags;
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new UsageError("--tags needs the package node-taglib-sharp, which is not installed", {
      code: "no_tag_library",
      cause,
      hint: "install producer-mirror again with its optional packages, or leave --tags out",
    });
  }
}

function nothingSelected(folder: string, files: number): UsageError {
  return new UsageError(`no song is selected, and ${folder} holds ${files} files of an earlier export`, {
    code: "nothing_selected",
    hint: "look at what the filters select with `producer-mirror clips`; to end an export, remove its folder",
  });
}

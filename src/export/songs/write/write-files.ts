import { lstatSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { inParallel } from "../../../lib/concurrency.ts";
import { toDiskError } from "../../../lib/files/disk-errors.ts";
import { folderOf, makeFolderOf, onDisk } from "../folders.ts";
import { IN_THE_WAY, type NotExported, type Write } from "../plan-changes.ts";
import type { MadeFiles } from "../state.ts";
import { flushFiles } from "./flush.ts";
import { makeFile, SourceFileError, type MadeFacts, type MakeDeps } from "./make-file.ts";
import { discard, temporaryPath } from "./temporary.ts";

export type WriteDeps = MakeDeps & {
  folder: string;
  /** Updated with every file that gets its name; `save` writes it down. */
  made: MadeFiles;
  /** Folders whose entries have changed, by their paths from `folder`. */
  touched: Set<string>;
  /** Flushes the touched folders, then writes the state. */
  save: () => Promise<void>;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: WriteProgress) => void;
  /** No tags could be written into a copy, which has the bytes of the original then. */
  onUntagged: (path: string, reason: string) => void;
};
export type WriteProgress = { files: number; totalFiles: number; bytes: number };
export type Written = { written: number; retagged: number; bytes: number; skipped: NotExported[] };

/** What is flushed and named together at most: an interrupted export makes no more than this again. */
const GROUP = { bytes: 128 * 2 ** 20, files: 16_384 };
/** Files made at once. */
const WIDTH = 8;
const SAVE_EVERY_MS = 10_000;

/** Undefined for a file that was not made because the signal came first. */
type Outcome = { made: MadeFacts } | { reason: string } | undefined;

/**
 * Writes files in groups: under temporary names, flushed, renamed, and from time to time the state is saved. Their entries in `made`
 * have been saved before. Throws DiskError, and the signal's reason when what was made until then has its name.
 */
export async function writeFiles(deps: WriteDeps, writes: Write[]): Promise<Written> {
  const done: Written = { written: 0, retagged: 0, bytes: 0, skipped: [] };
  const progress = { files: 0, totalFiles: writes.length, bytes: 0 };
  let saved = deps.now();
  for (const group of groupsOf(writes)) {
    await writeGroup(deps, group, done, progress);
    if (deps.signal.aborted) break;
    if (deps.now() - saved < SAVE_EVERY_MS) continue;
    await deps.save();
    saved = deps.now();
  }
  deps.signal.throwIfAborted();
  return done;
}

/** Folder by folder; a file that is larger than a group may be is a group alone. */
export function* groupsOf(writes: Write[], most = GROUP): Generator<Write[]> {
  let group: Write[] = [];
  let bytes = 0;
  for (const write of [...Map.groupBy(writes, ({ file }) => folderOf(file.path)).values()].flat()) {
    const { content } = write.file;
    const size = "text" in content ? content.text.length : content.copyOf.bytes;
    if (group.length > 0 && (bytes + size > most.bytes || group.length === most.files)) {
      yield group;
      [group, bytes] = [[], 0];
    }
    group.push(write);
    bytes += size;
  }
  if (group.length > 0) yield group;
}

/** Leaves no temporary file, whatever fails. */
async function writeGroup(deps: WriteDeps, group: Write[], done: Written, progress: WriteProgress): Promise<void> {
  const temporary = group.map(({ file }, number) => join(deps.folder, temporaryPath(file.path, number)));
  const outcomes: Outcome[] = [];
  try {
    await inParallel(group.entries(), WIDTH, async ([at, write]) => {
      if (deps.signal.aborted) return;
      const outcome = await make(deps, write, temporary[at]!);
      outcomes[at] = outcome;
      progress.files++;
      if ("made" in outcome) progress.bytes += outcome.made.bytes;
      deps.onProgress({ ...progress });
      // Small files are made without a wait: signals and the progress line have their turn here.
      await nextTurn();
    });
    await flushFiles(
      deps.folder,
      temporary.filter((_, at) => "made" in (outcomes[at] ?? {})),
    );
    for (const [at, write] of group.entries()) finish(deps, write, temporary[at]!, outcomes[at], done);
  } catch (error) {
    for (const path of temporary) discard(path);
    throw error;
  }
}

async function make(deps: WriteDeps, { file }: Write, temporary: string): Promise<NonNullable<Outcome>> {
  makeFolderOf(deps.folder, file.path, deps.touched);
  try {
    return { made: await makeFile(deps, file, temporary) };
  } catch (error) {
    if (error instanceof SourceFileError) {
      discard(temporary);
      return { reason: error.message };
    }
    throw toDiskError(error, join(deps.folder, file.path));
  }
}

function finish(deps: WriteDeps, write: Write, temporary: string, outcome: Outcome, done: Written): void {
  if (outcome === undefined) return;
  const { path, kind, owner, print } = write.file;
  if ("reason" in outcome) return void done.skipped.push({ path, reason: outcome.reason, blocked: true });
  const { untagged, ...facts } = outcome.made;
  if (!rename(join(deps.folder, path), temporary, write.replaces !== null)) {
    deps.made.delete(path);
    return void done.skipped.push({ path, ...IN_THE_WAY });
  }
  deps.made.set(path, { kind, owner, print, ...facts });
  done[write.as]++;
  done.bytes += facts.bytes;
  if (untagged !== undefined) deps.onUntagged(path, untagged);
}

/** Gives a file its name; false when something has come there since the folder was looked at, which is not replaced. */
function rename(path: string, temporary: string, mayReplace: boolean): boolean {
  let isFree = true;
  onDisk(path, () => {
    isFree = mayReplace || lstatSync(path, { throwIfNoEntry: false }) === undefined;
    if (isFree) renameSync(temporary, path);
    else unlinkSync(temporary);
  });
  return isFree;
}

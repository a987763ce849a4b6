import { lstatSync, renameSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { inParallel } from "../../lib/in-parallel.ts";
import { batchesOf } from "./batches.ts";
import { flushFiles } from "./flush-all.ts";
import { makeFolder, onDisk } from "./folders.ts";
import { makeFile, SourceTrouble, type Made, type Maker } from "./make-file.ts";
import { IN_THE_WAY, type Left, type Write } from "./plan-changes.ts";
import { type MadeFiles } from "./state.ts";
import { temporaryPath } from "./temporary.ts";

export type WriteDeps = Maker & {
  folder: string;
  /** Kept in step with what lies in the folder; `save` writes it down. */
  made: MadeFiles;
  /** Folders whose entries have changed, by their paths from `folder`. */
  touched: Set<string>;
  /** Flushes what was touched, then the state. */
  save: () => Promise<void>;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: WriteProgress) => void;
};
export type WriteProgress = { files: number; totalFiles: number; bytes: number };
export type Written = { written: number; retagged: number; bytes: number; skipped: Left[] };

const WIDTH = 4;
const SAVE_EVERY_MS = 10_000;
/** Small files are made without a pause; after so many a signal and the progress get their turn. */
const PAUSE_EVERY = 64;

type Fresh = { write: Write; place: string; made: Made };
type Round = { deps: WriteDeps; total: number; done: Written; begun: number; saved: number };

/**
 * Makes files under temporary names, and names them when all of their batch are on the disk, which takes them while the
 * next batch is made. Throws DiskError, and the signal's reason when what was made until then is in place.
 */
export async function writeFiles(deps: WriteDeps, writes: Write[]): Promise<Written> {
  const done = { written: 0, retagged: 0, bytes: 0, skipped: [] };
  const round: Round = { deps, total: writes.length, done, begun: 0, saved: deps.now() };
  let settled = Promise.resolve();
  try {
    for (const batch of batchesOf(writes)) {
      const fresh = await makeBatch(round, batch);
      const before = settled;
      settled = settle(round, before, fresh);
      // It is waited for below, whatever happens until then.
      settled.catch(() => {});
      await before;
      if (deps.signal.aborted) break;
    }
  } finally {
    await settled;
  }
  deps.signal.throwIfAborted();
  return done;
}

/** Those that could be made until the signal came; none is left behind when a disk fails. */
async function makeBatch(round: Round, batch: Write[]): Promise<Fresh[]> {
  const { deps, done, total } = round;
  const fresh: Fresh[] = [];
  const places: string[] = [];
  try {
    await inParallel(batch, WIDTH, async (write) => {
      if (round.begun % PAUSE_EVERY === 0) await nextTurn();
      if (deps.signal.aborted) return;
      const place = join(deps.folder, temporaryPath(write.file.path, round.begun++));
      places.push(place);
      makeFolder(deps.folder, write.file.path, deps.touched);
      const made = await makeOrSkip(deps, write, place, done);
      if (made === null) return;
      fresh.push({ write, place, made });
      done.bytes += made.bytes;
      deps.onProgress({ files: round.begun, totalFiles: total, bytes: done.bytes });
    });
    return fresh;
  } catch (error) {
    removeAll(places);
    throw error;
  }
}

async function makeOrSkip(deps: WriteDeps, { file }: Write, place: string, done: Written): Promise<Made | null> {
  try {
    return await makeFile(deps, file, place);
  } catch (error) {
    if (!(error instanceof SourceTrouble)) throw error;
    rmSync(place, { force: true });
    done.skipped.push({ path: file.path, reason: error.message, blocked: true });
    return null;
  }
}

/** On the disk first, then named. */
async function settle(round: Round, before: Promise<void>, fresh: Fresh[]): Promise<void> {
  const { deps, done } = round;
  const places = fresh.map(({ place }) => place);
  try {
    await before;
    await flushFiles(deps.folder, places);
    for (const one of fresh) name(deps, one, done);
  } catch (error) {
    removeAll(places);
    throw error;
  }
  if (deps.now() - round.saved < SAVE_EVERY_MS) return;
  await deps.save();
  round.saved = deps.now();
}

/** Nothing that came meanwhile is overwritten. */
function name({ folder, made: files }: WriteDeps, { write, place, made }: Fresh, done: Written): void {
  const { file, as, replaces } = write;
  onDisk(join(folder, file.path), (target) => {
    if (replaces === null && lstatSync(target, { throwIfNoEntry: false })) {
      unlinkSync(place);
      files.delete(file.path);
      done.skipped.push({ path: file.path, ...IN_THE_WAY });
      return;
    }
    renameSync(place, target);
    files.set(file.path, { kind: file.kind, owner: file.owner, print: file.print, ...made });
    done[as]++;
  });
}

function removeAll(places: string[]): void {
  for (const place of places) rmSync(place, { force: true });
}

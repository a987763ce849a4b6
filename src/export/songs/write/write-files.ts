import { lstatSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { toDiskError } from "../../../lib/files/disk-errors.ts";
import { DiskError } from "../../../lib/errors.ts";
import { inParallel } from "../../../lib/in-parallel.ts";
import { batchesOf, partsOf } from "./batches.ts";
import { flushFiles } from "./flush-all.ts";
import { makeFolder, onDisk } from "../folders.ts";
import type { Made } from "./make-file.ts";
import type { Makers } from "./makers.ts";
import { IN_THE_WAY, type Left, type Write } from "../plan-changes.ts";
import type { PlannedFile } from "../plan/planned-file.ts";
import type { Failure, Job, Outcome } from "./run-jobs.ts";
import { Stages } from "./stages.ts";
import { type MadeFiles } from "../state.ts";

export type WriteDeps = {
  makers: Makers;
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
  /** Tags could not be written into a copy, which is as the original then. */
  onUntagged: (path: string, reason: string) => void;
};
export type WriteProgress = { files: number; totalFiles: number; bytes: number };
export type Written = { written: number; retagged: number; bytes: number; skipped: Left[] };

const SAVE_EVERY_MS = 10_000;
/** What a thread makes in one go, while it hears of no signal. */
const PART = { bytes: 8 * 2 ** 20, files: 32 };

type Fresh = { write: Write; place: string; made: Made };
type Batch = { stages: Stages; fresh: Fresh[] };
type Round = { deps: WriteDeps; done: Written; progress: WriteProgress; numbers: number; saved: number };

/**
 * Makes files under temporary names, folder by folder, and names them when all of their batch are on the disk, which
 * takes them while the next batch is made. Throws DiskError, and the signal's reason when what was made until then is in
 * place.
 */
export async function writeFiles(deps: WriteDeps, writes: Write[]): Promise<Written> {
  const done = { written: 0, retagged: 0, bytes: 0, skipped: [] };
  const progress = { files: 0, totalFiles: writes.length, bytes: 0 };
  const round: Round = { deps, done, progress, numbers: 0, saved: deps.now() };
  let settled = Promise.resolve();
  try {
    for (const batch of batchesOf(writes)) {
      const made = await makeBatch(round, batch);
      const before = settled;
      settled = settle(round, before, made);
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
async function makeBatch(round: Round, batch: Write[]): Promise<Batch> {
  const { deps } = round;
  const stages = new Stages(deps.folder, deps.touched, () => round.numbers++);
  const fresh: Fresh[] = [];
  try {
    await inParallel(partsOf(batch, PART), deps.makers.width, async (part) => {
      if (deps.signal.aborted) return;
      const jobs = part.map(({ file }) => jobOf(file, stages.placeFor(file.path)));
      for (const [at, outcome] of (await deps.makers.make(jobs)).entries())
        take(round, { write: part[at] as Write, place: jobs[at]?.place ?? "" }, outcome, fresh);
      round.progress = { ...round.progress, files: round.progress.files + part.length, bytes: round.done.bytes };
      deps.onProgress(round.progress);
    });
    return { stages, fresh };
  } catch (error) {
    stages.remove();
    throw error;
  }
}

/** No more of it than a thread needs: it is copied to get there. */
function jobOf({ content, modifiedAt }: PlannedFile, place: string): Job {
  return { file: { content, modifiedAt }, place };
}

function take({ deps, done }: Round, one: Omit<Fresh, "made">, outcome: Outcome, fresh: Fresh[]): void {
  const { path } = one.write.file;
  if ("failure" in outcome) throw toError(outcome.failure, join(deps.folder, path));
  if ("trouble" in outcome) return void done.skipped.push({ path, reason: outcome.trouble, blocked: true });
  fresh.push({ ...one, made: outcome.made });
  done.bytes += outcome.made.bytes;
  if (outcome.made.untagged !== undefined) deps.onUntagged(path, outcome.made.untagged);
}

function toError({ message, code, errno, hint }: Failure, place: string): unknown {
  if (errno === undefined) return new DiskError(message, { code, ...(hint !== undefined && { hint }) });
  return toDiskError(Object.assign(new Error(message), { code, errno }), place);
}

/** On the disk first, then named. */
async function settle(round: Round, before: Promise<void>, { stages, fresh }: Batch): Promise<void> {
  const { deps } = round;
  try {
    await before;
    await flushFiles(
      deps.folder,
      fresh.map(({ place }) => place),
    );
    stages.nameFolders();
    for (const one of fresh) name(round, one, stages);
    stages.removeFolders();
  } catch (error) {
    stages.remove();
    throw error;
  }
  if (deps.now() - round.saved < SAVE_EVERY_MS) return;
  await deps.save();
  round.saved = deps.now();
}

/** Nothing that came meanwhile is overwritten. */
function name({ deps, done }: Round, { write, place, made }: Fresh, stages: Stages): void {
  const { file, as, replaces } = write;
  const { path, kind, owner, print } = file;
  if (!stages.isNamed(path) && !isNamed(deps, path, place, replaces !== null)) {
    deps.made.delete(path);
    done.skipped.push({ path, ...IN_THE_WAY });
    return;
  }
  deps.made.set(path, { kind, owner, print, bytes: made.bytes, modifiedAt: made.modifiedAt });
  done[as]++;
}

function isNamed({ folder, touched }: WriteDeps, path: string, place: string, replaces: boolean): boolean {
  makeFolder(folder, path, touched);
  let isFree = true;
  onDisk(join(folder, path), (target) => {
    isFree = replaces || lstatSync(target, { throwIfNoEntry: false }) === undefined;
    if (isFree) renameSync(place, target);
    else unlinkSync(place);
  });
  return isFree;
}

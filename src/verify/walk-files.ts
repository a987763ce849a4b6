import type { CheckedFile, UnfinishedVerify, VerifyResults } from "../archive/verify-results.ts";
import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { inParallel } from "../lib/concurrency.ts";
import { readArchiveFile, type ArchiveFile } from "../query/lists/archive-files.ts";
import { checkFile, type FileCheckDeps, type FileCheck } from "./check-file.ts";
import type { Decode } from "./decode.ts";
import type { VerifyMode, VerifyPlan } from "./plan.ts";

/** Files and bytes so far. The bytes of a file count as they are read. */
export type VerifyProgress = { checked: number; total: number; bytes: number; totalBytes: number };

/** A row whose file is missing, damaged or unreadable. */
export type FileFinding = { file: ArchiveFile; check: Exclude<FileCheck, { is: "intact" }> };

export type CheckedRow = { file: ArchiveFile; check: FileCheck };

export type WalkOptions = {
  db: Database;
  store: AssetStore;
  mode: VerifyMode;
  plan: VerifyPlan;
  decode: Decode | undefined;
  /** Runs `write` unless the archive cannot be written. */
  record: (write: (results: VerifyResults) => void) => void;
  now: () => number;
  startedAt: number;
  /** No file is started once it is. */
  isTimeUp: () => boolean;
  signal: AbortSignal;
  onProgress: (progress: VerifyProgress) => void;
};

export type FileWalkResult = {
  findings: FileFinding[];
  ok: number;
  /** Of the intact files. */
  bytes: number;
  /** Files that were not checked. */
  left: number;
};

/** Files checked at the same time: a look at the size waits for the disk, reading and decoding keep the cores busy. */
const CONCURRENCY: Record<VerifyMode, number> = { quick: 32, full: 4, decode: 2 };
/** After a power cut at most this much is checked again. */
const SAVE_EVERY_MS = 5_000;
const SAVE_EVERY_FILES = 500;

/**
 * Checks every file of the plan. It records intact files as it goes, and up to which row all files have been checked, so
 * that a later verify can continue after a stop, a kill or a disk that went away. Ends early when the signal aborts or the
 * time is up. Throws DiskError when the folder of the files is not there.
 */
export async function walkFiles(walk: WalkOptions): Promise<FileWalkResult> {
  const { plan, mode, signal, isTimeUp } = walk;
  const { resumed, totals } = plan;
  const state = {
    ok: resumed?.ok ?? 0,
    bytes: resumed?.bytes ?? 0,
    bytesRead: 0,
    checked: 0,
    findings: [] as FileFinding[],
  };
  const saver = createProgressSaver(walk, state);
  const reportProgress = () =>
    walk.onProgress({ checked: state.checked, total: totals.files, bytes: state.bytesRead, totalBytes: totals.bytes });
  const onBytes = (count: number) => {
    state.bytesRead += count;
    reportProgress();
  };
  const checkOne = async (file: ArchiveFile) => {
    if (signal.aborted || isTimeUp()) return;
    saver.begin(file);
    const result = await checkLatestRow({ ...walk, onBytes: mode === "quick" ? undefined : onBytes }, file);
    state.checked++;
    if (isFinding(result)) state.findings.push(result);
    else {
      state.ok++;
      state.bytes += result.file.bytes ?? 0;
    }
    saver.end(result);
    reportProgress();
  };
  try {
    await inParallel(plan.files(), CONCURRENCY[mode], checkOne);
  } catch (error) {
    if (!signal.aborted) {
      saver.close(true);
      throw error;
    }
  }
  const left = Math.max(0, totals.files - state.checked);
  saver.close(left > 0 && (signal.aborted || isTimeUp()));
  return { findings: state.findings, ok: state.ok, bytes: state.bytes, left };
}

function isFinding(result: CheckedRow): result is FileFinding {
  return result.check.is !== "intact";
}

/**
 * Checks a file against the latest version of its row: a sync may have replaced the file since the row was read. A file
 * that is recorded as lost is read in every mode, so that a file that is back counts as intact only by its bytes.
 */
export async function checkLatestRow(
  deps: FileCheckDeps & { db: Database; mode: VerifyMode },
  file: ArchiveFile,
): Promise<CheckedRow> {
  for (let current = file; ;) {
    const check = await checkFile(deps, current, deps.mode !== "quick" || current.state !== "stored");
    if (check.is === "intact") return { file: current, check };
    const fresh = readArchiveFile(deps.db, file.id);
    if (!fresh || (fresh.path === current.path && fresh.storedAt === current.storedAt)) return { file: current, check };
    current = fresh;
  }
}

type ProgressSaver = {
  begin(file: ArchiveFile): void;
  end(result: CheckedRow): void;
  close(stopped: boolean): void;
};

/** Tracks up to which row all files have been checked, and saves that every few seconds. */
function createProgressSaver(walk: WalkOptions, state: { ok: number; bytes: number }): ProgressSaver {
  const { plan, record, now, startedAt, mode } = walk;
  const [inProgress, again] = [new Set<number>(), new Set(plan.resumed?.again)];
  let last = plan.resumed?.after ?? 0;
  const intact: CheckedFile[] = [];
  let savedAt = now();
  const unfinished = (): UnfinishedVerify => ({
    mode,
    startedAt: plan.resumed?.startedAt ?? startedAt,
    after: inProgress.size === 0 ? last : Math.min(last, Math.min(...inProgress) - 1),
    again: [...again],
    ok: state.ok,
    bytes: state.bytes,
  });
  const flush = () => {
    const files = intact.splice(0);
    record((results) => results.recordIntact(files, now()));
    savedAt = now();
  };
  return {
    begin({ id }) {
      if (again.has(id)) return;
      inProgress.add(id);
      last = Math.max(last, id);
    },
    end({ file, check }) {
      inProgress.delete(file.id);
      if (check.is === "intact") again.delete(file.id);
      else again.add(file.id);
      if (check.is === "intact" && check.read) intact.push(file);
      if (intact.length < SAVE_EVERY_FILES && now() - savedAt < SAVE_EVERY_MS) return;
      flush();
      if (plan.canResume) record((results) => results.saveProgress(unfinished()));
    },
    close(stopped) {
      flush();
      if (plan.canResume) record((results) => results.saveProgress(stopped ? unfinished() : null));
    },
  };
}

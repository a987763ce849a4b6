import type { LookedAt, UnfinishedVerify, VerifyNotes } from "../archive/verify-results.ts";
import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { inParallel } from "../lib/concurrency.ts";
import { keptFile, type KeptFile } from "../query/lists/archive-files.ts";
import { checkFile, type CheckTools, type Verdict } from "./check-file.ts";
import type { Decode } from "./decode.ts";
import type { VerifyMode, VerifyPlan } from "./plan.ts";

/** Bytes as they are read, also of a file that is not at its end. */
export type VerifyProgress = { checked: number; total: number; bytes: number; totalBytes: number };

/** A row and what became of its file. */
export type Finding = { file: KeptFile; verdict: Exclude<Verdict, { is: "right" }> };

export type Walk = {
  db: Database;
  store: AssetStore;
  mode: VerifyMode;
  plan: VerifyPlan;
  decode: Decode | undefined;
  /** Writes down, unless the archive cannot be written; absent: nothing is. */
  note: (work: (notes: VerifyNotes) => void) => void;
  now: () => number;
  startedAt: number;
  /** Milliseconds UTC; no file is begun after it. */
  until: number;
  signal: AbortSignal;
  onProgress: (progress: VerifyProgress) => void;
};

export type Walked = {
  findings: Finding[];
  ok: number;
  /** Of the files that are right. */
  bytes: number;
  /** Files that were not looked at any more. */
  left: number;
};

/** Files looked at at once: looking waits for the disk's answers, reading and decoding keep the cores busy. */
const WIDTH: Record<VerifyMode, number> = { quick: 32, full: 4, decode: 2 };
/** So much is done again at most when the power goes. */
const NOTE_EVERY_MS = 5_000;
const NOTE_EVERY = 500;

/**
 * Looks at every file of the plan and notes those that are right as it goes, with the place up to which all were looked
 * at: a verify that is stopped, or killed, is gone on with from there. Ends early at the signal and when time is up.
 */
export async function walkFiles(walk: Walk): Promise<Walked> {
  const { plan, mode, signal, now, until } = walk;
  const { resumed, totals } = plan;
  const state = { ok: resumed?.ok ?? 0, bytes: resumed?.bytes ?? 0, read: 0, looked: 0, findings: [] as Finding[] };
  const track = createTrack(walk, state);
  const tell = () =>
    walk.onProgress({ checked: state.looked, total: totals.files, bytes: state.read, totalBytes: totals.bytes });
  const onBytes = (count: number) => {
    state.read += count;
    tell();
  };
  const one = async (file: KeptFile) => {
    if (signal.aborted || now() >= until) return;
    track.begin(file);
    const seen = await checkRow({ ...walk, onBytes: mode === "quick" ? undefined : onBytes }, file);
    state.looked++;
    if (seen.verdict.is !== "right") state.findings.push(seen as Finding);
    else {
      state.ok++;
      state.bytes += seen.file.bytes ?? 0;
    }
    track.end(seen);
    tell();
  };
  try {
    await inParallel(plan.files(), WIDTH[mode], one);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const left = Math.max(0, totals.files - state.looked);
  track.close(left > 0 && (signal.aborted || now() >= until));
  return { findings: state.findings, ok: state.ok, bytes: state.bytes, left };
}

/**
 * The verdict on a row as it is when the file has been looked at: a sync may just have brought another. One that is
 * known to be lost is read in any case, so that it is neither called damaged for ever nor right by its size alone.
 */
export async function checkRow(
  tools: CheckTools & { db: Database; mode: VerifyMode },
  file: KeptFile,
): Promise<{ file: KeptFile; verdict: Verdict }> {
  for (let current = file; ;) {
    const verdict = await checkFile(tools, current, tools.mode !== "quick" || current.state !== "stored");
    if (verdict.is === "right") return { file: current, verdict };
    const fresh = keptFile(tools.db, file.id);
    if (!fresh || (fresh.path === current.path && fresh.storedAt === current.storedAt))
      return { file: current, verdict };
    current = fresh;
  }
}

type Track = {
  begin(file: KeptFile): void;
  end(seen: { file: KeptFile; verdict: Verdict }): void;
  close(stopped: boolean): void;
};

/** Keeps count of what has been looked at without a gap, and writes it down now and then. */
function createTrack(walk: Walk, state: { ok: number; bytes: number }): Track {
  const { plan, note, now, startedAt, mode } = walk;
  const [begun, again] = [new Set<number>(), new Set(plan.resumed?.again)];
  let last = plan.resumed?.after ?? 0;
  const right: LookedAt[] = [];
  let notedAt = now();
  const unfinished = (): UnfinishedVerify => ({
    mode,
    startedAt: plan.resumed?.startedAt ?? startedAt,
    after: begun.size === 0 ? last : Math.min(last, Math.min(...begun) - 1),
    again: [...again],
    ok: state.ok,
    bytes: state.bytes,
  });
  const flush = () => {
    const files = right.splice(0);
    note((notes) => notes.right(files, now()));
    notedAt = now();
  };
  return {
    begin({ id }) {
      if (again.has(id)) return;
      begun.add(id);
      last = Math.max(last, id);
    },
    end({ file, verdict }) {
      begun.delete(file.id);
      if (verdict.is === "right") again.delete(file.id);
      else again.add(file.id);
      if (verdict.is === "right" && verdict.read) right.push(file);
      if (right.length < NOTE_EVERY && now() - notedAt < NOTE_EVERY_MS) return;
      flush();
      if (plan.canResume) note((notes) => notes.unfinished(unfinished()));
    },
    close(stopped) {
      flush();
      if (plan.canResume) note((notes) => notes.unfinished(stopped ? unfinished() : null));
    },
  };
}

import type { VerifyNotes } from "../archive/verify-results.ts";
import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { DiskError, MirrorError } from "../lib/errors.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";
import { keptTotals, ownersOf } from "../query/lists/archive-files.ts";
import { checkWholeDatabase } from "./database/whole.ts";
import type { Decode } from "./decode.ts";
import { findExtras } from "./find-extras.ts";
import type { RepairOutcome } from "./repair/repair.ts";
import { walkFiles, type Finding, type VerifyProgress } from "./walk-files.ts";
import { planVerify, type VerifyOptions, type VerifyPlan } from "./plan.ts";
import { entriesOf, extraEntry, unreadableFolder, type VerifyReport } from "./report.ts";

export type VerifyDeps = {
  db: Database;
  /** The archive's folder, where its journal is. */
  home: string;
  store: AssetStore;
  /** Absent: nothing is written down. */
  notes: VerifyNotes | undefined;
  /** For the mode `decode`. */
  decode?: Decode | undefined;
  /** Brings back what was found lost; see repair.ts. Only while the archive's lock is held. */
  repair?: ((findings: Finding[], extras: string[]) => Promise<RepairOutcome>) | undefined;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: VerifyProgress) => void;
};

type Pen = { note: (work: (notes: VerifyNotes) => void) => void; notWritten: string | null };

/**
 * Holds every file that the archive took in against its row, and the database against itself: by size alone, with
 * `full` by each byte, with `decode` by what a decoder makes of it too. Takes no lock, asks nobody, and but for
 * `repair` changes no file. What it finds is written down where that can be: lost files are wanted again, so that the next
 * sync brings them. Throws DiskError for an assets folder that is gone or another archive's, and what the database
 * throws when it cannot be read at all.
 */
export async function verify(deps: VerifyDeps, options: VerifyOptions): Promise<VerifyReport> {
  const { db, store, signal, now } = deps;
  const total = keptTotals(db);
  await store.check({ files: total.files > 0 });
  const startedAt = now();
  const { problems } = await checkWholeDatabase({ db, home: deps.home, signal }, options.mode !== "quick");
  const database = problems.map(({ text }) => text);
  // Into damaged pages nothing is written. A row that is wrong keeps no file from being mended.
  const isSound = problems.every(({ part }) => part !== "pages");
  const notes = isSound ? deps.notes : undefined;
  const pen = createPen(notes);
  const plan = planVerify(db, notes ? options : { ...options, restart: true });
  const until = startedAt + (options.maxDurationMs ?? Infinity);
  const { mode } = options;
  const walked = await walkFiles({ ...deps, decode: deps.decode, note: pen.note, mode, plan, startedAt, until });
  // A disk that went away meanwhile has lost nothing.
  if (walked.findings.length > 0) await store.check({ files: true });
  const unlisted: string[] = [];
  const extras = signal.aborted ? [] : await listExtras(deps, unlisted);
  pen.note((writer) => writer.lost(walked.findings.flatMap(toLost)));
  const repair = isSound && !signal.aborted ? await deps.repair?.(walked.findings, extras) : undefined;
  const findings = repair?.left ?? walked.findings;
  const back = walked.findings.length - findings.length;
  const lists = listsOf(db, findings, repair?.extras ?? extras, unlisted);
  const counts = { checked: walked.ok + walked.findings.length, ok: walked.ok + back };
  const report: VerifyReport = {
    mode,
    ...counts,
    ...lists,
    repaired: back,
    repairs: repair?.repairs ?? [],
    partsCleared: repair?.partsCleared ?? 0,
    bytes: walked.bytes + (repair?.bytes ?? 0),
    total,
    resumedFrom: plan.resumed ? new Date(plan.resumed.startedAt).toISOString() : null,
    left: walked.left,
    database,
    notWritten: null,
    notRepaired: repair?.stopped ?? null,
    interrupted: signal.aborted,
  };
  if (!signal.aborted && walked.left === 0)
    pen.note((writer) => writer.finished(runOf(report, plan, startedAt, now())));
  return { ...report, notWritten: pen.notWritten };
}

function listsOf(db: Database, findings: Finding[], extras: string[], unlisted: string[]) {
  const digests = findings.flatMap(({ verdict }) =>
    verdict.is === "corrupt" && verdict.sha256 ? [verdict.sha256] : [],
  );
  const owners = ownersOf(db, digests);
  return {
    missing: entriesOf(findings, "missing", owners),
    corrupt: entriesOf(findings, "corrupt", owners),
    unreadable: [...entriesOf(findings, "unreadable", owners), ...unlisted.map(unreadableFolder)],
    extra: extras.map(extraEntry),
  };
}

function runOf(report: VerifyReport, plan: VerifyPlan, startedAt: number, finishedAt: number) {
  const { mode, checked, ok, missing, corrupt, extra, unreadable, repaired } = report;
  return {
    mode,
    checked,
    ok,
    missing: missing.length,
    corrupt: corrupt.length,
    extra: extra.length,
    unreadable: unreadable.length,
    repaired,
    startedAt: plan.resumed?.startedAt ?? startedAt,
    finishedAt,
  };
}

async function listExtras({ db, store, signal }: VerifyDeps, unlisted: string[]): Promise<string[]> {
  try {
    return await findExtras(db, store, signal);
  } catch (error) {
    if (signal.aborted) return [];
    if (!(error instanceof DiskError)) throw error;
    unlisted.push(error.message);
    return [];
  }
}

function toLost({ file, verdict }: Finding) {
  return verdict.is === "unreadable" ? [] : [{ ...file, reason: `found ${verdict.is} by verify: ${verdict.reason}` }];
}

/** An archive on a medium that cannot be written is verified all the same; the report says that nothing was noted. */
function createPen(notes: VerifyNotes | undefined): Pen {
  const pen: Pen = {
    notWritten: null,
    note(work) {
      if (!notes || pen.notWritten !== null) return;
      try {
        work(notes);
      } catch (thrown) {
        const error = toStorageError(thrown);
        if (!(error instanceof MirrorError)) throw error;
        pen.notWritten = error.message;
      }
    },
  };
  return pen;
}

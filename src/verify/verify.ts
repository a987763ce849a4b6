import type { VerifyResults } from "../archive/verify-results.ts";
import { hasCurrentRules } from "../archive/rules.ts";
import type { AssetStore } from "../assets/store/store.ts";
import type { Database } from "../db/connection.ts";
import { DiskError, MirrorError } from "../lib/errors.ts";
import { deadlineAfter } from "../lib/time/deadline.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";
import { countArchiveFiles, filesByDigest } from "../query/lists/archive-files.ts";
import { checkWholeDatabase } from "./database/check-database.ts";
import type { Decode } from "./decode.ts";
import { findExtras } from "./find-extras.ts";
import type { RepairOutcome } from "./repair/repair.ts";
import { walkFiles, type FileFinding, type VerifyProgress } from "./walk-files.ts";
import { planVerify, type VerifyOptions, type VerifyPlan } from "./plan.ts";
import { entriesOf, extraEntry, unreadableFolder, type VerifyReport } from "./report.ts";

export type VerifyDeps = {
  db: Database;
  /** The archive's folder, which has the journal. */
  home: string;
  store: AssetStore;
  /** Absent: nothing is recorded. */
  results: VerifyResults | undefined;
  /** For the mode `decode`. */
  decode?: Decode | undefined;
  /** Repairs lost files; see repair.ts. Only while the archive's lock is held. */
  repair?: ((findings: FileFinding[], extras: string[]) => Promise<RepairOutcome>) | undefined;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: VerifyProgress) => void;
};

type Recorder = { record: (write: (results: VerifyResults) => void) => void; notWritten: string | null };

/**
 * Checks every stored file against its row, and the database for consistency. The mode `quick` compares sizes, `full`
 * reads every byte, `decode` also plays every file. It takes no lock, uses no network, and changes no file unless `repair`
 * is given. Findings are recorded if the archive can be written: lost files become `wanted`, so that the next sync fetches
 * them. Throws DiskError for an assets folder that is gone or belongs to another archive, and the database's own error
 * when it cannot be read at all.
 */
export async function verify(deps: VerifyDeps, options: VerifyOptions): Promise<VerifyReport> {
  const { db, store, signal, now } = deps;
  const total = countArchiveFiles(db);
  await store.check({ files: total.files > 0 });
  const startedAt = now();
  const problems = await checkWholeDatabase({ db, home: deps.home, signal }, options.mode !== "quick");
  const database = problems.map(({ text }) => text);
  // Nothing is written to damaged pages. A wrong row does not prevent the repair of files.
  const isSound = problems.every(({ part }) => part !== "pages" && part !== "references");
  const results = isSound ? deps.results : undefined;
  const recorder = createRecorder(results);
  const plan = planVerify(db, results ? options : { ...options, restart: true });
  const isTimeUp = deadlineAfter(options.maxDurationMs);
  const { mode } = options;
  const walk = await walkFiles({
    ...deps,
    decode: deps.decode,
    record: recorder.record,
    mode,
    plan,
    startedAt,
    isTimeUp,
  });
  const unreadableFolders: string[] = [];
  const extras = signal.aborted ? [] : await listExtras(deps, unreadableFolders);
  recorder.record((results) => results.recordLost(walk.findings.flatMap(toLost)));
  const repair = isSound && !signal.aborted ? await deps.repair?.(walk.findings, extras) : undefined;
  const findings = repair?.stillLost ?? walk.findings;
  const repaired = walk.findings.length - findings.length;
  const lists = entriesByKind(db, findings, repair?.extras ?? extras, unreadableFolders);
  const counts = { checked: walk.ok + walk.findings.length, ok: walk.ok + repaired };
  const report: VerifyReport = {
    mode,
    ...counts,
    ...lists,
    repaired,
    repairs: repair?.repairs ?? [],
    partsCleared: repair?.partsCleared ?? 0,
    quarantinedCleared: repair?.quarantinedCleared ?? 0,
    bytes: walk.bytes + (repair?.bytes ?? 0),
    total,
    resumedFrom: plan.resumed ? new Date(plan.resumed.startedAt).toISOString() : null,
    left: walk.left,
    database,
    rowsNotCompared: mode !== "quick" && !hasCurrentRules(db),
    notWritten: null,
    notRepaired: repair?.stopped ?? null,
    interrupted: signal.aborted,
  };
  if (!signal.aborted && walk.left === 0)
    recorder.record((results) => results.recordRun(toRun(report, plan, startedAt, now())));
  return { ...report, notWritten: recorder.notWritten };
}

function entriesByKind(db: Database, findings: FileFinding[], extras: string[], unreadableFolders: string[]) {
  const digests = findings.flatMap(({ check }) => (check.is === "corrupt" && check.sha256 ? [check.sha256] : []));
  const owners = filesByDigest(db, digests);
  return {
    missing: entriesOf(findings, "missing", owners),
    corrupt: entriesOf(findings, "corrupt", owners),
    unreadable: [...entriesOf(findings, "unreadable", owners), ...unreadableFolders.map(unreadableFolder)],
    extra: extras.map(extraEntry),
  };
}

function toRun(report: VerifyReport, plan: VerifyPlan, startedAt: number, finishedAt: number) {
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

async function listExtras({ db, store, signal }: VerifyDeps, unreadableFolders: string[]): Promise<string[]> {
  try {
    return await findExtras(db, store, signal);
  } catch (error) {
    if (signal.aborted) return [];
    if (!(error instanceof DiskError)) throw error;
    unreadableFolders.push(error.message);
    return [];
  }
}

function toLost({ file, check }: FileFinding) {
  return check.is === "unreadable" ? [] : [{ ...file, reason: `found ${check.is} by verify: ${check.reason}` }];
}

/** An archive that cannot be written is still verified. The report says why nothing was recorded. */
function createRecorder(results: VerifyResults | undefined): Recorder {
  const recorder: Recorder = {
    notWritten: null,
    record(write) {
      if (!results || recorder.notWritten !== null) return;
      try {
        write(results);
      } catch (thrown) {
        const error = toStorageError(thrown);
        if (!(error instanceof MirrorError)) throw error;
        recorder.notWritten = error.message;
      }
    },
  };
  return recorder;
}

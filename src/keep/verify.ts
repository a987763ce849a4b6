import type { LookedAt, VerifyNotes } from "../archive/verify-notes.ts";
import type { AssetStore } from "../assets/store.ts";
import type { Database } from "../db/connection.ts";
import { DiskError, MirrorError } from "../lib/errors.ts";
import { inParallel } from "../lib/in-parallel.ts";
import { toStorageError } from "../lib/storage-errors.ts";
import { countKeptFiles, keptFile, keptFiles, type KeptFile } from "../query/kept-files.ts";
import { checkDatabase } from "./check-database.ts";
import { checkFile, type Verdict } from "./check-file.ts";
import { findExtras } from "./find-extras.ts";
import { entriesOf, extraEntry, unreadableFolder, type Finding, type VerifyReport } from "./verify-report.ts";

export type VerifyDeps = {
  db: Database;
  store: AssetStore;
  /** Absent: nothing is written down. */
  notes: VerifyNotes | undefined;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: VerifyProgress) => void;
};

export type VerifyProgress = { checked: number; total: number; bytes: number };

const PAGE = 500;
/** Files looked at at once; reading is bound by one core, looking by the disk's answers. */
const WIDTH = { quick: 32, full: 4 };

type Check = VerifyDeps & {
  full: boolean;
  startedAt: number;
  findings: Finding[];
  ok: number;
  bytes: number;
  notWritten: string | null;
};

/**
 * Holds every file that the archive took in against its row, and the database against itself; quick by size alone,
 * `full` by each byte. Takes no lock, asks nobody, changes no file. What it finds is written down where that can be:
 * lost files are wanted again, so that the next sync brings them. Throws DiskError for an assets folder that is gone or
 * another archive's, and what the database throws when it cannot be read at all.
 */
export async function verify(deps: VerifyDeps, full: boolean): Promise<VerifyReport> {
  const { db, store, signal, now } = deps;
  const total = countKeptFiles(db);
  await store.check({ files: total > 0 });
  const database = checkDatabase(db, full);
  const notes = database.length > 0 ? undefined : deps.notes;
  const check: Check = { ...deps, notes, full, startedAt: now(), findings: [], ok: 0, bytes: 0, notWritten: null };
  await checkFiles(check, total);
  const { findings } = check;
  // A disk that went away meanwhile has lost nothing.
  if (findings.length > 0) await store.check({ files: true });
  const unreadable = entriesOf(findings, "unreadable");
  const extra = signal.aborted ? [] : await listExtras(check, unreadable);
  const [missing, corrupt] = [entriesOf(findings, "missing"), entriesOf(findings, "corrupt")];
  const { ok, bytes } = check;
  const checked = ok + findings.length;
  writeDown(check, () => check.notes?.lost(findings.flatMap(toLost)));
  const counts = { checked, ok, missing: missing.length, corrupt: corrupt.length, extra: extra.length };
  const mode = full ? "full" : "quick";
  if (!signal.aborted)
    writeDown(check, () => check.notes?.finished({ ...counts, mode, startedAt: check.startedAt, finishedAt: now() }));
  const { notWritten } = check;
  return {
    mode,
    checked,
    ok,
    missing,
    corrupt,
    unreadable,
    extra,
    repaired: 0,
    bytes,
    database,
    notWritten,
    interrupted: signal.aborted,
  };
}

async function checkFiles(check: Check, total: number): Promise<void> {
  const { db, full, signal, now } = check;
  for (let after = 0; !signal.aborted;) {
    const files = keptFiles(db, after, PAGE);
    const right: LookedAt[] = [];
    const one = async (file: KeptFile) => {
      if (signal.aborted) return;
      const finding = await checkRow(check, file);
      if (finding.verdict.is !== "right") check.findings.push(finding as Finding);
      else if (finding.verdict.read) right.push(finding.file);
      if (finding.verdict.is === "right")
        Object.assign(check, { ok: check.ok + 1, bytes: check.bytes + (finding.file.bytes ?? 0) });
      check.onProgress({ checked: check.ok + check.findings.length, total, bytes: check.bytes });
    };
    try {
      await inParallel(files, full ? WIDTH.full : WIDTH.quick, one);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    writeDown(check, () => check.notes?.right(right, now()));
    if (files.length < PAGE) return;
    after = files.at(-1)?.id ?? after;
  }
}

/**
 * The verdict on a row as it is when the file has been looked at: a sync may just have brought another. One that is
 * known to be lost is read in any case, so that it is neither called damaged for ever nor right by its size alone.
 */
async function checkRow(check: Check, file: KeptFile): Promise<{ file: KeptFile; verdict: Verdict }> {
  const { db, store, full, signal } = check;
  for (let current = file; ;) {
    const verdict = await checkFile(store, current, full || current.state !== "stored", signal);
    if (verdict.is === "right") return { file: current, verdict };
    const fresh = keptFile(db, file.id);
    if (!fresh || (fresh.path === current.path && fresh.storedAt === current.storedAt))
      return { file: current, verdict };
    current = fresh;
  }
}

async function listExtras(
  { db, store, signal }: Check,
  unreadable: VerifyReport["unreadable"],
): Promise<VerifyReport["extra"]> {
  try {
    return (await findExtras(db, store, signal)).map(extraEntry);
  } catch (error) {
    if (signal.aborted) return [];
    if (!(error instanceof DiskError)) throw error;
    unreadable.push(unreadableFolder(error.message));
    return [];
  }
}

function toLost({ file, verdict }: Finding) {
  return verdict.is === "unreadable" ? [] : [{ ...file, reason: `found ${verdict.is} by verify: ${verdict.reason}` }];
}

/** An archive on a medium that cannot be written is verified all the same; the report says that nothing was noted. */
function writeDown(check: Check, work: () => void): void {
  if (check.notWritten !== null) return;
  try {
    work();
  } catch (thrown) {
    const error = toStorageError(thrown);
    if (!(error instanceof MirrorError)) throw error;
    check.notWritten = error.message;
  }
}

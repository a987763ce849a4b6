import type { VerifyNotes } from "../../archive/verify-results.ts";
import { isFull } from "../../lib/files/disk-errors.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { MirrorError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { keptFile, unnamedPaths, type KeptFile } from "../../query/lists/archive-files.ts";
import type { CopySource } from "./copy-source.ts";
import type { Decode } from "../decode.ts";
import { bringFrom, wantedCopies } from "./fetch-copies.ts";
import { clearParts, clearStaging } from "./clear-leftovers.ts";
import { place, placeLocal } from "./put-back.ts";
import { searchLocally, type Local } from "./search-folder.ts";
import { checkRow, type Finding } from "../walk-files.ts";
import type { Repaired } from "../report.ts";

export type RepairDeps = {
  db: Database;
  store: AssetStore;
  notes: VerifyNotes | undefined;
  /** What `--from` named. */
  source: CopySource | undefined;
  /**
   * Fetches these rows' files once more and stores only what is the same as before; `broken` are those whose bytes are
   * as they were and do not play. Absent where there is nobody to ask.
   */
  fetchAgain: ((ids: number[], broken: number[]) => Promise<void>) | undefined;
  decode: Decode | undefined;
  /** Says what would be done, and does nothing. */
  dryRun: boolean;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: { done: number; total: number }) => void;
};

export type RepairOutcome = {
  repairs: Repaired[];
  /** What is as lost as before. */
  left: Finding[];
  /** Of the files that are back. */
  bytes: number;
  /** Files that no row names, afterwards. */
  extras: string[];
  partsCleared: number;
  /** Why it ended before the last file; null when it did not. */
  stopped: string | null;
};

type Repair = RepairDeps & {
  local: Local;
  open: Map<number, Finding>;
  repairs: Repaired[];
  bytes: number;
  total: number;
};

/**
 * Brings lost and damaged files back, each with the very bytes that its row has the digest of: from below the assets
 * folder, then from the source, then from upstream. What lies damaged in a file's place is put aside (`.bad`), nothing is
 * removed but old leftovers of downloads. The archive's lock must be held, but for a dry run. A disk that is full and a
 * source that fails end that part of it, and are told.
 */
export async function repair(deps: RepairDeps, findings: Finding[], extras: string[]): Promise<RepairOutcome> {
  const { store, now, dryRun, signal } = deps;
  const lost = findings.filter(({ verdict }) => verdict.is !== "unreadable");
  const open = new Map(lost.map((finding) => [finding.file.id, finding]));
  const troubles: string[] = [];
  let partsCleared = 0;
  const step = async (work: () => Promise<void>) => {
    if (signal.aborted) return;
    await work().catch((error: unknown) => void (signal.aborted || troubles.push(toReason(error))));
  };
  await step(async () => {
    if (!dryRun) await clearStaging(store);
    partsCleared = await clearParts(store, now(), dryRun);
  });
  const work: Repair = { ...deps, local: NOTHING, open, repairs: [], bytes: 0, total: lost.length };
  await step(async () => {
    work.local = await searchLocally(deps, lost, extras);
    await fromFolder(work);
  });
  await step(() => fromSource(work));
  await step(() => fromUpstream(work));
  const left = findings.filter(({ file, verdict }) => verdict.is === "unreadable" || open.has(file.id));
  const { repairs, bytes } = work;
  const isFree = dryRun ? extras : await looseAfter(work, extras);
  const remaining = left.map((finding) => open.get(finding.file.id) ?? finding);
  const stillLost = dryRun ? findings : remaining;
  return { repairs, left: stillLost, bytes, extras: isFree, partsCleared, stopped: troubles[0] ?? null };
}

const NOTHING: Local = { loose: new Map(), twins: new Map() };

/** Files whose bytes are as they were have no better copy with the same digest. */
function isBroken({ verdict }: Finding): boolean {
  return verdict.is === "corrupt" && verdict.problem === "decode";
}

async function fromFolder(work: Repair): Promise<void> {
  for (const finding of Array.from(work.open.values())) {
    work.signal.throwIfAborted();
    const { file } = finding;
    if (isBroken(finding) || file.sha256 === null) continue;
    await one(work, finding, async () => {
      const { loose, twins } = work.local;
      if (!work.dryRun) return placeLocal(work, file);
      return loose.get(file.sha256!) ?? twins.get(file.sha256!)?.[0] ?? null;
    });
  }
}

async function fromSource(work: Repair): Promise<void> {
  const { source, store, signal } = work;
  const findings = [...work.open.values()].filter((finding) => !isBroken(finding));
  if (!source || findings.length === 0) return;
  const files = findings.map(({ file }) => file);
  const of = (sha256: string) => findings.filter(({ file }) => file.sha256 === sha256 && work.open.has(file.id));
  if (work.dryRun) {
    for (const sha256 of await source.find(wantedCopies(files), signal))
      for (const finding of of(sha256)) done(work, finding.file, source.location);
    return;
  }
  await bringFrom({ store, source, signal }, files, async (brought, sha256) => {
    for (const [index, finding] of of(sha256).entries()) {
      const taken = () =>
        place(work, brought, finding.file).then(() => (joinTwin(work, finding.file), source.location));
      await one(work, finding, () => (index === 0 ? taken() : placeLocal(work, finding.file)));
    }
  });
}

async function fromUpstream(work: Repair): Promise<void> {
  const { fetchAgain, db, dryRun } = work;
  const findings = [...work.open.values()];
  if (!fetchAgain || findings.length === 0) return;
  if (dryRun) return findings.forEach(({ file }) => done(work, file, "upstream"));
  const ids = findings.map(({ file }) => file.id);
  try {
    await fetchAgain(
      ids,
      findings.filter(isBroken).map(({ file }) => file.id),
    );
  } finally {
    for (const { file } of findings) await lookAgain(work, keptFile(db, file.id) ?? file);
  }
}

/** The disk has the last word on whether a file is back. */
async function lookAgain(work: Repair, file: KeptFile): Promise<void> {
  const seen = await checkRow({ ...work, mode: work.decode ? "decode" : "full" }, file);
  if (seen.verdict.is === "right") return done(work, seen.file, "upstream");
  const why = file.lastError === null || /^found \w+ by verify/.test(file.lastError) ? "" : `; ${file.lastError}`;
  work.open.set(file.id, { file: seen.file, verdict: { ...seen.verdict, reason: `${seen.verdict.reason}${why}` } });
}

/** A file that cannot be put into its place stays lost, and the others are tried; a full disk ends it. */
async function one(work: Repair, finding: Finding, bring: () => Promise<string | null>): Promise<void> {
  const { file, verdict } = finding;
  try {
    const from = await bring();
    if (from === null) return;
    if (!work.dryRun) work.notes?.right([file], work.now());
    done(work, file, from);
  } catch (error) {
    if (work.signal.aborted || isFull(error)) throw error;
    work.open.set(file.id, { file, verdict: { ...verdict, reason: `${verdict.reason}; ${toReason(error)}` } });
  }
}

function joinTwin({ local }: Repair, { sha256, path }: KeptFile): void {
  local.twins.set(sha256 ?? "", [...(local.twins.get(sha256 ?? "") ?? []), path]);
}

function done(work: Repair, { id, path, kind, clipId, taskId, title, bytes }: KeptFile, from: string): void {
  work.open.delete(id);
  work.repairs.push({ path, kind, clipId, taskId, title, from });
  work.bytes += work.dryRun ? 0 : (bytes ?? 0);
  work.onProgress({ done: work.repairs.length, total: work.total });
}

/** What was put aside and kept beside is listed too. */
async function looseAfter({ db, store }: Repair, extras: string[]): Promise<string[]> {
  const paths: string[] = [];
  try {
    for await (const path of store.list()) paths.push(path);
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error;
    return extras;
  }
  return unnamedPaths(db, paths).toSorted();
}

function toReason(thrown: unknown): string {
  const error = toStorageError(thrown);
  if (error instanceof MirrorError) return error.message;
  throw error;
}

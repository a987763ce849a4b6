import type { VerifyResults } from "../../archive/verify-results.ts";
import { isFull } from "../../lib/files/disk-errors.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { MirrorError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";
import { readArchiveFile, unnamedPaths, type ArchiveFile } from "../../query/lists/archive-files.ts";
import type { CopySource } from "./copy-source.ts";
import type { Decode } from "../decode.ts";
import { fetchCopies, wantedCopies } from "./fetch-copies.ts";
import { clearQuarantined } from "./clear-quarantined.ts";
import { clearParts, clearStaging } from "./clear-leftovers.ts";
import { putBack, putBackFromFolder } from "./put-back.ts";
import { findLocalCopies, type LocalCopies } from "./search-folder.ts";
import { checkLatestRow, type FileFinding } from "../walk-files.ts";
import type { RepairedFile } from "../report.ts";

export type RepairDeps = {
  db: Database;
  store: AssetStore;
  results: VerifyResults | undefined;
  /** The location given to `--from`. */
  source: CopySource | undefined;
  /**
   * Downloads the files of these rows again, and stores only what has the stored digest. `broken` are the files whose bytes
   * are unchanged but do not play. Absent when there is no upstream.
   */
  refetch: ((ids: number[], broken: number[]) => Promise<void>) | undefined;
  decode: Decode | undefined;
  /** Reports what would be done, and changes nothing. */
  dryRun: boolean;
  now: () => number;
  signal: AbortSignal;
  onProgress: (progress: { done: number; total: number }) => void;
};

export type RepairOutcome = {
  repairs: RepairedFile[];
  /** Files that could not be repaired. */
  stillLost: FileFinding[];
  /** Of the repaired files. */
  bytes: number;
  /** Files that no row names after the repair. */
  extras: string[];
  partsCleared: number;
  /** Quarantined files that were removed, since the right bytes are back. */
  quarantinedCleared: number;
  /** Why a step of the repair ended early; null when none did. */
  stopped: string | null;
};

type Repair = RepairDeps & {
  local: LocalCopies;
  /** By the id of the row. */
  lost: Map<number, FileFinding>;
  repairs: RepairedFile[];
  bytes: number;
  total: number;
};

/**
 * Restores lost and damaged files, each with exactly the bytes of its stored digest: from other files below the assets
 * folder, then from the source, then from upstream. A damaged file is quarantined (`.bad`). Only old partial downloads are
 * removed, and quarantined files whose right bytes are back. The archive's lock must be held, except for a dry run. A full disk or a source that fails ends its step, and
 * is reported as `stopped`.
 */
export async function repair(deps: RepairDeps, findings: FileFinding[], extras: string[]): Promise<RepairOutcome> {
  const { store, now, dryRun, signal } = deps;
  const lost = findings.filter(({ check }) => check.is !== "unreadable");
  const failures: string[] = [];
  let partsCleared = 0;
  const step = async (work: () => Promise<void>) => {
    if (signal.aborted) return;
    await work().catch((error: unknown) => void (signal.aborted || failures.push(toReason(error))));
  };
  await step(async () => {
    if (!dryRun) await clearStaging(store);
    partsCleared = await clearParts(store, now(), dryRun);
  });
  const work: Repair = { ...deps, local: NO_COPIES, lost: byId(lost), repairs: [], bytes: 0, total: lost.length };
  await step(async () => {
    work.local = await findLocalCopies(deps, lost, extras);
    await repairFromFolder(work);
  });
  await step(() => repairFromSource(work));
  await step(() => repairFromUpstream(work));
  const remaining = findings.filter(({ file, check }) => check.is === "unreadable" || work.lost.has(file.id));
  const { repairs, bytes } = work;
  const extrasAfter = dryRun ? extras : await listExtrasAfter(work, extras);
  let cleared: string[] = [];
  await step(async () => void (cleared = await clearQuarantined(deps, extrasAfter)));
  const stillLost = dryRun ? findings : remaining.map((finding) => work.lost.get(finding.file.id) ?? finding);
  return {
    repairs,
    stillLost,
    bytes,
    extras: dryRun ? extras : extrasAfter.filter((path) => !cleared.includes(path)),
    partsCleared,
    quarantinedCleared: cleared.length,
    stopped: failures[0] ?? null,
  };
}

function byId(findings: FileFinding[]): Map<number, FileFinding> {
  return new Map(findings.map((finding) => [finding.file.id, finding]));
}

const NO_COPIES: LocalCopies = { movable: new Map(), copyable: new Map() };

/** Its bytes are as they were stored, so no copy with the same digest can be better. */
function isUnplayable({ check }: FileFinding): boolean {
  return check.is === "corrupt" && check.problem === "decode";
}

async function repairFromFolder(work: Repair): Promise<void> {
  for (const finding of Array.from(work.lost.values())) {
    work.signal.throwIfAborted();
    const { file } = finding;
    if (isUnplayable(finding) || file.sha256 === null) continue;
    await tryRepair(work, finding, async () => {
      const { movable, copyable } = work.local;
      if (!work.dryRun) return putBackFromFolder(work, file);
      return movable.get(file.sha256!) ?? copyable.get(file.sha256!)?.[0] ?? null;
    });
  }
}

async function repairFromSource(work: Repair): Promise<void> {
  const { source, store, signal } = work;
  const findings = [...work.lost.values()].filter((finding) => !isUnplayable(finding));
  if (!source || findings.length === 0) return;
  const files = findings.map(({ file }) => file);
  const lostWith = (sha256: string) => findings.filter(({ file }) => file.sha256 === sha256 && work.lost.has(file.id));
  if (work.dryRun) {
    for (const sha256 of await source.find(wantedCopies(files), signal))
      for (const finding of lostWith(sha256)) recordRepair(work, finding.file, source.location);
    return;
  }
  await fetchCopies({ store, source, signal }, files, async (copy, sha256) => {
    for (const [index, finding] of lostWith(sha256).entries()) {
      const moveCopy = () =>
        putBack(work, copy, finding.file).then(() => (addCopyable(work, finding.file), source.location));
      await tryRepair(work, finding, () => (index === 0 ? moveCopy() : putBackFromFolder(work, finding.file)));
    }
  });
}

async function repairFromUpstream(work: Repair): Promise<void> {
  const { refetch, db, dryRun } = work;
  const findings = [...work.lost.values()];
  if (!refetch || findings.length === 0) return;
  if (dryRun) return findings.forEach(({ file }) => recordRepair(work, file, "upstream"));
  const ids = findings.map(({ file }) => file.id);
  try {
    await refetch(
      ids,
      findings.filter(isUnplayable).map(({ file }) => file.id),
    );
  } finally {
    for (const { file } of findings) await recheck(work, readArchiveFile(db, file.id) ?? file);
  }
}

/** Whether a file is back is decided by its bytes on the disk. */
async function recheck(work: Repair, file: ArchiveFile): Promise<void> {
  const result = await checkLatestRow({ ...work, mode: work.decode ? "decode" : "full" }, file);
  if (result.check.is === "intact") return recordRepair(work, result.file, "upstream");
  const why = file.lastError === null || /^found \w+ by verify/.test(file.lastError) ? "" : `; ${file.lastError}`;
  work.lost.set(file.id, { file: result.file, check: { ...result.check, reason: `${result.check.reason}${why}` } });
}

/** A file that cannot be restored stays lost, and the next one is tried. A full disk ends the step. */
async function tryRepair(work: Repair, finding: FileFinding, restore: () => Promise<string | null>): Promise<void> {
  const { file, check } = finding;
  try {
    const from = await restore();
    if (from === null) return;
    if (!work.dryRun) work.results?.recordIntact([file], work.now());
    recordRepair(work, file, from);
  } catch (error) {
    if (work.signal.aborted || isFull(error)) throw error;
    work.lost.set(file.id, { file, check: { ...check, reason: `${check.reason}; ${toReason(error)}` } });
  }
}

function addCopyable({ local }: Repair, { sha256, path }: ArchiveFile): void {
  local.copyable.set(sha256 ?? "", [...(local.copyable.get(sha256 ?? "") ?? []), path]);
}

function recordRepair(work: Repair, { id, path, kind, clipId, taskId, title, bytes }: ArchiveFile, from: string): void {
  work.lost.delete(id);
  work.repairs.push({ path, kind, clipId, taskId, title, from });
  work.bytes += work.dryRun ? 0 : (bytes ?? 0);
  work.onProgress({ done: work.repairs.length, total: work.total });
}

/** The quarantined files, and downloads that differed, are new extras. */
async function listExtrasAfter({ db, store }: Repair, extras: string[]): Promise<string[]> {
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

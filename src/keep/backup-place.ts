import { constants } from "node:fs";
import { link, open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { toDiskError } from "../assets/disk-trouble.ts";
import type { AssetStore } from "../assets/store.ts";
import { DiskError, MirrorError } from "../lib/errors.ts";
import { onceEach } from "../lib/together.ts";
import type { KeptFile } from "../query/kept-files.ts";
import { cloneFile, exists, makeFolder, pourFile, syncFile } from "./backup-files.ts";
import type { OlderCopies, OlderCopy } from "./backup-older.ts";
import { checkFile, type Verdict } from "./check-file.ts";
import { digestOf, type Sums } from "./sums.ts";

/** A file of the archive that is not as it should be, and the backup whose good copy is taken on instead, if there is one. */
export type DamagedFile = Pick<KeptFile, "path" | "kind" | "clipId" | "taskId" | "title"> & {
  reason: string;
  insteadFrom: string | null;
};

export type Placing = {
  store: AssetStore;
  /** The assets folder of the backup that is being made. */
  to: string;
  older: OlderCopies;
  /** Trust, without a read, what an older backup has and what here has its size. */
  quick: boolean;
  signal: AbortSignal;
};

export type Placed = {
  /** Digest by path, of what is in the backup. */
  sums: Sums;
  /** Digests of what was read back from the backup. */
  read: Set<string>;
  copied: number;
  linked: number;
  /** Of all, and of those that were copied. */
  bytes: number;
  bytesCopied: number;
  damaged: DamagedFile[];
  /** Files of older backups that are not as they were written. */
  rotten: OlderCopy[];
};

/** What puts files of the archive into a backup, one at a time or several at once; `placed` fills up meanwhile. */
export type Placer = { place(file: KeptFile): Promise<void>; placed: Placed };

/** `from`: the older backup that it was taken from; `read`: back from the backup. */
type Copy = { bytes: number; sha256: string; how: "copied" | "linked"; read: boolean; from: string | null };
type Bad = Exclude<Verdict, { is: "right" }>;
type Job = Placing & { placed: Placed; folder: (place: string) => Promise<void>; mayClone: boolean; mayLink: boolean };

/**
 * A file that an older backup of the same folder has is hard-linked from there, any other is copied (or shares blocks
 * with the original where the file system can), never linked to the archive. All is read back and held against the
 * digest of its row; so is what lies here. One that is damaged or missing here is noted, and an older good copy stands
 * in for it. Throws DiskError when the backup's side fails.
 */
export function createPlacer(placing: Placing): Placer {
  const placed: Placed = {
    sums: new Map(),
    read: new Set(),
    copied: 0,
    linked: 0,
    bytes: 0,
    bytesCopied: 0,
    damaged: [],
    rotten: [],
  };
  const job: Job = { ...placing, placed, folder: onceEach(makeFolder), mayClone: true, mayLink: true };
  return { placed, place: (file) => placeFile(job, file) };
}

async function placeFile(job: Job, file: KeptFile): Promise<void> {
  const to = join(job.to, file.path);
  await job.folder(dirname(to));
  const older = file.sha256 === null ? [] : job.older.of(file.sha256);
  const known = (await takeLeft(job, file, to)) ?? (await linkOlder(job, file, older, to));
  if (known === null) return placeAnew(job, file, older, to);
  const verdict = await checkFile(job, file, !job.quick || file.state !== "stored");
  keep(job, file, known);
  if (verdict.is !== "right") damaged(job, file, verdict, known.from);
}

async function placeAnew(job: Job, file: KeptFile, older: OlderCopy[], to: string): Promise<void> {
  const copy = await copyHere(job, file, to);
  if (!("is" in copy)) return keep(job, file, copy);
  const instead = await copyOlder(job, file, older, to);
  if (instead !== null) keep(job, file, instead);
  damaged(job, file, copy, instead?.from ?? null);
}

/** What an interrupted backup has brought already. */
async function takeLeft({ signal }: Job, { sha256 }: KeptFile, to: string): Promise<Copy | null> {
  if (!(await exists(to))) return null;
  const digest = await digestOf(to, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  });
  if (digest !== null && digest.sha256 === sha256) {
    await syncFile(to);
    return { ...digest, how: "copied", read: true, from: "an interrupted backup" };
  }
  await rm(to, { recursive: true, force: true });
  return null;
}

/** The newest older copy that is as it was written. */
async function linkOlder(job: Job, { sha256, bytes }: KeptFile, older: OlderCopy[], to: string): Promise<Copy | null> {
  for (const candidate of older) {
    if (!(await linkOf(job, candidate, to))) continue;
    const from = candidate.generation;
    if (job.quick && bytes !== null && sha256 !== null && (await stat(to)).size === bytes)
      return { bytes, sha256, how: "linked", read: false, from };
    const digest = await digestOf(to, job.signal);
    if (digest.sha256 === sha256) return { ...digest, how: "linked", read: true, from };
    job.placed.rotten.push(candidate);
    await rm(to, { force: true });
  }
  return null;
}

async function linkOf(job: Job, candidate: OlderCopy, to: string): Promise<boolean> {
  if (!job.mayLink) return false;
  try {
    await link(candidate.place, to);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOENT") job.placed.rotten.push(candidate);
    else if (/^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS|EXDEV|EACCES)$/.test(code)) job.mayLink = false;
    else if (code !== "EMLINK") throw toDiskError(error, to);
    return false;
  }
}

/** Where the file system has no hard links, and the file here is no good. */
async function copyOlder(job: Job, { sha256 }: KeptFile, older: OlderCopy[], to: string): Promise<Copy | null> {
  for (const { place, generation } of older) {
    await using source = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
    if (source === null) continue;
    const digest = await pourFile(source, to, job.signal);
    if (digest.sha256 === sha256) return { ...digest, how: "copied", read: false, from: generation };
    await rm(to, { force: true });
  }
  return null;
}

/** Copies a file of the archive, or says what is wrong with it. */
async function copyHere(job: Job, file: KeptFile, to: string): Promise<Copy | Bad> {
  const { store, signal } = job;
  const cloned = await cloneHere(job, file, to);
  if (cloned !== null) return cloned;
  try {
    await using source = await store.get(file.path);
    const poured = await pourFile(source, to, signal);
    if (poured.sha256 === (file.sha256 ?? poured.sha256)) return await readBack(poured, to, signal);
    await rm(to, { force: true });
  } catch (error) {
    await rm(to, { force: true });
    if (signal.aborted || isOfTheCopy(error, to)) throw error;
  }
  const verdict = await checkFile(job, file, true);
  return verdict.is === "right" ? { is: "unreadable", reason: "it changed while it was read" } : verdict;
}

/** Null where the file system cannot, or where it brought other bytes. */
async function cloneHere(job: Job, { path, sha256 }: KeptFile, to: string): Promise<Copy | null> {
  if (!job.mayClone || (await job.store.stat(path).catch(() => null))?.type !== "file") return null;
  if (!(await cloneFile(job.store.locate(path), to))) {
    job.mayClone = false;
    return null;
  }
  const digest = await digestOf(to, job.signal);
  if (digest.sha256 === sha256) return { ...digest, how: "copied", read: true, from: null };
  await rm(to, { force: true });
  return null;
}

async function readBack(poured: { bytes: number; sha256: string }, to: string, signal: AbortSignal): Promise<Copy> {
  const { sha256 } = await digestOf(to, signal);
  if (sha256 === poured.sha256) return { ...poured, how: "copied", read: true, from: null };
  throw new DiskError(`${to} does not read back as it was written`, {
    code: "copy_differs",
    hint: "this disk loses data: back up to another one",
  });
}

function isOfTheCopy(error: unknown, to: string): boolean {
  return error instanceof MirrorError && (error.code === "disk_full" || error.message.includes(to));
}

function keep({ placed }: Job, { path, sha256 }: KeptFile, copy: Copy): void {
  placed.sums.set(path, copy.sha256);
  if (copy.read && sha256 !== null) placed.read.add(sha256);
  placed[copy.how]++;
  placed.bytes += copy.bytes;
  if (copy.how === "copied") placed.bytesCopied += copy.bytes;
}

function damaged({ placed }: Job, file: KeptFile, { reason }: Bad, insteadFrom: string | null): void {
  const { path, kind, clipId, taskId, title } = file;
  placed.damaged.push({ path, kind, clipId, taskId, title, reason, insteadFrom });
}

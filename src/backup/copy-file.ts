import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AssetStore } from "../assets/store/store.ts";
import { onceEach } from "../lib/concurrency.ts";
import type { ArchiveFile } from "../query/lists/archive-files.ts";
import { copyHere, type Bad, type FromHere } from "./copy-from-archive.ts";
import { copyOlder, linkOlder, type Copy, type FromOlder } from "./copy-from-older.ts";
import { makeFolder } from "../lib/files/durable-files.ts";
import type { OlderCopies, OlderCopy } from "./older-backups.ts";
import type { TakenOut } from "./taken-out.ts";
import { checkFile } from "../verify/check-file.ts";
import { type Sums } from "./snapshot/sha256sums.ts";
import { exists } from "../lib/files/entry.ts";
import { flushFile } from "../lib/files/flush.ts";
import { digestFile } from "../lib/files/read.ts";

/** A file of the archive that is not as it should be, and the backup whose good copy is taken on instead, if there is one. */
export type DamagedFile = Pick<ArchiveFile, "path" | "kind" | "clipId" | "taskId" | "title"> & {
  reason: string;
  insteadFrom: string | null;
};

export type Placing = {
  store: AssetStore;
  /** The assets folder of the backup that is being made. */
  to: string;
  older: OlderCopies;
  /** Whether its owner has taken a file out meanwhile, and where it lies then. */
  takenOut: (file: ArchiveFile) => TakenOut | null;
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
export type Placer = { place(file: ArchiveFile): Promise<void>; placed: Placed };

type Job = Placing & FromHere & FromOlder & { placed: Placed; folder: (place: string) => Promise<void> };

/**
 * A file that an older backup of the same folder has is hard-linked from there, any other is copied (or shares blocks
 * with the original where the file system can), never linked to the archive. All is read back and held against the
 * digest of its row; so is what lies here. One that is damaged or missing here is noted, and an older good copy stands
 * in for it. One that its owner took out meanwhile is no damage: it is copied from the trash, since the records of this
 * backup still have it. Throws DiskError when the backup's side fails.
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
  const folder = onceEach(makeFolder);
  const job: Job = { ...placing, placed, folder, rotten: placed.rotten, mayClone: true, mayLink: true };
  return { placed, place: (file) => placeFile(job, file) };
}

async function placeFile(job: Job, file: ArchiveFile): Promise<void> {
  const to = join(job.to, file.path);
  await job.folder(dirname(to));
  const older = file.sha256 === null ? [] : job.older.of(file.sha256);
  const known = (await takeLeft(job, file, to)) ?? (await linkOlder(job, file, older, to));
  if (known === null) return placeAnew(job, file, older, to);
  const verdict = await checkFile(job, file, !job.quick || file.state !== "stored");
  keep(job, file, known);
  if (verdict.is === "intact" || (verdict.is === "missing" && job.takenOut(file))) return;
  damaged(job, file, verdict, known.from);
}

async function placeAnew(job: Job, file: ArchiveFile, older: OlderCopy[], to: string): Promise<void> {
  const copy = await copyHere(job, file, to);
  if (!("is" in copy)) return keep(job, file, copy);
  if (copy.is === "missing" && (await placeTakenOut(job, file, to))) return;
  const instead = await copyOlder(job, file, older, to);
  if (instead !== null) keep(job, file, instead);
  damaged(job, file, copy, instead?.from ?? null);
}

async function placeTakenOut(job: Job, file: ArchiveFile, to: string): Promise<boolean> {
  const taken = job.takenOut(file);
  if (taken === null) return false;
  const inTrash = taken.place === null ? [] : [{ generation: "trash", path: file.path, place: taken.place }];
  const copy = await copyOlder(job, file, inTrash, to);
  if (copy !== null) keep(job, file, copy);
  return copy !== null || taken.place === null;
}

/** What an interrupted backup has brought already. */
async function takeLeft({ signal }: Job, { sha256 }: ArchiveFile, to: string): Promise<Copy | null> {
  if (!(await exists(to))) return null;
  const digest = await digestFile(to, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  });
  if (digest !== null && digest.sha256 === sha256) {
    await flushFile(to);
    return { ...digest, how: "copied", read: true, from: "an interrupted backup" };
  }
  await rm(to, { recursive: true, force: true });
  return null;
}

function keep({ placed }: Job, { path, sha256 }: ArchiveFile, copy: Copy): void {
  placed.sums.set(path, copy.sha256);
  if (copy.read && sha256 !== null) placed.read.add(sha256);
  placed[copy.how]++;
  placed.bytes += copy.bytes;
  if (copy.how === "copied") placed.bytesCopied += copy.bytes;
}

function damaged({ placed }: Job, file: ArchiveFile, { reason }: Bad, insteadFrom: string | null): void {
  const { path, kind, clipId, taskId, title } = file;
  placed.damaged.push({ path, kind, clipId, taskId, title, reason, insteadFrom });
}

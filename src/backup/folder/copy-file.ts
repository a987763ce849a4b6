import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { onceEach } from "../../lib/concurrency.ts";
import { makeFolder } from "../../lib/files/durable-files.ts";
import { exists } from "../../lib/files/entry.ts";
import { flushFile } from "../../lib/files/flush.ts";
import { digestFile } from "../../lib/files/read.ts";
import type { ArchiveFile } from "../../query/lists/archive-files.ts";
import type { RemovedFile } from "../../remove/trash.ts";
import { checkFile } from "../../verify/check-file.ts";
import type { Sums } from "../snapshot/sha256sums.ts";
import type { LackingFile } from "../types.ts";
import { copyFromArchive, type ArchiveCopyJob, type Problem } from "./copy-from-archive.ts";
import {
  copyOlder,
  linkOlder,
  type Copy,
  type OlderBackups,
  type OlderCopy,
  type OlderCopyJob,
} from "./copy-from-older.ts";

/** A missing or damaged file of the archive, and the older backup whose good copy replaces it, if there is one. */
export type DamagedFile = LackingFile & { insteadFrom: string | null };

export type CopyOptions = Pick<ArchiveCopyJob, "store" | "signal"> & {
  /** The assets folder of the new backup. */
  to: string;
  older: OlderBackups;
  /** Whether the user removed a file since the snapshot, and where it is now. */
  removedMeanwhile: (file: ArchiveFile) => RemovedFile | null;
  /** Trust files of older backups, and files here that have the right size, without reading them. */
  quick: boolean;
};

export type CopiedFiles = {
  /** Digest by path, of what is in the backup. */
  sums: Sums;
  /** Digests of what was read back from the backup. */
  read: Set<string>;
  copied: number;
  linked: number;
  bytes: number;
  damaged: DamagedFile[];
  /** Files of older backups that are damaged. */
  rotten: OlderCopy[];
};

/** Copies files of the archive into a backup, one at a time or several at once, and adds them to `copies`. */
export type FileCopier = { copy(file: ArchiveFile): Promise<void>; copies: CopiedFiles };

type Job = CopyOptions &
  ArchiveCopyJob &
  OlderCopyJob & { copies: CopiedFiles; folder: (path: string) => Promise<void> };

/**
 * A file that an older backup of the same folder has is hard-linked from there. Any other is copied (or shares blocks
 * with the original where the file system can do that), never linked to the archive. Every copy is read back and
 * compared with the digest of its row, and so is the original. A damaged or missing original is recorded, and an older
 * good copy replaces it. One that the user removed since the snapshot is not damage: it is copied from the trash, since
 * the records of this backup still have it. Throws DiskError when the backup's disk fails.
 */
export function createFileCopier(options: CopyOptions): FileCopier {
  const copies: CopiedFiles = {
    sums: new Map(),
    read: new Set(),
    copied: 0,
    linked: 0,
    bytes: 0,
    damaged: [],
    rotten: [],
  };
  const folder = onceEach(makeFolder);
  const job: Job = { ...options, copies, folder, rotten: copies.rotten, mayClone: true, mayLink: true };
  return { copies, copy: (file) => copyFile(job, file) };
}

async function copyFile(job: Job, file: ArchiveFile): Promise<void> {
  const to = join(job.to, file.path);
  await job.folder(dirname(to));
  const older = job.older.withDigest(file.sha256);
  const existing = (await reusePartial(job, file, to)) ?? (await linkOlder(job, file, older, to));
  if (existing === null) return copyOriginal(job, file, older, to);
  const verdict = await checkFile(job, file, !job.quick || file.state !== "stored");
  addCopy(job, file, existing);
  if (verdict.is === "intact" || (verdict.is === "missing" && job.removedMeanwhile(file))) return;
  addDamaged(job, file, verdict, existing.from);
}

async function copyOriginal(job: Job, file: ArchiveFile, older: OlderCopy[], to: string): Promise<void> {
  const copy = await copyFromArchive(job, file, to);
  if (!("is" in copy)) return addCopy(job, file, copy);
  if (copy.is === "missing" && (await copyRemoved(job, file, to))) return;
  const instead = await copyOlder(job, file, older, to);
  if (instead !== null) addCopy(job, file, instead);
  addDamaged(job, file, copy, instead?.from ?? null);
}

/** False for a file that was not removed, or that is not in the trash as it should be. */
async function copyRemoved(job: Job, file: ArchiveFile, to: string): Promise<boolean> {
  const removed = job.removedMeanwhile(file);
  if (removed === null) return false;
  if (removed.path === null) return true;
  const copy = await copyOlder(
    job,
    file,
    [{ generation: "trash", folder: dirname(removed.path), path: removed.path }],
    to,
  );
  if (copy !== null) addCopy(job, file, copy);
  return copy !== null;
}

/** A good copy that an interrupted backup left; any other is removed. */
async function reusePartial({ signal }: Job, { sha256 }: ArchiveFile, to: string): Promise<Copy | null> {
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

function addCopy({ copies }: Job, { path, sha256 }: ArchiveFile, copy: Copy): void {
  copies.sums.set(path, copy.sha256);
  if (copy.read && sha256 !== null) copies.read.add(sha256);
  copies[copy.how]++;
  copies.bytes += copy.bytes;
}

function addDamaged({ copies }: Job, file: ArchiveFile, { reason }: Problem, insteadFrom: string | null): void {
  const { path, kind, clipId, taskId, title } = file;
  copies.damaged.push({ path, kind, clipId, taskId, title, reason, insteadFrom });
}

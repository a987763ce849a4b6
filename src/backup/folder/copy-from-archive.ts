import { rm } from "node:fs/promises";
import type { AssetStore } from "../../assets/store/store.ts";
import { DiskError, MirrorError } from "../../lib/errors.ts";
import { cloneFile, copyDurably } from "../../lib/files/durable-files.ts";
import { digestFile, type Digest } from "../../lib/files/read.ts";
import type { ArchiveFile } from "../../query/lists/archive-files.ts";
import { checkFile, type FileCheck } from "../../verify/check-file.ts";
import type { Copy } from "./copy-from-older.ts";

export type ArchiveCopyJob = {
  store: AssetStore;
  signal: AbortSignal;
  /** Becomes false where the file system cannot share blocks between files. */
  mayClone: boolean;
};

/** What is wrong with a file of the archive. */
export type Problem = Exclude<FileCheck, { is: "intact" }>;

/** Copies a file of the archive and reads it back, or returns what is wrong with it. Throws DiskError for a failure of the copy. */
export async function copyFromArchive(job: ArchiveCopyJob, file: ArchiveFile, to: string): Promise<Copy | Problem> {
  const { store, signal } = job;
  const cloned = await cloneFromArchive(job, file, to);
  if (cloned !== null) return cloned;
  try {
    await using source = await store.get(file.path);
    const written = await copyDurably(source, to, signal);
    if (written.sha256 === (file.sha256 ?? written.sha256)) return await readBack(written, to, signal);
    await rm(to, { force: true });
  } catch (error) {
    await rm(to, { force: true });
    if (signal.aborted || isCopyFailure(error, to)) throw error;
  }
  const verdict = await checkFile(job, file, true);
  return verdict.is === "intact" ? { is: "unreadable", reason: "it changed while it was read" } : verdict;
}

/** Null where the file system cannot clone, or where the clone has other bytes. */
async function cloneFromArchive(job: ArchiveCopyJob, { path, sha256 }: ArchiveFile, to: string): Promise<Copy | null> {
  if (!job.mayClone || (await job.store.stat(path).catch(() => null))?.type !== "file") return null;
  if (!(await cloneFile(job.store.locate(path), to))) {
    job.mayClone = false;
    return null;
  }
  const digest = await digestFile(to, job.signal);
  if (digest.sha256 === sha256) return { ...digest, how: "copied", read: true, from: null };
  await rm(to, { force: true });
  return null;
}

async function readBack(written: Digest, to: string, signal: AbortSignal): Promise<Copy> {
  const { sha256 } = await digestFile(to, signal);
  if (sha256 === written.sha256) return { ...written, how: "copied", read: true, from: null };
  throw new DiskError(`${to} does not read back as it was written`, {
    code: "copy_differs",
    hint: "this disk loses data: back up to another one",
  });
}

function isCopyFailure(error: unknown, to: string): boolean {
  return error instanceof MirrorError && (error.code === "disk_full" || error.message.includes(to));
}

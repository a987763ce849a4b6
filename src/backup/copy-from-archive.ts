import { rm } from "node:fs/promises";
import type { AssetStore } from "../assets/store/store.ts";
import { DiskError, MirrorError } from "../lib/errors.ts";
import type { ArchiveFile } from "../query/lists/archive-files.ts";
import type { Copy } from "./copy-from-older.ts";
import { cloneFile, copyDurably } from "../lib/files/durable-files.ts";
import { checkFile, type FileCheck } from "../verify/check-file.ts";
import { digestFile } from "../lib/files/read.ts";

export type FromHere = {
  store: AssetStore;
  signal: AbortSignal;
  /** Becomes false where the file system cannot share blocks between files. */
  mayClone: boolean;
};

/** What is wrong with a file of the archive. */
export type Bad = Exclude<FileCheck, { is: "intact" }>;

/** Copies a file of the archive and reads it back, or says what is wrong with it. Throws DiskError for the copy's side. */
export async function copyHere(job: FromHere, file: ArchiveFile, to: string): Promise<Copy | Bad> {
  const { store, signal } = job;
  const cloned = await cloneHere(job, file, to);
  if (cloned !== null) return cloned;
  try {
    await using source = await store.get(file.path);
    const poured = await copyDurably(source, to, signal);
    if (poured.sha256 === (file.sha256 ?? poured.sha256)) return await readBack(poured, to, signal);
    await rm(to, { force: true });
  } catch (error) {
    await rm(to, { force: true });
    if (signal.aborted || isOfTheCopy(error, to)) throw error;
  }
  const verdict = await checkFile(job, file, true);
  return verdict.is === "intact" ? { is: "unreadable", reason: "it changed while it was read" } : verdict;
}

/** Null where the file system cannot, or where it brought other bytes. */
async function cloneHere(job: FromHere, { path, sha256 }: ArchiveFile, to: string): Promise<Copy | null> {
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

async function readBack(poured: { bytes: number; sha256: string }, to: string, signal: AbortSignal): Promise<Copy> {
  const { sha256 } = await digestFile(to, signal);
  if (sha256 === poured.sha256) return { ...poured, how: "copied", read: true, from: null };
  throw new DiskError(`${to} does not read back as it was written`, {
    code: "copy_differs",
    hint: "this disk loses data: back up to another one",
  });
}

function isOfTheCopy(error: unknown, to: string): boolean {
  return error instanceof MirrorError && (error.code === "disk_full" || error.message.includes(to));
}

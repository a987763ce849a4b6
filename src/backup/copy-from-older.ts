import { constants } from "node:fs";
import { link, lstat, open, rm } from "node:fs/promises";
import { toDiskError } from "../lib/files/disk-errors.ts";
import type { ArchiveFile } from "../query/lists/archive-files.ts";
import { copyDurably } from "../lib/files/durable-files.ts";
import type { OlderCopy } from "./older-backups.ts";
import { digestFile } from "../lib/files/read.ts";

/** A file in a backup. `from`: the older backup that it was taken from; `read`: back from this one. */
export type Copy = { bytes: number; sha256: string; how: "copied" | "linked"; read: boolean; from: string | null };

export type FromOlder = {
  quick: boolean;
  signal: AbortSignal;
  /** Becomes false where the file system has no hard links. */
  mayLink: boolean;
  /** Fills up with those that are not as they were written. */
  rotten: OlderCopy[];
};

/** Links the newest older copy that is as it was written; null where there is none. Throws DiskError. */
export async function linkOlder(
  job: FromOlder,
  { sha256, bytes }: ArchiveFile,
  older: OlderCopy[],
  to: string,
): Promise<Copy | null> {
  for (const candidate of older) {
    if (!(await linkOf(job, candidate, to))) continue;
    const from = candidate.generation;
    if (job.quick && sha256 !== null && bytes !== null && (await hasSize(to, bytes)))
      return { bytes, sha256, how: "linked", read: false, from };
    const digest = await digestIfReadable(to, job.signal);
    if (digest !== null && digest.sha256 === sha256) return { ...digest, how: "linked", read: true, from };
    job.rotten.push(candidate);
    await rm(to, { force: true });
  }
  return null;
}

async function hasSize(place: string, bytes: number): Promise<boolean> {
  const entry = await lstat(place);
  return entry.isFile() && entry.size === bytes;
}

/** Null for a link, and for what the disk does not give any more: an older backup must not keep a new one from being made. */
async function digestIfReadable(place: string, signal: AbortSignal): Promise<{ bytes: number; sha256: string } | null> {
  try {
    return await digestFile(place, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

async function linkOf(job: FromOlder, candidate: OlderCopy, to: string): Promise<boolean> {
  if (!job.mayLink) return false;
  try {
    await link(candidate.place, to);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOENT") job.rotten.push(candidate);
    else if (/^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS|EXDEV|EACCES)$/.test(code)) job.mayLink = false;
    else if (code !== "EMLINK") throw toDiskError(error, to);
    return false;
  }
}

/** The same by copying, where the file system has no hard links. */
export async function copyOlder(
  job: FromOlder,
  { sha256 }: ArchiveFile,
  older: OlderCopy[],
  to: string,
): Promise<Copy | null> {
  for (const { place, generation } of older) {
    await using source = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
    if (source === null) continue;
    const digest = await copyDurably(source, to, job.signal);
    if (digest.sha256 === sha256) return { ...digest, how: "copied", read: false, from: generation };
    await rm(to, { force: true });
  }
  return null;
}

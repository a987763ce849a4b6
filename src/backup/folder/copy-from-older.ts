import { constants } from "node:fs";
import { link, lstat, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { copyDurably } from "../../lib/files/durable-files.ts";
import { exists } from "../../lib/files/entry.ts";
import { digestFile, type Digest } from "../../lib/files/read.ts";
import type { ArchiveFile } from "../../query/lists/archive-files.ts";
import type { Generation } from "../generations.ts";
import { readSums, type Sums } from "../snapshot/sha256sums.ts";

/**
 * A file of an older backup that had a certain digest when it was written; it may be damaged or gone. `path` and `folder`,
 * the backup's, are absolute.
 */
export type OlderCopy = { generation: string; folder: string; path: string };

export type OlderBackups = {
  /** The copies with a digest, those of the newest backup first. */
  withDigest(sha256: string | null): OlderCopy[];
};

/** What older backups hold, by the lists in them; a list that cannot be read is skipped. */
export async function indexOlderBackups(generations: Generation[]): Promise<OlderBackups> {
  const lists: { generation: Generation; paths: Map<string, string> }[] = [];
  for (const generation of generations) {
    const sums = await readSums(generation.folder).then(
      (read) => read.sums,
      (): Sums => new Map(),
    );
    const files = [...sums].filter(([path]) => path.startsWith("assets/"));
    lists.push({ generation, paths: new Map(files.map(([path, sha256]) => [sha256, path])) });
  }
  return {
    withDigest: (sha256) =>
      lists.flatMap(({ generation: { name, folder }, paths }) => {
        const path = sha256 === null ? undefined : paths.get(sha256);
        return path === undefined ? [] : [{ generation: name, folder, path: join(folder, path) }];
      }),
  };
}

/** A file in the new backup. `from`: the older backup that it comes from; `read`: its bytes were read back. */
export type Copy = Digest & { how: "copied" | "linked"; read: boolean; from: string | null };

export type OlderCopyJob = {
  quick: boolean;
  signal: AbortSignal;
  /** Becomes false where the file system has no hard links. */
  mayLink: boolean;
  /** Collects the copies that are damaged. */
  rotten: OlderCopy[];
};

/** Links the newest older copy that is still right; null where there is none. Throws DiskError. */
export async function linkOlder(
  job: OlderCopyJob,
  { sha256, bytes }: ArchiveFile,
  older: OlderCopy[],
  to: string,
): Promise<Copy | null> {
  for (const candidate of older) {
    if (!(await tryLink(job, candidate, to))) continue;
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

async function hasSize(path: string, bytes: number): Promise<boolean> {
  const entry = await lstat(path);
  return entry.isFile() && entry.size === bytes;
}

/** Null for a symlink and for what cannot be read: a damaged older backup must not prevent a new one. */
async function digestIfReadable(path: string, signal: AbortSignal): Promise<Digest | null> {
  try {
    return await digestFile(path, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

async function tryLink(job: OlderCopyJob, candidate: OlderCopy, to: string): Promise<boolean> {
  if (!job.mayLink) return false;
  try {
    await link(candidate.path, to);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (code === "ENOENT") await addAbsent(job, candidate);
    else if (/^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS|EXDEV|EACCES)$/.test(code)) job.mayLink = false;
    else if (code !== "EMLINK") throw toDiskError(error, to);
    return false;
  }
}

/** Another home of this archive may have removed the whole backup: that is no damage. */
async function addAbsent(job: OlderCopyJob, copy: OlderCopy): Promise<void> {
  if (await exists(copy.folder)) job.rotten.push(copy);
}

/** The same by copying, where the file system has no hard links. */
export async function copyOlder(
  job: OlderCopyJob,
  { sha256 }: ArchiveFile,
  older: OlderCopy[],
  to: string,
): Promise<Copy | null> {
  for (const { path, generation } of older) {
    const digest = await copyOne(path, to, job.signal);
    if (digest === null) continue;
    if (digest.sha256 === sha256) return { ...digest, how: "copied", read: false, from: generation };
    await rm(to, { force: true });
  }
  return null;
}

/** Null when the older copy cannot be opened. */
async function copyOne(path: string, to: string, signal: AbortSignal): Promise<Digest | null> {
  await using source = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  return source === null ? null : await copyDurably(source, to, signal);
}

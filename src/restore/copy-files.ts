import { constants } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openStore } from "../assets/store/store.ts";
import type { Sums } from "../backup/snapshot/sha256sums.ts";
import { inParallel } from "../lib/concurrency.ts";
import { IntegrityError } from "../lib/errors.ts";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { copyDurably, makeFolder, makePrivate } from "../lib/files/durable-files.ts";
import { exists } from "../lib/files/entry.ts";
import { flushFolder } from "../lib/files/flush.ts";
import { digestFile, type Digest } from "../lib/files/read.ts";

export type CopyDeps = { signal: AbortSignal; onBytes: (bytes: number) => void };

const WIDTH = 4;

/**
 * Copies files of a backup to the same paths in a new folder and compares each copy with its digest; with `mayMove` they
 * are moved where that is possible. Throws DiskError, IntegrityError.
 */
export async function copyFiles(
  from: string,
  to: string,
  files: Sums,
  mayMove: boolean,
  deps: CopyDeps,
): Promise<void> {
  const folders = new Set([...files.keys()].map((path) => join(to, dirname(path))));
  for (const folder of folders) await makeFolder(folder);
  await inParallel(files, WIDTH, async ([path, sha256]) => {
    const [source, target] = [join(from, path), join(to, path)];
    if (mayMove && (await tryMove(source, target))) deps.onBytes((await stat(target)).size);
    else await copyFile(source, target, sha256, deps);
  });
  for (const folder of folders) await flushFolder(folder);
}

/**
 * Adds files of a backup (paths relative to `from`) to an assets folder that is not replaced: a file that is right stays,
 * another one is kept beside it, since the archive that was here may have had it so. Throws DiskError, IntegrityError.
 */
export async function addMissingFiles(
  from: string,
  { root, archiveId }: { root: string; archiveId: string },
  files: Sums,
  deps: CopyDeps,
): Promise<void> {
  const store = openStore(root, archiveId);
  await store.prepare({ files: false });
  await inParallel(files, WIDTH, async ([path, sha256]) => {
    const target = store.locate(path);
    const entry = await store.stat(path);
    const found = entry?.type === "file" ? await digestFile(target, deps.signal) : null;
    if (found?.sha256 === sha256) return deps.onBytes(found.bytes);
    if (found !== null) await store.keepBeside(path, found.sha256);
    else if (entry !== null) await store.quarantine(path);
    await store.check({ files: true });
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const part = partPath(target);
    await rm(part, { force: true });
    await copyFile(join(from, path), part, sha256, deps);
    await rename(part, target);
    await flushFolder(dirname(target));
  });
}

/** The bytes of those files that are not in the folder with their size. */
export async function countMissingBytes(from: string, to: string, paths: Iterable<string>): Promise<number> {
  let bytes = 0;
  for (const path of paths) {
    const { size } = await stat(join(from, path));
    const existing = await stat(join(to, path)).catch(() => null);
    if (existing?.size !== size) bytes += size;
  }
  return bytes;
}

async function copyFile(from: string, to: string, sha256: string, { signal, onBytes }: CopyDeps): Promise<void> {
  const copy = await readInto(from, to, signal);
  if (copy.sha256 !== sha256)
    throw new IntegrityError(`${from} changed while it was read`, {
      code: "backup_damaged",
      hint: "check the disk that the backup is on, then restore again",
    });
  onBytes(copy.bytes);
}

async function readInto(from: string, to: string, signal: AbortSignal): Promise<Digest> {
  try {
    await using source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
    return await copyDurably(source, to, signal);
  } catch (error) {
    throw signal.aborted ? error : toDiskError(error, from);
  }
}

/** False where something is there already, and between two disks. */
async function tryMove(from: string, to: string): Promise<boolean> {
  try {
    if (await exists(to)) return false;
    await rename(from, to);
    await makePrivate(to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EXDEV") return false;
    throw toDiskError(error, to);
  }
}

/** A name of the form that downloads have, so that what a kill leaves is cleaned up with theirs. */
function partPath(path: string): string {
  const [, stem = "", ending = ""] = /([^/]*)\.(\w+)$/.exec(path) ?? [];
  const letters = ending.replace(/\d/g, (digit) => String.fromCodePoint(97 + Number(digit)));
  return join(dirname(path), `${stem.replaceAll(".", "_")}.restore${letters}.part`);
}

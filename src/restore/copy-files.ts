import { constants } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { flushFolder } from "../lib/files/flush.ts";
import { exists } from "../lib/files/entry.ts";
import { digestFile } from "../lib/files/read.ts";
import { openStore } from "../assets/store/store.ts";
import { IntegrityError } from "../lib/errors.ts";
import { inParallel } from "../lib/concurrency.ts";
import { makeFolder, makePrivate, copyDurably } from "../lib/files/durable-files.ts";
import { type Sums } from "../backup/snapshot/sha256sums.ts";

export type CopyDeps = { signal: AbortSignal; onBytes: (bytes: number) => void };

const WIDTH = 4;

/** Puts files of a backup under the same paths into a new folder, each held against its digest as it passes. Throws DiskError, IntegrityError. */
export async function copyFiles(from: string, to: string, files: Sums, move: boolean, deps: CopyDeps): Promise<void> {
  const folders = new Set([...files.keys()].map((path) => join(to, dirname(path))));
  for (const folder of folders) await makeFolder(folder);
  await inParallel(files, WIDTH, ([path, sha256]) => copyFile(join(from, path), join(to, path), sha256, move, deps));
  for (const folder of folders) await flushFolder(folder);
}

/**
 * Adds files of a backup (paths relative to `from`) to an assets folder that stays where it is: what lies right there is
 * left alone, what lies damaged is put aside as `.bad`. Answers how many were brought. Throws DiskError, IntegrityError.
 */
export async function addMissingFiles(
  from: string,
  { root, archiveId }: { root: string; archiveId: string },
  files: Sums,
  deps: CopyDeps,
): Promise<number> {
  const store = openStore(root, archiveId);
  await store.prepare({ files: false });
  let brought = 0;
  await inParallel(files, WIDTH, async ([path, sha256]) => {
    const place = store.locate(path);
    const entry = await store.stat(path);
    if (entry?.type === "file" && (await digestFile(place, deps.signal)).sha256 === sha256)
      return deps.onBytes(entry.bytes);
    if (entry !== null) await store.quarantine(path);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    const part = partPath(place);
    await rm(part, { force: true });
    await copyFile(join(from, path), part, sha256, false, deps);
    await rename(part, place);
    await flushFolder(dirname(place));
    brought++;
  });
  return brought;
}

/** The bytes of those files that are not yet in the folder with their size. */
export async function bytesToAdd(from: string, to: string, paths: Iterable<string>): Promise<number> {
  let bytes = 0;
  for (const path of paths) {
    const { size } = await stat(join(from, path));
    const there = await stat(join(to, path)).catch(() => null);
    if (there?.size !== size) bytes += size;
  }
  return bytes;
}

async function copyFile(from: string, to: string, sha256: string, move: boolean, deps: CopyDeps): Promise<void> {
  if (move && (await tryMove(from, to))) return deps.onBytes((await stat(to)).size);
  const actual = await copyFrom(from, to, deps.signal);
  if (actual.sha256 !== sha256)
    throw new IntegrityError(`${from} changed while it was read`, {
      code: "backup_damaged",
      hint: "check the disk that the backup lies on, then restore again",
    });
  deps.onBytes(actual.bytes);
}

async function copyFrom(from: string, to: string, signal: AbortSignal): Promise<{ bytes: number; sha256: string }> {
  try {
    await using source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
    return await copyDurably(source, to, signal);
  } catch (error) {
    throw signal.aborted ? error : toDiskError(error, from);
  }
}

/** False where the two lie on different disks. */
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

/** A name as downloads leave: what a kill leaves of it is cleared like theirs. */
function partPath(place: string): string {
  const [, stem = "", ending = ""] = /([^/]*)\.(\w+)$/.exec(place) ?? [];
  const letters = ending.replace(/\d/g, (digit) => String.fromCodePoint(97 + Number(digit)));
  return join(dirname(place), `${stem.replaceAll(".", "_")}.restore${letters}.part`);
}

import { existsSync } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sql } from "drizzle-orm";
import { timeGoneBy } from "../db/clock.ts";
import type { Database } from "../db/connection.ts";
import { allEndings } from "../assets/inspect/file-types.ts";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { digestFile } from "../lib/files/read.ts";
import { flushFolder } from "../lib/files/flush.ts";
import { DiskError } from "../lib/errors.ts";
import { copyDurably } from "../lib/files/durable-files.ts";

const DAY_MS = 24 * 3600 * 1000;
/** How long a removed file can be restored. */
export const TRASH_DAYS = 30;
const DAY_FOLDER_NAME = /^\d{4}-\d{2}-\d{2}$/;
/** `1d` and `1dd08826-….m4a`: the names of the assets folder. Nothing else is ever deleted. */
const FOLDER_NAME = /^[0-9a-z-]{2}$/;
const FILE_NAME = new RegExp(
  String.raw`^[0-9a-z-]+(_\d+)?(\.v\d+)?\.(${allEndings().join("|").replaceAll(".", "\\.")})$`,
);

/** The folder that `trash_path` is relative to. */
export function trashRoot(home: string): string {
  return join(home, "trash");
}

/**
 * Moves a file: by a rename on one disk, else it is copied, flushed, and then deleted. A file that is already at the target
 * must have the same bytes, left there by a crash. Throws DiskError, or the signal's reason.
 */
export async function moveFile(from: RootedPath, to: RootedPath, signal: AbortSignal): Promise<void> {
  const [source, target] = [join(from.root, from.path), join(to.root, to.path)];
  try {
    await makeFolders(to);
    if (await exists(target)) return await dropDuplicate(source, target, signal);
    await rename(source, target).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
      return copyAcross(source, target, signal);
    });
    await flushFolder(dirname(target));
    await flushFolder(dirname(source));
  } catch (error) {
    throw signal.aborted ? error : toDiskError(error, target);
  }
}

/** `path` is relative to the folder `root`. */
export type RootedPath = { root: string; path: string };

/**
 * Moves a file into the trash. What lies at its path with other bytes was changed in the trash, so that an undo left
 * it: it makes way, as another version that goes with its day. Throws as `moveFile` does.
 */
export async function moveIntoTrash(from: RootedPath, to: RootedPath, signal: AbortSignal): Promise<void> {
  const [source, target] = [join(from.root, from.path), join(to.root, to.path)];
  try {
    if ((await exists(target)) && !(await isSame(source, target, signal))) await rename(target, freeVersion(target));
  } catch (error) {
    throw signal.aborted ? error : toDiskError(error, target);
  }
  await moveFile(from, to, signal);
}

/** `x.v2.m4a`, `x.v3.m4a` …: the first that is not there. */
function freeVersion(path: string): string {
  for (let version = 2; ; version++) {
    const name = path.replace(/(?=\.[^/]+$)/, `.v${version}`);
    if (!existsSync(name)) return name;
  }
}

async function makeFolders({ root, path }: RootedPath): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o700 });
  await flushFolder(root);
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}

async function dropDuplicate(source: string, target: string, signal: AbortSignal): Promise<void> {
  if (!(await isSame(source, target, signal))) throw new DiskError(`another file is in the way: ${target}`);
  await unlink(source);
}

async function isSame(source: string, target: string, signal: AbortSignal): Promise<boolean> {
  return (await digestFile(source, signal)).sha256 === (await digestFile(target, signal)).sha256;
}

async function copyAcross(source: string, target: string, signal: AbortSignal): Promise<void> {
  await rm(`${target}.new`, { force: true });
  await using file = await open(source, "r");
  await copyDurably(file, `${target}.new`, signal);
  await rename(`${target}.new`, target);
  await unlink(source);
}

/** The names of the trash's folders, one for each day on which something was removed. */
export async function trashDayFolders(home: string): Promise<string[]> {
  return namesIn(trashRoot(home), DAY_FOLDER_NAME);
}

/**
 * Deletes files that have been in the trash for longer than 30 days, by our own names only. Returns their trash paths.
 * `steady`: since when the clock goes on without a jump.
 */
export async function deleteExpiredFiles(home: string, now: number, steady: number): Promise<string[]> {
  const root = trashRoot(home);
  const removed: string[] = [];
  for (const day of await trashDayFolders(home)) {
    if (timeGoneBy(Date.parse(day), now, steady) < (TRASH_DAYS + 1) * DAY_MS) continue;
    for (const folder of await namesIn(join(root, day), FOLDER_NAME)) {
      for (const file of await namesIn(join(root, day, folder), FILE_NAME)) {
        await unlink(join(root, day, folder, file));
        removed.push(`${day}/${folder}/${file}`);
      }
      await rmdir(join(root, day, folder)).catch(() => {});
    }
    await rmdir(join(root, day)).catch(() => {});
  }
  return removed;
}

async function namesIn(folder: string, pattern: RegExp): Promise<string[]> {
  const stats = await lstat(folder).catch(() => null);
  if (!stats?.isDirectory()) return [];
  return (await readdir(folder)).filter((name) => pattern.test(name));
}

/** A file that was removed; `path` is absolute, in the trash, and null when the file is gone for good (`rm --purge`). */
export type RemovedFile = { path: string | null };

/** Whether a file, by the id of its row, was removed since a snapshot of the archive was made; null when it was not. */
export function removedMeanwhile(home: string, db: Database, assetId: number): RemovedFile | null {
  const row = db.get<{ trashPath: string | null } | undefined>(
    sql`select trash_path as "trashPath" from assets where id = ${assetId} and removed_at is not null`,
  );
  return row ? { path: row.trashPath === null ? null : join(trashRoot(home), row.trashPath) } : null;
}

import { lstat, mkdir, open, readdir, rename, rm, rmdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { digestFile } from "../lib/files/read.ts";
import { flushFolder } from "../lib/files/flush.ts";
import { DiskError } from "../lib/errors.ts";
import { copyDurably } from "../lib/files/durable-files.ts";

const DAY_MS = 24 * 3600 * 1000;
/** So long a removed file can be brought back. */
export const TRASH_DAYS = 30;
const DAY_FOLDER = /^\d{4}-\d{2}-\d{2}$/;
/** `1d` and `1dd08826-….m4a`: names that the assets folder gives. Nothing else is ever removed. */
const FOLDER = /^[0-9a-z-]{2}$/;
const FILE = /^[0-9a-z-]+(_\d+)?(\.v\d+)?\.(m4a|mp3|wav|jpg|png|webp|mp4|zip)$/;

/** Where removed files lie, by their `trash_path`. */
export function trashRoot(home: string): string {
  return join(home, "trash");
}

/**
 * Moves a file from `from` to `to` (both `{ root, path }`): renamed where that is one disk, else copied, flushed and then
 * removed. A file that is there already must be the same, left by a crash. Throws DiskError.
 */
export async function moveFile(from: Place, to: Place, signal: AbortSignal): Promise<void> {
  const [source, target] = [join(from.root, from.path), join(to.root, to.path)];
  try {
    await makeFolders(to);
    if (await isThere(target)) return await dropTwin(source, target, signal);
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

export type Place = { root: string; path: string };

async function makeFolders({ root, path }: Place): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o700 });
  await flushFolder(root);
}

async function isThere(place: string): Promise<boolean> {
  return (await lstat(place).catch(() => null)) !== null;
}

async function dropTwin(source: string, target: string, signal: AbortSignal): Promise<void> {
  const [one, other] = [await digestFile(source, signal), await digestFile(target, signal)];
  if (one.sha256 !== other.sha256) throw new DiskError(`another file is in the way: ${target}`);
  await unlink(source);
}

async function copyAcross(source: string, target: string, signal: AbortSignal): Promise<void> {
  await rm(`${target}.new`, { force: true });
  await using file = await open(source, "r");
  await copyDurably(file, `${target}.new`, signal);
  await rename(`${target}.new`, target);
  await unlink(source);
}

/** The folders of the trash, one a day on which something was taken out. */
export async function trashDays(home: string): Promise<string[]> {
  return namesIn(trashRoot(home), DAY_FOLDER);
}

/** Removes what has lain there for longer than 30 days; only files of names that are ours. Returns their trash paths. */
export async function emptyTrash(home: string, now: number): Promise<string[]> {
  const root = trashRoot(home);
  const removed: string[] = [];
  for (const day of await trashDays(home)) {
    if (now - Date.parse(day) < (TRASH_DAYS + 1) * DAY_MS) continue;
    for (const folder of await namesIn(join(root, day), FOLDER)) {
      for (const file of await namesIn(join(root, day, folder), FILE)) {
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

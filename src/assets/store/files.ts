import crypto from "node:crypto";
import { constants, type Stats } from "node:fs";
import { lstat, open, opendir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { DiskError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";

/** What lies at a path: a regular file, or something that was put in its place. */
export type Entry = {
  type: "file" | "folder" | "symlink" | "fifo" | "socket" | "device";
  /** 0 for all that is no file. */
  bytes: number;
  modifiedAt: number;
};

/** A path as the database holds it, as parts that cannot leave the root; throws DiskError for any other. */
export function safeParts(path: string): string[] {
  if (isSafePath(path)) return path.split("/");
  throw new DiskError(`not a path inside the assets folder: ${JSON.stringify(path.slice(0, 200))}`, {
    code: "bad_asset_path",
  });
}

/** Whether a path of a row leads to a place inside the assets folder. */
export function isSafePath(path: string): boolean {
  return path.length <= 200 && path.split("/").every((part) => /^[\w-][\w.-]*$/.test(part));
}

/**
 * What lies at `path` under `root`, null when nothing does. A symlink is never followed, neither at the end nor on the
 * way: it is answered as what it is. Opens nothing, so that a FIFO cannot hang it. Throws DiskError.
 */
export async function statEntry(root: string, path: string): Promise<Entry | null> {
  let place = root;
  let entry: Entry | null = null;
  for (const part of safeParts(path)) {
    if (entry !== null && entry.type !== "folder") return entry.type === "file" ? null : entry;
    place = join(place, part);
    entry = await lstatEntry(place);
    if (entry === null) return null;
  }
  return entry;
}

/** lstat of an absolute path in our words, null when nothing is there. */
export async function lstatEntry(place: string): Promise<Entry | null> {
  try {
    return toEntry(await lstat(place));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw toDiskError(error, place);
  }
}

/** Opens a regular file for reading, through no symlink; throws DiskError, `asset_missing` when it is not there. */
export async function openFile(root: string, path: string): Promise<FileHandle> {
  const entry = await statEntry(root, path);
  const place = join(root, path);
  if (entry === null) throw new DiskError(`no such file: ${place}`, { code: "asset_missing" });
  if (entry.type !== "file") throw new DiskError(`${entry.type} in archive: ${place}`, { code: "asset_not_a_file" });
  return openPlace(place);
}

async function openPlace(place: string): Promise<FileHandle> {
  try {
    return await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw toDiskError(error, place);
  }
}

/** Reads a file from its first byte to its last in pieces of 256 KiB; each piece is valid until the next one. */
export async function* readPieces(file: FileHandle, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Size and digest of a stored file. An error while reading is a DiskError: unreadable is not the same as damaged. */
export async function digestFile(
  root: string,
  path: string,
  signal?: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<{ bytes: number; sha256: string }> {
  return digestOpen(await openFile(root, path), join(root, path), signal, onBytes);
}

/** The same for a regular file anywhere, by its absolute path; a symlink is not followed. */
export async function digestPlace(place: string, signal?: AbortSignal): Promise<{ bytes: number; sha256: string }> {
  return digestOpen(await openPlace(place), place, signal);
}

async function digestOpen(
  file: FileHandle,
  place: string,
  signal?: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<{ bytes: number; sha256: string }> {
  try {
    const hash = crypto.createHash("sha256");
    let bytes = 0;
    for await (const piece of readPieces(file, signal)) {
      hash.update(piece);
      bytes += piece.length;
      onBytes?.(piece.length);
    }
    return { bytes, sha256: hash.digest("hex") };
  } catch (error) {
    throw signal?.aborted ? error : toDiskError(error, place);
  } finally {
    await file.close();
  }
}

/** Every path under `root` that is no real folder, with forward slashes; names that begin with a dot are not ours. */
export async function* walkFolder(root: string, under = ""): AsyncGenerator<string> {
  let folder;
  try {
    folder = await opendir(join(root, under));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && under === "") return;
    throw toDiskError(error, join(root, under));
  }
  for await (const entry of folder) {
    if (entry.name.startsWith(".") || entry.name === "lost+found") continue;
    const path = under === "" ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory()) yield* walkFolder(root, path);
    else yield path;
  }
}

function toEntry(stats: Stats): Entry {
  const type = stats.isFile()
    ? "file"
    : stats.isDirectory()
      ? "folder"
      : stats.isSymbolicLink()
        ? "symlink"
        : stats.isFIFO()
          ? "fifo"
          : stats.isSocket()
            ? "socket"
            : "device";
  return { type, bytes: type === "file" ? stats.size : 0, modifiedAt: Math.round(stats.mtimeMs) };
}

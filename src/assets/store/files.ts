import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { DiskError } from "../../lib/errors.ts";
import { lstatEntry, type FileEntry } from "../../lib/files/entry.ts";
import { digestAndClose, openRegular, type Digest } from "../../lib/files/read.ts";

/** Splits the path of a row into parts that cannot leave the root. Throws DiskError for any other path. */
export function safeParts(path: string): string[] {
  if (isSafePath(path)) return path.split("/");
  throw new DiskError(`not a path inside the assets folder: ${JSON.stringify(path.slice(0, 200))}`, {
    code: "bad_asset_path",
  });
}

/** Whether the path of a row stays inside the assets folder. */
export function isSafePath(path: string): boolean {
  return path.length <= 200 && path.split("/").every((part) => /^[\w-][\w.-]*$/.test(part));
}

/**
 * The entry at `path` under `root`; null when there is none. A symlink is never followed, neither at the end nor on the
 * way: it is returned as a symlink. Opens nothing, so that a FIFO cannot block it. Throws DiskError.
 */
export async function statEntry(root: string, path: string): Promise<FileEntry | null> {
  let current = root;
  let entry: FileEntry | null = null;
  for (const part of safeParts(path)) {
    if (entry !== null && entry.type !== "folder") return entry.type === "file" ? null : entry;
    current = join(current, part);
    entry = await lstatEntry(current);
    if (entry === null) return null;
  }
  return entry;
}

/** Opens a regular file for reading, through no symlink; throws DiskError, `asset_missing` when it is not there. */
export async function openFile(root: string, path: string): Promise<FileHandle> {
  const entry = await statEntry(root, path);
  const absolute = join(root, path);
  if (entry === null) throw new DiskError(`no such file: ${absolute}`, { code: "asset_missing" });
  if (entry.type !== "file") throw new DiskError(`${entry.type} in archive: ${absolute}`, { code: "asset_not_a_file" });
  return openRegular(absolute);
}

/** Size and digest of a stored file. An error while reading is a DiskError: unreadable is not the same as damaged. */
export async function digestStored(
  root: string,
  path: string,
  signal?: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<Digest> {
  return digestAndClose(await openFile(root, path), join(root, path), signal, onBytes);
}

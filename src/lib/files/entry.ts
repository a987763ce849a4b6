import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { toDiskError } from "./disk-errors.ts";

/** What exists at a path: a regular file, or something else. */
export type FileEntry = {
  type: "file" | "folder" | "symlink" | "fifo" | "socket" | "device";
  /** 0 for everything but regular files. */
  bytes: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
};

/** Reads the entry at an absolute path without following a symlink; null when there is none. Throws DiskError. */
export async function lstatEntry(path: string): Promise<FileEntry | null> {
  try {
    return toEntry(await lstat(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw toDiskError(error, path);
  }
}

/** True when anything exists at the path, a dangling symlink too. Throws DiskError. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw toDiskError(error, path);
  }
}

function toEntry(stats: Stats): FileEntry {
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

import { closeSync, constants, fsyncSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { toDiskError } from "./disk-errors.ts";
import { isLacking, whereSupported } from "./disk-limits.ts";

/** Returns when a file's bytes are on the disk. Throws DiskError. */
export async function flushFile(path: string): Promise<void> {
  try {
    await using file = await open(path, "r+");
    await file.sync();
  } catch (error) {
    throw toDiskError(error, path);
  }
}

/**
 * Returns when a folder's entries are on the disk, where its file system supports that: a rename is durable only after
 * its folder was flushed. Throws DiskError.
 */
export async function flushFolder(path: string): Promise<void> {
  try {
    await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    await folder.sync();
  } catch (error) {
    if (!isLacking(error)) throw toDiskError(error, path);
  }
}

/** As flushFile, for synchronous code. Throws the file system's error. */
export function flushFileSync(path: string): void {
  flushSync(path, "r+");
}

/** As flushFolder, for synchronous code. Throws the file system's error. */
export function flushFolderSync(path: string): void {
  whereSupported(() => flushSync(path, "r"));
}

function flushSync(path: string, flag: string): void {
  const file = openSync(path, flag);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { writeAllSync } from "./durable-files.ts";
import { flushFileSync, flushFolderSync } from "./flush.ts";
import { toStorageError } from "./storage-errors.ts";

/** Replaces a file as a whole, durably; only its owner can read it. Throws DiskError. */
export function writePrivateFile(path: string, text: string): void {
  try {
    rmSync(`${path}.new`, { force: true });
    const file = openSync(`${path}.new`, "wx", 0o600);
    try {
      writeAllSync(file, Buffer.from(text));
    } finally {
      closeSync(file);
    }
    flushFileSync(`${path}.new`);
    renameSync(`${path}.new`, path);
    flushFolderSync(dirname(path));
  } catch (error) {
    throw toStorageError(error, path);
  }
}

import { closeSync, fsyncSync, openSync } from "node:fs";

/** Returns when a file's bytes are on the disk. Throws what the file system says. */
export function flushFile(path: string): void {
  flush(path, "r+");
}

/** The same for a folder's entries: a rename is on the disk only when its folder is. */
export function flushFolder(path: string): void {
  flush(path, "r");
}

function flush(path: string, flag: string): void {
  const file = openSync(path, flag);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

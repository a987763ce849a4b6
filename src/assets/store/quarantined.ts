import { readdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { digestStored, statEntry } from "./files.ts";

/** The bytes that belong at a path, as the row says. */
export type RightBytes = { path: string; sha256: string };

export type RemoveOptions = {
  /** Whether these bytes are wanted for another file. */
  isNeeded: (sha256: string) => boolean;
  /** Only says which would go. */
  dryRun?: boolean;
};

/** The path that a quarantined file had before; null for a name that no quarantine gives. */
export function pathBeforeQuarantine(path: string): string | null {
  return /^(.+)\.bad\d*$/.exec(path)?.[1] ?? null;
}

/**
 * Removes what was quarantined from a path whose right bytes are back, and returns the paths of it. The file there is
 * read first: without its bytes all stays. What is no regular file stays too, for whoever put it there, and so do bytes
 * that are needed elsewhere. Throws DiskError.
 */
export async function removeQuarantined(
  root: string,
  { path, sha256 }: RightBytes,
  { isNeeded, dryRun = false }: RemoveOptions,
): Promise<string[]> {
  const found = await listQuarantined(root, path);
  if (found.length === 0 || !(await hasBytes(root, path, sha256))) return [];
  const removed: string[] = [];
  for (const quarantined of found) {
    if ((await statEntry(root, quarantined))?.type !== "file") continue;
    if (isNeeded((await digestStored(root, quarantined)).sha256)) continue;
    if (!dryRun) await remove(join(root, quarantined));
    removed.push(quarantined);
  }
  return removed;
}

async function listQuarantined(root: string, path: string): Promise<string[]> {
  const folder = dirname(path);
  if ((await statEntry(root, folder))?.type !== "folder") return [];
  const names = await readdir(join(root, folder)).catch((error: unknown) => {
    throw toDiskError(error, join(root, folder));
  });
  return names
    .filter((name) => pathBeforeQuarantine(name) === basename(path))
    .map((name) => `${folder}/${name}`)
    .toSorted();
}

async function hasBytes(root: string, path: string, sha256: string): Promise<boolean> {
  return (await statEntry(root, path))?.type === "file" && (await digestStored(root, path)).sha256 === sha256;
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw toDiskError(error, path);
  });
}

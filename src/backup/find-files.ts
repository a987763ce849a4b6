import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { isListable, SUMS_FILE } from "./snapshot/sha256sums.ts";

/** Folders of a backup; what systems and people put beside them is named, and not looked into. */
const FOLDER = /^(journal|queries|unreadable|assets|assets\/[\w-][\w.-]*)$/;

export type FoundFiles = {
  /** Paths that a backup may have, relative to it. */
  files: string[];
  /** Others: `Thumbs.db`, `.DS_Store`, `lost+found`. */
  foreign: string[];
};

/** What lies in the folder of a backup. Throws DiskError. */
export async function findFiles(
  root: string,
  under = "",
  found: FoundFiles = { files: [], foreign: [] },
): Promise<FoundFiles> {
  const folder = join(root, under);
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw toDiskError(error, folder);
  });
  for (const entry of entries) {
    const path = under === "" ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory() && FOLDER.test(path)) await findFiles(root, path, found);
    else if (!entry.isDirectory() && isListable(path)) found.files.push(path);
    else if (path !== SUMS_FILE) found.foreign.push(path);
  }
  return found;
}

import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";

/** Of a path from the export's folder, which has forward slashes; `""` for the top. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Makes the folder of `path`, unless it is in `touched`, and adds every folder whose entries that changes. Throws DiskError. */
export function makeFolderOf(root: string, path: string, touched: Set<string>): void {
  const folder = folderOf(path);
  if (touched.has(folder)) return;
  onDisk(join(root, folder), (absolute) => {
    if (mkdirSync(absolute, { recursive: true }) === undefined) return;
    for (let above = folder; above !== ""; above = folderOf(above)) touched.add(folderOf(above));
  });
  touched.add(folder);
}

/** Removes those of `folders` that are empty, then those above them; updates `touched`. One that holds anything stays. */
export function removeEmptyFolders(root: string, folders: Iterable<string>, touched: Set<string>): void {
  for (const start of new Set(folders)) {
    for (let path = start; path !== ""; path = folderOf(path)) {
      try {
        rmdirSync(join(root, path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") continue;
        break;
      }
      touched.delete(path);
      touched.add(folderOf(path));
    }
  }
}

/** Throws an error of the file system as DiskError that names `path`. */
export function onDisk(path: string, work: (path: string) => unknown): void {
  try {
    work(path);
  } catch (error) {
    throw toDiskError(error, path);
  }
}

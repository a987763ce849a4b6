import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";

/** Of a path from the export's folder, which has forward slashes; `""` for the top. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Makes the folder of `path`; those that are known to be there are not made again. Notes whose entries that changes. Throws DiskError. */
export function makeFolder(root: string, path: string, touched: Set<string>): void {
  const under = folderOf(path);
  if (touched.has(under)) return;
  onDisk(join(root, under), (place) => {
    if (mkdirSync(place, { recursive: true }) === undefined) return;
    for (let above = under; above !== ""; above = folderOf(above)) touched.add(folderOf(above));
  });
  touched.add(under);
}

/** Only those that something left; one that holds anything else stays. */
export function removeEmptyFolders(root: string, touched: Set<string>): void {
  const before = new Set(touched);
  for (const start of before) {
    for (let path = start; path !== ""; path = folderOf(path)) {
      try {
        rmdirSync(join(root, path));
      } catch {
        break;
      }
      touched.delete(path);
      touched.add(folderOf(path));
    }
  }
}

/** What the file system says of `place` is thrown as DiskError. */
export function onDisk(place: string, work: (place: string) => unknown): void {
  try {
    work(place);
  } catch (error) {
    throw toDiskError(error, place);
  }
}

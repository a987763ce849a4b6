import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { folderOf } from "../folders.ts";
import type { MadeFiles } from "../state.ts";

const TEMPORARY = /^\.producer-mirror-\d+\.part$/;

/** The path of a file until it is whole: in the folder where it belongs, so that a rename is all that is left to do. */
export function temporaryPath(path: string, number: number): string {
  const folder = folderOf(path);
  const name = `.producer-mirror-${number}.part`;
  return folder === "" ? name : `${folder}/${name}`;
}

/** Removes a temporary file, if it is there. One that cannot be removed is removed by the next run: why this one fails is worth more. */
export function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // See above.
  }
}

/** Removes what an interrupted export left under temporary names. */
export function removeTemporaryFiles(root: string, made: MadeFiles): void {
  const folders = new Set([...made.keys()].map(folderOf));
  for (const folder of folders) if (folder !== "") folders.add(folderOf(folder));
  for (const folder of folders)
    for (const name of namesIn(join(root, folder)))
      if (TEMPORARY.test(name)) rmSync(join(root, folder, name), { force: true });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { folderOf } from "../folders.ts";
import type { MadeFiles } from "../state.ts";

const TEMPORARY = /^\.producer-mirror-\d+\.part$/;

/** What a file is called until it is whole: beside its name, so that a rename is all that is left to do. */
export function temporaryPath(path: string, number: number): string {
  const folder = folderOf(path);
  const name = `.producer-mirror-${number}.part`;
  return folder === "" ? name : `${folder}/${name}`;
}

/** Takes away the files and folders that an interrupted export left under temporary names. */
export function sweep(root: string, made: MadeFiles): void {
  const folders = new Set([...made.keys()].map(folderOf));
  for (const folder of folders) if (folder !== "") folders.add(folderOf(folder));
  for (const under of folders)
    for (const name of namesIn(join(root, under)))
      if (TEMPORARY.test(name)) rmSync(join(root, under, name), { force: true, recursive: true });
}

function namesIn(place: string): string[] {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}

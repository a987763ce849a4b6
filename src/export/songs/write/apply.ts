import { renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { folderOf, makeFolderOf, onDisk, removeEmptyFolders } from "../folders.ts";
import type { Changes, Move, NotExported } from "../plan-changes.ts";
import type { MadeFile } from "../state.ts";
import { spellNames } from "./spell-names.ts";
import { writeFiles, type WriteDeps } from "./write-files.ts";

export type Applied = {
  written: number;
  retagged: number;
  renamed: number;
  removed: number;
  bytes: number;
  skipped: NotExported[];
};

/**
 * Applies the plan, so that at any moment each name has the old file, the new one or none: first files are removed, then
 * renamed, then written. Throws DiskError, and the signal's reason when what was made until then has its name.
 */
export async function applyChanges(deps: WriteDeps, changes: Changes): Promise<Applied> {
  const { made, folder, touched } = deps;
  for (const path of changes.forgotten) made.delete(path);
  for (const { path } of changes.kept) made.delete(path);
  for (const { path } of changes.removals) remove(deps, path);
  spellNames(folder, changes.spellings);
  const spelled = new Set(changes.spellings.map(({ path }) => path));
  for (const one of changes.moves) move(deps, one, spelled.has(one.file.path));
  const written = await writeFiles(deps, changes.writes);
  removeEmptyFolders(folder, [...touched, ...changes.forgotten.map(folderOf)], touched);
  const removed = changes.removals.filter(({ counted }) => counted).length;
  return { ...written, renamed: changes.moves.length, removed };
}

function remove({ folder, made, touched }: WriteDeps, path: string): void {
  onDisk(join(folder, path), unlinkSync);
  made.delete(path);
  touched.add(folderOf(path));
}

function move({ folder, made, touched }: WriteDeps, { file, from }: Move, isSpelled: boolean): void {
  const entry = made.get(file.path) as MadeFile;
  makeFolderOf(folder, file.path, touched);
  if (!isSpelled) onDisk(join(folder, from), (path) => renameSync(path, join(folder, file.path)));
  made.delete(from);
  made.set(file.path, entry);
  touched.add(folderOf(from));
}

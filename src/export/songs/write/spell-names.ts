import { renameSync } from "node:fs";
import { join } from "node:path";
import { folderOf, onDisk } from "../folders.ts";
import type { Changes } from "../plan-changes.ts";
import { temporaryPath } from "./temporary.ts";

/**
 * Gives files and folders that are found under their new names already the spelling of these, which playlists have.
 * Throws DiskError.
 */
export function spellNames(root: string, spellings: Changes["spellings"]): void {
  const done = new Set<string>();
  for (const { path, spelled } of spellings) {
    const old = spelled.split("/");
    for (const [at, name] of path.split("/").slice(0, -1).entries()) {
      const folder = path.split("/", at + 1).join("/");
      if (done.has(folder) || old[at] === undefined || old[at] === name) continue;
      done.add(folder);
      // By one rename, since files of a person may lie in it, though a file system may take that for nothing to do.
      onDisk(join(root, folderOf(folder), old[at]), (from) => renameSync(from, join(root, folder)));
    }
    const between = join(root, temporaryPath(path, 0));
    onDisk(join(root, folderOf(path), old.at(-1) ?? ""), (from) => renameSync(from, between));
    onDisk(join(root, path), (to) => renameSync(between, to));
  }
}

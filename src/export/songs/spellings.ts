import { readdirSync } from "node:fs";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { nameKey, spelledName } from "../../lib/files/spelled-name.ts";

/**
 * The paths, by those of `paths` that some file system could take for another of them, as the folder at `root` spells
 * them. Equal for two spellings of one file: its number (inode) is another under each spelling on some disks.
 */
export function spelledPaths(root: string, paths: Iterable<string>): Map<string, string> {
  const known = new Map<string, string[]>();
  const spelled = new Map<string, string>();
  for (const group of Map.groupBy(paths, nameKey).values())
    if (group.length > 1) for (const path of group) spelled.set(path, spelledPath(root, path, known));
  return spelled;
}

function spelledPath(root: string, path: string, known: Map<string, string[]>): string {
  let found = "";
  for (const part of path.split("/")) {
    const name = spelledName(part, namesIn(root, found, known));
    found = found === "" ? name : `${found}/${name}`;
  }
  return found;
}

function namesIn(root: string, folder: string, known: Map<string, string[]>): string[] {
  const before = known.get(folder);
  if (before) return before;
  try {
    const names = readdirSync(join(root, folder));
    known.set(folder, names);
    return names;
  } catch (error) {
    throw toDiskError(error, join(root, folder));
  }
}

import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export type Found = { path: string; fullPath: string; type: "file" | "folder" | "other"; mode: string; bytes: number };

/** Everything below a folder, paths relative to it, sorted, also while a program works in it; nothing for a folder that is not there. */
export function listTree(root: string, folder = root): Found[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { encoding: "utf8" }).toSorted();
  return names.flatMap((name) => {
    const fullPath = join(folder, name);
    const stat = lstatSync(fullPath, { throwIfNoEntry: false });
    if (!stat) return []; // removed since the folder was read
    const type = stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "other";
    const found: Found = {
      path: relative(root, fullPath),
      fullPath,
      type,
      mode: (stat.mode & 0o777).toString(8),
      bytes: stat.size,
    };
    return type === "folder" ? [found, ...listTree(root, fullPath)] : [found];
  });
}

/** Paths of files that are not whole yet, also while a program makes and renames them. */
export function listParts(root: string): string[] {
  try {
    return readdirSync(root, { encoding: "utf8", recursive: true }).filter((path) => /\.part(?:$|\/)/.test(path));
  } catch {
    return []; // a folder was taken away meanwhile
  }
}

/** Digest of every file by its path; `but` leaves some out. */
export function digestTree(root: string, but: (path: string) => boolean = () => false): Record<string, string> {
  const files = listTree(root).filter((found) => found.type === "file" && !but(found.path));
  return Object.fromEntries(files.map((found) => [found.path, sha256(readFileSync(found.fullPath))]));
}

export function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

import crypto from "node:crypto";
import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { digestFile } from "../../lib/files/read.ts";
import { folderOf } from "./folders.ts";
import type { PlannedFile } from "./plan/planned-file.ts";
import type { MadeFile, MadeFiles } from "./state.ts";

/** What lies at a path of the export's folder; `other` is a folder, a symlink, or something below what is no folder. */
export type Fact = "absent" | "other" | { bytes: number; modifiedAt: number; inode: number; equals: boolean };

/** What the folders of paths are, each looked at once. */
type Folders = Map<string, "folder" | "absent" | "other">;

/** File systems of sticks keep times to two seconds. */
const TIME_MS = 2000;

/** Looks at every path that is planned or was made. Follows no symlink below `root`. Throws DiskError. */
export async function lookAt(root: string, planned: PlannedFile[], made: MadeFiles): Promise<Map<string, Fact>> {
  const folders: Folders = new Map();
  const facts = new Map<string, Fact>();
  for (const path of made.keys()) facts.set(path, factOf(root, path, folders));
  for (const file of planned) {
    const known = facts.get(file.path);
    const fact = known ?? factOf(root, file.path, folders);
    if (known === undefined) facts.set(file.path, fact);
    // Whose it is does not matter when it is what would be written.
    if (typeof fact === "object" && !isAsMade(made.get(file.path), fact)) fact.equals = await isEqual(root, file, fact);
  }
  return facts;
}

/** Whether a file is still what an export left there. */
export function isAsMade(made: MadeFile | undefined, fact: Fact): boolean {
  if (made === undefined || typeof fact !== "object") return false;
  const { bytes, modifiedAt, before = modifiedAt } = made;
  const isDated = (date: number) => Math.abs(date - fact.modifiedAt) <= TIME_MS;
  if (bytes === null) return isDated(modifiedAt) || isDated(before);
  return bytes === fact.bytes && isDated(modifiedAt);
}

function factOf(root: string, path: string, folders: Folders): Fact {
  const above = folderAt(root, folderOf(path), folders);
  if (above !== "folder") return above;
  const entry = lstat(join(root, path));
  if (entry === undefined) return "absent";
  if (!entry.isFile()) return "other";
  return { bytes: entry.size, modifiedAt: entry.mtimeMs, inode: entry.ino, equals: false };
}

function folderAt(root: string, folder: string, known: Folders): "folder" | "absent" | "other" {
  if (folder === "") return "folder";
  const before = known.get(folder);
  if (before) return before;
  const above = folderAt(root, folderOf(folder), known);
  const entry = above === "folder" ? lstat(join(root, folder)) : undefined;
  const found = above !== "folder" ? above : entry === undefined ? "absent" : entry.isDirectory() ? "folder" : "other";
  known.set(folder, found);
  return found;
}

function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw toDiskError(error, path);
  }
}

/** By its bytes; a tagged copy would have to be made first, and is not. */
async function isEqual(root: string, { path, content }: PlannedFile, { bytes }: { bytes: number }): Promise<boolean> {
  if ("tags" in content) return false;
  const wanted = "text" in content ? textFacts(content.text) : content.copyOf;
  if (wanted.bytes !== bytes) return false;
  return (await digestFile(join(root, path))).sha256 === wanted.sha256;
}

function textFacts(text: string): { bytes: number; sha256: string } {
  return { bytes: Buffer.byteLength(text), sha256: crypto.hash("sha256", text) };
}

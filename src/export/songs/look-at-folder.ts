import crypto from "node:crypto";
import { lstatSync, type Stats } from "node:fs";
import { join } from "node:path";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { digestFile } from "../../lib/files/read.ts";
import { folderOf } from "./folders.ts";
import type { PlannedFile } from "./plan/planned-file.ts";
import { spelledPaths } from "./spellings.ts";
import { madeDigest, type MadeFile, type MadeFiles } from "./state.ts";

/** What lies at a path of the export's folder; `other` is a folder, a symlink, or something below what is no folder. */
export type Fact = "absent" | "other" | FileFact;

export type FileFact = {
  bytes: number;
  modifiedAt: number;
  /** Its path as the folder spells it: equal for two spellings of one file, where case or accents do not count. */
  file: string;
  /** It is still what an export left there. */
  asMade: boolean;
  /** It has the bytes that are to be written. */
  equals: boolean;
};

/** What the folders of paths are, each looked at once. */
type Folders = Map<string, "folder" | "absent" | "other">;

/** File systems of sticks keep times to two seconds. */
const TIME_MS = 2000;

/** Looks at every path that is planned or was made. Follows no symlink below `root`. Throws DiskError. */
export async function lookAt(root: string, planned: PlannedFile[], made: MadeFiles): Promise<Map<string, Fact>> {
  const folders: Folders = new Map();
  const facts = new Map<string, Fact>();
  const files = new Map<string, FileFact>();
  for (const path of new Set([...made.keys(), ...planned.map(({ path }) => path)])) {
    const fact = factOf(root, path, folders);
    facts.set(path, fact);
    if (typeof fact === "object") files.set(path, fact);
  }
  for (const [path, spelled] of spelledPaths(root, files.keys())) files.get(path)!.file = spelled;
  for (const [path, entry] of made) {
    const fact = files.get(path);
    if (fact) fact.asMade = isDated(entry, fact) || (await hasMadeBytes(join(root, path), entry, fact));
  }
  for (const file of planned) {
    const fact = files.get(file.path);
    // Whose it is does not matter when it is what would be written.
    if (fact && !fact.asMade) fact.equals = await isEqual(root, file, fact);
  }
  return facts;
}

/** By size and date, which costs nothing. */
function isDated({ bytes, modifiedAt, before = modifiedAt }: MadeFile, fact: FileFact): boolean {
  const isNear = (date: number) => isSameDate(date, fact.modifiedAt);
  if (bytes === null) return isNear(modifiedAt) || isNear(before);
  return bytes === fact.bytes && isNear(modifiedAt);
}

/** Whether two dates of a file can be one. */
export function isSameDate(one: number, other: number): boolean {
  return Math.abs(one - other) <= TIME_MS;
}

/** By what it holds: a copy of the folder has other dates, and FAT moves all of them by an hour with the season. */
async function hasMadeBytes(path: string, entry: MadeFile, { bytes }: FileFact): Promise<boolean> {
  return entry.bytes === bytes && (await digestFile(path)).sha256 === madeDigest(entry);
}

function factOf(root: string, path: string, folders: Folders): Fact {
  const above = folderAt(root, folderOf(path), folders);
  if (above !== "folder") return above;
  const entry = lstat(join(root, path));
  if (entry === undefined) return "absent";
  if (!entry.isFile()) return "other";
  return { bytes: entry.size, modifiedAt: entry.mtimeMs, file: path, asMade: false, equals: false };
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

import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { ENDINGS, type FileType } from "../inspect/file-types.ts";
import { differingPath, finalPath, besidePath } from "./names.ts";
import { digestStored, statEntry } from "./files.ts";
import { inTheWay } from "./folders.ts";
import { lstatEntry } from "../../lib/files/entry.ts";
import { flushFolder } from "../../lib/files/flush.ts";
import type { LostFile } from "../wanted-file.ts";

/** A complete, checked and flushed `.part` in the folder of its final name. */
export type FinishedPart = {
  id: string;
  kind: AssetKind;
  type: FileType;
  partPath: string;
  bytes: number;
  sha256: string;
  /** The file that it replaces. */
  lost?: LostFile;
};

/** The path of a part now. `differs`: it has other bytes than the lost file and is kept beside its name. */
export type PutResult = { path: string; moved: boolean; differs?: boolean };

/**
 * Gives a finished part its final name and makes that durable; returns the path relative to the root. A file is never
 * overwritten. Where a file with the same bytes exists, it stays and the caller removes the part (`moved` is false). Where
 * other bytes exist, because upstream changed or a run died between rename and row, the new file gets the next free
 * `.v2`, `.v3` … name and the old one stays. Rows name their file, so both are safe. A damaged file that this part
 * replaces is quarantined first. A part with other bytes than the lost file gets a name of its own: a stored digest is
 * never replaced silently.
 */
export async function putPart(root: string, part: FinishedPart): Promise<PutResult> {
  const ending = ENDINGS[part.kind][part.type]!;
  if (part.lost && part.lost.sha256 !== part.sha256 && !part.lost.acceptDifferent) return putBeside(root, part, ending);
  if (part.lost) await clearPath(root, part.lost);
  for (let version = 1; ; version++) {
    const path = finalPath(part.id, ending, version);
    const entry = await statEntry(root, path);
    const target = join(root, path);
    if (entry === null) return { path: await moveInto(part.partPath, target, path), moved: true };
    if (entry.type !== "file") throw inTheWay(entry, target);
    if (entry.bytes === part.bytes && (await digestStored(root, path)).sha256 === part.sha256)
      return { path, moved: false };
  }
}

async function putBeside(root: string, { id, sha256, partPath }: FinishedPart, ending: string): Promise<PutResult> {
  const path = differingPath(id, ending, sha256);
  const entry = await statEntry(root, path);
  if (entry === null) return { path: await moveInto(partPath, join(root, path), path), moved: true, differs: true };
  if (entry.type !== "file") throw inTheWay(entry, join(root, path));
  // The digest is in the name, but eight characters of it prove nothing.
  if ((await digestStored(root, path)).sha256 !== sha256) await quarantine(root, path);
  else return { path, moved: false, differs: true };
  return { path: await moveInto(partPath, join(root, path), path), moved: true, differs: true };
}

/** Renames a bad file to the next free `<name>.bad`, `.bad2` …: its name is free again, and a person can still inspect it. */
export async function quarantine(root: string, path: string): Promise<string> {
  const folder = join(root, path, "..");
  const above = await lstatEntry(folder);
  if (above !== null && above.type !== "folder") throw inTheWay(above, folder);
  for (let number = 1; ; number++) {
    const target = `${path}.bad${number === 1 ? "" : number}`;
    if ((await statEntry(root, target)) !== null) continue;
    return moveInto(join(root, path), join(root, target), target);
  }
}

/**
 * Renames a file with other bytes than belong at its path, which nobody knows to be damaged: to its `.differs-…` name,
 * or as a bad file where that is taken. Returns its new path.
 */
export async function keepBeside(root: string, path: string, sha256: string): Promise<string> {
  const target = besidePath(path, sha256);
  if ((await statEntry(root, target)) !== null) return quarantine(root, path);
  return moveInto(join(root, path), join(root, target), target);
}

async function clearPath(root: string, { path, sha256 }: LostFile): Promise<void> {
  const entry = await statEntry(root, path);
  const isIntact = entry?.type === "file" && (await digestStored(root, path)).sha256 === sha256;
  if (entry !== null && !isIntact) await quarantine(root, path);
}

async function moveInto(from: string, to: string, path: string): Promise<string> {
  try {
    await rename(from, to);
    await flushFolder(join(to, ".."));
    return path;
  } catch (error) {
    throw toDiskError(error, to);
  }
}

import { chmod, mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import type { AssetKind } from "../../lib/asset-kinds.ts";
import { DiskError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { ENDINGS, type FileType } from "../inspect/file-types.ts";
import { finalPath, folderOf, differingPath } from "./names.ts";
import { digestStored, statEntry } from "./files.ts";
import { lstatEntry, type FileEntry } from "../../lib/files/entry.ts";
import { flushFolder } from "../../lib/files/flush.ts";
import type { LostFile } from "../wanted-file.ts";

/** A complete, checked and synced `.part` that lies in the folder where it belongs. */
export type FinishedPart = {
  id: string;
  kind: AssetKind;
  type: FileType;
  partPath: string;
  bytes: number;
  sha256: string;
  /** The file that it stands in for. */
  lost?: LostFile;
};

/** Where a part went; `isOther`: beside the name of the file that it was to stand in for. */
export type PutResult = { path: string; moved: boolean; differs?: boolean };

/**
 * Makes the folder of an id, for its owner alone, and returns its absolute path. It lies directly under the root and is
 * no symlink, so that what is written into it stays inside, however the root itself is reached. Throws DiskError.
 */
export async function ensureFolder(root: string, id: string): Promise<string> {
  const folder = join(root, folderOf(id));
  const entry = (await lstatEntry(folder)) ?? (await makeFolder(root, folder));
  if (entry !== null && entry.type !== "folder") throw inTheWay(entry, folder);
  return folder;
}

async function makeFolder(root: string, folder: string): Promise<FileEntry | null> {
  try {
    await mkdir(folder, { mode: 0o700 });
    await chmod(folder, 0o700);
    await flushFolder(root);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return lstatEntry(folder);
    throw toDiskError(error, folder);
  }
}

/**
 * Gives a finished part its final name and makes that durable; returns the path relative to the root. A file is never
 * overwritten: where one with the same bytes lies already, that one stays and the caller drops the part (`moved` is
 * false); where other bytes lie, because upstream changed or a run died between rename and row, the new file takes the
 * next free `.v2`, `.v3` … name and the old one stays as it is. Rows name the file they mean, so both are safe. What
 * lies damaged in the place of the file that this one stands in for is put aside first. One that is not what was lost
 * gets a name of its own: a stored digest is never replaced without a word.
 */
export async function putPart(root: string, part: FinishedPart): Promise<PutResult> {
  const ending = ENDINGS[part.kind][part.type]!;
  if (part.lost && part.lost.sha256 !== part.sha256 && !part.lost.acceptDifferent) return putBeside(root, part, ending);
  if (part.lost) await makeWay(root, part.lost);
  for (let version = 1; ; version++) {
    const path = finalPath(part.id, ending, version);
    const entry = await statEntry(root, path);
    const place = join(root, path);
    if (entry === null) return { path: await moveInto(part.partPath, place, path), moved: true };
    if (entry.type !== "file") throw inTheWay(entry, place);
    if (entry.bytes === part.bytes && (await digestStored(root, path)).sha256 === part.sha256)
      return { path, moved: false };
  }
}

async function putBeside(
  root: string,
  { id, sha256, partPath: place }: FinishedPart,
  ending: string,
): Promise<PutResult> {
  const path = differingPath(id, ending, sha256);
  const entry = await statEntry(root, path);
  if (entry === null) return { path: await moveInto(place, join(root, path), path), moved: true, differs: true };
  if (entry.type !== "file") throw inTheWay(entry, join(root, path));
  // The digest is in the name, but eight characters of it prove nothing.
  if ((await digestStored(root, path)).sha256 !== sha256) await quarantine(root, path);
  else return { path, moved: false, differs: true };
  return { path: await moveInto(place, join(root, path), path), moved: true, differs: true };
}

/** Renames a file that is no good to the next free `<name>.bad`, `.bad2` …, so that its place is free and it can still be looked at. */
export async function quarantine(root: string, path: string): Promise<string> {
  const folder = join(root, path, "..");
  const above = await lstatEntry(folder);
  if (above !== null && above.type !== "folder") throw inTheWay(above, folder);
  for (let number = 1; ; number++) {
    const aside = `${path}.bad${number === 1 ? "" : number}`;
    if ((await statEntry(root, aside)) !== null) continue;
    return moveInto(join(root, path), join(root, aside), aside);
  }
}

async function makeWay(root: string, { path, sha256 }: LostFile): Promise<void> {
  const entry = await statEntry(root, path);
  const isWhole = entry?.type === "file" && (await digestStored(root, path)).sha256 === sha256;
  if (entry !== null && !isWhole) await quarantine(root, path);
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

function inTheWay(entry: FileEntry, place: string): DiskError {
  const hint = "move it away: the archive never writes through it";
  return new DiskError(`${entry.type} in archive: ${place}`, { code: "asset_not_a_file", hint });
}

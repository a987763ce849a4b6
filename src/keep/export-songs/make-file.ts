import { constants, chmodSync, createReadStream, createWriteStream, lstatSync, statSync, utimesSync } from "node:fs";
import { copyFile, open, readFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { toDiskError } from "../../assets/disk-trouble.ts";
import type { AssetStore } from "../../assets/store.ts";
import { endingOf, type PlannedFile, type Tags } from "./planned-file.ts";
import type { StoredFile } from "./song.ts";
import type { CoverBytes, writeTags } from "./write-tags.ts";

/** A file of the archive is not there, or not as it was stored: the song waits for that. */
export class SourceTrouble extends Error {}

export type Maker = {
  store: AssetStore;
  /** Null when no tags are asked for. */
  writeTags: typeof writeTags | null;
  /** What the files of a person who runs this have: `0o666` without their umask. */
  mode: number;
  /** Tags could not be written into a copy, which is as the original then. */
  onUntagged: (path: string, reason: string) => void;
};

export type Made = { bytes: number; modifiedAt: number };

/**
 * Makes what is planned under a temporary name, dated as it should be; not flushed. The original is only read: a copy
 * shares its blocks where the file system can do that, and never its inode. Throws SourceTrouble, DiskError.
 */
export async function makeFile(maker: Maker, { path, content, modifiedAt }: PlannedFile, place: string): Promise<Made> {
  if ("text" in content) await writeText(place, content.text);
  else await copy(maker, content.copyOf, place);
  try {
    setMode(place, maker.mode);
    if ("tags" in content) await tag(maker, path, content.copyOf, content.tags, place);
    utimesSync(place, modifiedAt / 1000, modifiedAt / 1000);
    const { size, mtimeMs } = statSync(place);
    return { bytes: size, modifiedAt: mtimeMs };
  } catch (error) {
    throw toDiskError(error, place);
  }
}

async function writeText(place: string, text: string): Promise<void> {
  try {
    await using file = await open(place, "wx");
    await file.writeFile(text);
  } catch (error) {
    throw toDiskError(error, place);
  }
}

async function copy({ store }: Maker, file: StoredFile, place: string): Promise<void> {
  const source = checkedSource(store, file);
  try {
    await copyBytes(source, place, constants.COPYFILE_EXCL);
  } catch (error) {
    checkedSource(store, file);
    throw toDiskError(error, place);
  }
}

/** The system's own copy wants to give the mode along, which sticks (FAT, exFAT) refuse: there it is read and written. */
async function copyBytes(source: string, place: string, flags: number): Promise<void> {
  try {
    await copyFile(source, place, flags | constants.COPYFILE_FICLONE);
  } catch (error) {
    if (!isModeless(error)) throw error;
    await pipeline(createReadStream(source), createWriteStream(place));
  }
}

function setMode(place: string, mode: number): void {
  try {
    chmodSync(place, mode);
  } catch (error) {
    if (!isModeless(error)) throw error;
  }
}

function isModeless(error: unknown): boolean {
  return /^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS)$/.test((error as NodeJS.ErrnoException).code ?? "");
}

/** Its absolute path, if a file of the right size lies there. */
function checkedSource(store: AssetStore, { path, bytes }: StoredFile): string {
  const source = store.locate(path);
  const entry = lstatSync(source, { throwIfNoEntry: false });
  if (!entry?.isFile()) throw new SourceTrouble(`its file is missing in the archive: ${path}`);
  if (entry.size !== bytes) throw new SourceTrouble(`its file in the archive is not as it was stored: ${path}`);
  return source;
}

async function tag(maker: Maker, path: string, source: StoredFile, tags: Tags, place: string): Promise<void> {
  const cover = tags.cover && (await readCover(maker.store, tags.cover));
  try {
    maker.writeTags?.(place, endingOf(source), tags, cover);
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).errno === "number") throw error;
    // What the library does not understand is given away as it is; half of its work is thrown away.
    await copyBytes(checkedSource(maker.store, source), place, 0);
    setMode(place, maker.mode);
    maker.onUntagged(path, error instanceof Error ? error.message : String(error));
  }
}

/** Null for a type that tags cannot hold (WebP): it lies beside. */
async function readCover(store: AssetStore, file: StoredFile): Promise<CoverBytes | null> {
  const type = { jpg: "image/jpeg" as const, png: "image/png" as const }[endingOf(file)];
  if (type === undefined) return null;
  return { bytes: await readFile(checkedSource(store, file)), type };
}

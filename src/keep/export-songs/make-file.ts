import {
  chmodSync,
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  fstatSync,
  futimesSync,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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
  /** Whether copies share their blocks with the archive; set by the first small one. */
  mayClone?: boolean;
  /** Tags could not be written into a copy, which is as the original then. */
  onUntagged: (path: string, reason: string) => void;
};

export type Made = { bytes: number; modifiedAt: number };

/** Up to here one read and one write are quicker than a copy by the system, which also gives owner and dates along. */
const SMALL = 512 * 1024;
const BUFFER = Buffer.allocUnsafeSlow(SMALL);

/**
 * Makes what is planned under a temporary name, dated as it should be; not flushed. The original is only read: a copy
 * shares its blocks where the file system can do that, and never its inode. Throws SourceTrouble, DiskError.
 */
export async function makeFile(maker: Maker, { path, content, modifiedAt }: PlannedFile, place: string): Promise<Made> {
  try {
    if ("text" in content) return writeWhole(maker, place, Buffer.from(content.text), modifiedAt);
    const { copyOf } = content;
    if (!("tags" in content) && copyOf.bytes <= SMALL && !(await mayClone(maker, copyOf, place)))
      return writeWhole(maker, place, readSource(maker.store, copyOf), modifiedAt);
    await copy(maker, copyOf, place);
    if ("tags" in content) await tag(maker, path, copyOf, content.tags, place);
    utimesSync(place, modifiedAt / 1000, modifiedAt / 1000);
    const { size, mtimeMs } = statSync(place);
    return { bytes: size, modifiedAt: mtimeMs };
  } catch (error) {
    throw error instanceof SourceTrouble ? error : toDiskError(error, join(dirname(place), basename(path)));
  }
}

function writeWhole({ mode }: Maker, place: string, bytes: Buffer, modifiedAt: number): Made {
  const file = openSync(place, "wx", mode);
  try {
    writeFileSync(file, bytes);
    futimesSync(file, modifiedAt / 1000, modifiedAt / 1000);
    const { size, mtimeMs } = fstatSync(file);
    return { bytes: size, modifiedAt: mtimeMs };
  } finally {
    closeSync(file);
  }
}

/** A small file whole; valid until the next one is read. */
function readSource(store: AssetStore, { path, bytes }: StoredFile): Buffer {
  const file = openSource(store.locate(path), path);
  try {
    const entry = fstatSync(file);
    if (!entry.isFile() || entry.size !== bytes || readSync(file, BUFFER, 0, BUFFER.length, 0) !== bytes)
      throw notAsStored(path);
    return BUFFER.subarray(0, bytes);
  } finally {
    closeSync(file);
  }
}

function openSource(place: string, path: string): number {
  try {
    return openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (/^(ENOENT|ELOOP|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")) throw missing(path);
    throw toDiskError(error, place);
  }
}

async function copy(maker: Maker, file: StoredFile, place: string): Promise<void> {
  const source = checkedSource(maker.store, file);
  try {
    await copyFile(source, place, constants.COPYFILE_FICLONE);
    setMode(place, maker.mode);
  } catch (error) {
    checkedSource(maker.store, file);
    // It wants to give the mode along, which sticks (FAT, exFAT) refuse: there it is read and written.
    if (!isModeless(error)) throw error;
    await pipeline(createReadStream(source), createWriteStream(place, { mode: maker.mode }));
  }
}

/** Whether files of the archive and their copies can share blocks; found out by the first. */
async function mayClone(maker: Maker, file: StoredFile, place: string): Promise<boolean> {
  if (maker.mayClone !== undefined) return maker.mayClone;
  try {
    await copyFile(checkedSource(maker.store, file), place, constants.COPYFILE_FICLONE_FORCE);
    return (maker.mayClone = true);
  } catch (error) {
    if (error instanceof SourceTrouble) throw error;
    return (maker.mayClone = false);
  } finally {
    rmSync(place, { force: true });
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
  if (!entry?.isFile()) throw missing(path);
  if (entry.size !== bytes) throw notAsStored(path);
  return source;
}

function missing(path: string): SourceTrouble {
  return new SourceTrouble(`its file is missing in the archive: ${path}`);
}

function notAsStored(path: string): SourceTrouble {
  return new SourceTrouble(`its file in the archive is not as it was stored: ${path}`);
}

async function tag(maker: Maker, path: string, source: StoredFile, tags: Tags, place: string): Promise<void> {
  const cover = tags.cover && (await readCover(maker.store, tags.cover));
  try {
    maker.writeTags?.(place, endingOf(source), tags, cover);
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).errno === "number") throw error;
    // What the library does not understand is given away as it is; half of its work is thrown away.
    await copy(maker, source, place);
    maker.onUntagged(path, error instanceof Error ? error.message : String(error));
  }
}

/** Null for a type that tags cannot hold (WebP): it lies beside. */
async function readCover(store: AssetStore, file: StoredFile): Promise<CoverBytes | null> {
  const type = { jpg: "image/jpeg" as const, png: "image/png" as const }[endingOf(file)];
  if (type === undefined) return null;
  return { bytes: await readFile(checkedSource(store, file)), type };
}

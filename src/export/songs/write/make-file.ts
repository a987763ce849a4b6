import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  futimesSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
  type Stats,
} from "node:fs";
import { toDiskError } from "../../../lib/files/disk-errors.ts";
import { isModeRefused } from "../../../lib/files/modes.ts";
import { endingOf, type PlannedFile, type Tags } from "../plan/planned-file.ts";
import type { StoredFile } from "../song.ts";
import type { CoverBytes, writeTags } from "./write-tags.ts";

/** A file of the archive is not there, or not as it was stored: the song waits for that. */
export class SourceTrouble extends Error {}

export type Maker = {
  /** The absolute path of a stored file. */
  locate: (path: string) => string;
  /** Null when no tags are asked for. */
  writeTags: typeof writeTags | null;
  /** What the files of a person who runs this have: `0o666` without their umask. */
  mode: number;
  /** Whether copies share their blocks with the archive; set by the first small one. */
  mayClone?: boolean;
};

export type FileToMake = Pick<PlannedFile, "content" | "modifiedAt">;

export type Made = {
  bytes: number;
  modifiedAt: number;
  /** Why tags could not be written into a copy, which is as the original then. */
  untagged?: string;
};

/** Up to here one read and one write are quicker than a copy by the system, which also gives owner and dates along. */
const SMALL = 512 * 1024;
const BUFFER = Buffer.allocUnsafeSlow(SMALL);

/**
 * Makes what is planned under a temporary name, dated as it should be; not flushed. The original is only read: a copy
 * shares its blocks where the file system can do that, and never its inode. All of it waits for the disk: it is called
 * in threads. Throws SourceTrouble, DiskError for an original, and what the file system says of `place`.
 */
export function makeFile(maker: Maker, { content, modifiedAt }: FileToMake, place: string): Made {
  if ("text" in content) return writeWhole(maker, place, content.text, modifiedAt);
  const { copyOf } = content;
  if (!("tags" in content) && copyOf.bytes <= SMALL && !mayClone(maker, copyOf, place))
    return writeWhole(maker, place, readSource(maker, copyOf), modifiedAt);
  copy(maker, copyOf, place);
  const untagged = "tags" in content ? tag(maker, copyOf, content.tags, place) : undefined;
  utimesSync(place, modifiedAt / 1000, modifiedAt / 1000);
  const { size, mtimeMs } = statSync(place);
  return { bytes: size, modifiedAt: mtimeMs, ...(untagged === undefined ? {} : { untagged }) };
}

function writeWhole({ mode }: Maker, place: string, content: Buffer | string, modifiedAt: number): Made {
  const file = openSync(place, "wx", mode);
  try {
    writeFileSync(file, content);
    futimesSync(file, modifiedAt / 1000, modifiedAt / 1000);
    const { size, mtimeMs } = fstatSync(file);
    return { bytes: size, modifiedAt: mtimeMs };
  } finally {
    closeSync(file);
  }
}

/** A small file whole; valid until the next one is read. */
function readSource({ locate }: Maker, { path, bytes }: StoredFile): Buffer {
  const file = openSource(locate(path), path);
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

function copy(maker: Maker, file: StoredFile, place: string): void {
  const source = checkedSource(maker, file);
  try {
    copyFileSync(source.place, place, constants.COPYFILE_FICLONE);
    if ((source.entry.mode & 0o777) !== maker.mode) setMode(place, maker.mode);
  } catch (error) {
    checkedSource(maker, file);
    // It wants to give the mode along, which sticks (FAT, exFAT) refuse: there it is read and written.
    if (!isModeRefused(error)) throw error;
    pour(maker, file, place);
  }
}

function pour({ locate, mode }: Maker, { path }: StoredFile, place: string): void {
  const from = openSource(locate(path), path);
  const to = openSync(place, "w", mode);
  try {
    for (let count = readSync(from, BUFFER); count > 0; count = readSync(from, BUFFER))
      for (let done = 0; done < count;) done += writeSync(to, BUFFER, done, count - done);
  } finally {
    closeSync(to);
    closeSync(from);
  }
}

/** Whether files of the archive and their copies can share blocks; found out by the first. */
function mayClone(maker: Maker, file: StoredFile, place: string): boolean {
  if (maker.mayClone !== undefined) return maker.mayClone;
  try {
    copyFileSync(checkedSource(maker, file).place, place, constants.COPYFILE_FICLONE_FORCE);
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
    if (!isModeRefused(error)) throw error;
  }
}

/** Its absolute path, if a file of the right size lies there. */
function checkedSource({ locate }: Maker, { path, bytes }: StoredFile): { place: string; entry: Stats } {
  const place = locate(path);
  const entry = lstatSync(place, { throwIfNoEntry: false });
  if (!entry?.isFile()) throw missing(path);
  if (entry.size !== bytes) throw notAsStored(path);
  return { place, entry };
}

function missing(path: string): SourceTrouble {
  return new SourceTrouble(`its file is missing in the archive: ${path}`);
}

function notAsStored(path: string): SourceTrouble {
  return new SourceTrouble(`its file in the archive is not as it was stored: ${path}`);
}

/** Answers why there are none. */
function tag(maker: Maker, source: StoredFile, tags: Tags, place: string): string | undefined {
  const cover = tags.cover && readCover(maker, tags.cover);
  try {
    maker.writeTags?.(place, endingOf(source), tags, cover);
    return undefined;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).errno === "number") throw error;
    // What the library does not understand is given away as it is; half of its work is thrown away.
    copy(maker, source, place);
    return error instanceof Error ? error.message : String(error);
  }
}

/** Null for a type that tags cannot hold (WebP): it lies beside. */
function readCover(maker: Maker, file: StoredFile): CoverBytes | null {
  const type = { jpg: "image/jpeg" as const, png: "image/png" as const }[endingOf(file)];
  if (type === undefined) return null;
  return { bytes: readFileSync(checkedSource(maker, file).place), type };
}

import { closeSync, constants, copyFileSync, fstatSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { copyFile, lstat, open, readFile, stat } from "node:fs/promises";
import { toDiskError } from "../../../lib/files/disk-errors.ts";
import { writeAll } from "../../../lib/files/durable-files.ts";
import { isLacking, setDate, setDateSync, setMode } from "../../../lib/files/disk-limits.ts";
import { digestFile, openRegular, readChunks } from "../../../lib/files/read.ts";
import { extensionOf, type PlannedFile, type Tags } from "../plan/planned-file.ts";
import type { SourceFile } from "../song.ts";
import { compareSound } from "../sound/same-sound.ts";
import type { CoverBytes, writeTags } from "./write-tags.ts";

/** A file of the archive is not there, or not as it was stored: its song cannot be exported until it is. */
export class SourceFileError extends Error {}

export type MakeDeps = {
  /** The absolute path of a stored file. */
  locate: (path: string) => string;
  /** Null when no tags are asked for. */
  writeTags: typeof writeTags | null;
  /** The mode of new files: `0o666` without the umask of the user. */
  mode: number;
  /** Whether copies can share their blocks with the archive; set by the first small one. */
  canClone?: boolean;
};

export type MadeFacts = {
  bytes: number;
  modifiedAt: number;
  /** Of a tagged copy: what is in it is known only now. */
  sha256?: string;
  /** Why no tags could be written into a copy, which has the bytes of the original then. */
  untagged?: string;
};

/** Up to here one read and one write, without a promise for each call, take half the time of a copy by the system. */
const SMALL_BYTES = 512 * 1024;
const BUFFER = Buffer.allocUnsafeSlow(SMALL_BYTES);

/**
 * Makes a planned file at `path` with its date; does not flush it. The original is only read: a copy shares its blocks
 * where the file system can do that, and never its inode. Throws SourceFileError, DiskError for an original that cannot be
 * read, and the file system's own errors for `path`.
 */
export async function makeFile(deps: MakeDeps, file: PlannedFile, path: string): Promise<MadeFacts> {
  const { content, modifiedAt } = file;
  if ("text" in content) return writeWhole(deps, path, content.text, modifiedAt);
  const { copyOf } = content;
  if (!("tags" in content) && copyOf.bytes <= SMALL_BYTES && !(await canClone(deps, copyOf, path)))
    return writeWhole(deps, path, readSmall(deps, copyOf), modifiedAt);
  await copySource(deps, copyOf, path);
  const tagged = "tags" in content ? await addTags(deps, copyOf, content.tags, path) : {};
  await setDate(path, modifiedAt);
  const { size, mtimeMs } = await stat(path);
  return { bytes: size, modifiedAt: mtimeMs, ...tagged };
}

function writeWhole({ mode }: MakeDeps, path: string, content: Buffer | string, modifiedAt: number): MadeFacts {
  const file = openSync(path, "wx", mode);
  try {
    writeFileSync(file, content);
    setDateSync(file, modifiedAt);
    const { size, mtimeMs } = fstatSync(file);
    return { bytes: size, modifiedAt: mtimeMs };
  } finally {
    closeSync(file);
  }
}

/** The bytes of a small original; valid until the next one is read. */
function readSmall({ locate }: MakeDeps, file: SourceFile): Buffer {
  const source = openSource(locate(file.path), file);
  try {
    const entry = fstatSync(source);
    if (!entry.isFile() || entry.size !== file.bytes || readSync(source, BUFFER) !== file.bytes)
      throw notAsStored(file);
    return BUFFER.subarray(0, file.bytes);
  } finally {
    closeSync(source);
  }
}

function openSource(path: string, file: SourceFile): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (/^(ENOENT|ELOOP|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")) throw missing(file);
    throw toDiskError(error, path);
  }
}

async function canClone(deps: MakeDeps, file: SourceFile, path: string): Promise<boolean> {
  if (deps.canClone !== undefined) return deps.canClone;
  const source = await checkedSource(deps, file);
  try {
    copyFileSync(source, path, constants.COPYFILE_FICLONE_FORCE);
    deps.canClone = true;
  } catch {
    deps.canClone = false;
  }
  rmSync(path, { force: true });
  return deps.canClone;
}

async function copySource(deps: MakeDeps, file: SourceFile, path: string): Promise<void> {
  const source = await checkedSource(deps, file);
  try {
    await copyFile(source, path, constants.COPYFILE_FICLONE);
    await setMode(path, deps.mode);
  } catch (error) {
    await checkedSource(deps, file);
    // It copies the mode too, which FAT and exFAT refuse: there the bytes alone are copied.
    if (!isLacking(error)) throw error;
    await copyBytes(source, path, deps.mode);
  }
}

async function copyBytes(source: string, path: string, mode: number): Promise<void> {
  await using from = await openRegular(source);
  await using to = await open(path, "w", mode);
  for await (const chunk of readChunks(from)) await writeAll(to, chunk);
}

/** The absolute path of an original, if a file of the right size lies there. */
async function checkedSource({ locate }: MakeDeps, file: SourceFile): Promise<string> {
  const path = locate(file.path);
  const entry = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw toDiskError(error, path);
  });
  if (!entry?.isFile()) throw missing(file);
  if (entry.size !== file.bytes) throw notAsStored(file);
  return path;
}

function missing({ path }: SourceFile): SourceFileError {
  return new SourceFileError(`its file is missing in the archive: ${path}`);
}

function notAsStored({ path }: SourceFile): SourceFileError {
  return new SourceFileError(`its file in the archive is not as it was stored: ${path}`);
}

/** Returns what the copy is now, and why it has no tags when it has none. */
async function addTags(
  deps: MakeDeps,
  source: SourceFile,
  tags: Tags,
  path: string,
): Promise<Pick<MadeFacts, "sha256" | "untagged">> {
  const cover = tags.cover && (await readCover(deps, tags.cover));
  const original = await checkedSource(deps, source);
  try {
    deps.writeTags?.(path, extensionOf(source), tags, cover);
    compareSound(original, path, extensionOf(source));
    return { sha256: (await digestFile(path)).sha256 };
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).errno === "number") throw error;
    // The library does not understand this file, or tags would harm its sound: it is exported without them.
    await copySource(deps, source, path);
    return { sha256: source.sha256, untagged: error instanceof Error ? error.message : String(error) };
  }
}

/** Null for a type that tags cannot hold (WebP): that cover is a file of its own only. */
async function readCover(deps: MakeDeps, file: SourceFile): Promise<CoverBytes | null> {
  const type = { jpg: "image/jpeg" as const, png: "image/png" as const }[extensionOf(file)];
  if (type === undefined) return null;
  return { bytes: await readFile(await checkedSource(deps, file)), type };
}

import { constants } from "node:fs";
import { chmod, copyFile, lstat, open, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { toDiskError } from "../../../lib/files/disk-errors.ts";
import { writeAll } from "../../../lib/files/durable-files.ts";
import { isModeRefused, unlessModeRefused } from "../../../lib/files/modes.ts";
import { openRegular, readChunks } from "../../../lib/files/read.ts";
import { extensionOf, type PlannedFile, type Tags } from "../plan/planned-file.ts";
import type { SourceFile } from "../song.ts";
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
};

export type MadeFacts = {
  bytes: number;
  modifiedAt: number;
  /** Why no tags could be written into a copy, which has the bytes of the original then. */
  untagged?: string;
};

/**
 * Makes a planned file at `path` with its date; does not flush it. The original is only read: a copy shares its blocks
 * where the file system can do that, and never its inode. Throws SourceFileError, DiskError for an original that cannot be
 * read, and the file system's own errors for `path`.
 */
export async function makeFile(deps: MakeDeps, file: PlannedFile, path: string): Promise<MadeFacts> {
  const { content, modifiedAt } = file;
  let untagged: string | undefined;
  if ("text" in content) await writeFile(path, content.text, { flag: "wx", mode: deps.mode });
  else await copySource(deps, content.copyOf, path);
  if ("tags" in content) untagged = await addTags(deps, content.copyOf, content.tags, path);
  await utimes(path, modifiedAt / 1000, modifiedAt / 1000);
  const { size, mtimeMs } = await stat(path);
  // It was checked before it was copied; it may have changed meanwhile.
  if ("copyOf" in content && !("tags" in content) && size !== content.copyOf.bytes) throw notAsStored(content.copyOf);
  return { bytes: size, modifiedAt: mtimeMs, ...(untagged === undefined ? {} : { untagged }) };
}

async function copySource(deps: MakeDeps, file: SourceFile, path: string): Promise<void> {
  const source = await checkedSource(deps, file);
  try {
    await copyFile(source, path, constants.COPYFILE_FICLONE);
    await chmod(path, deps.mode).catch(unlessModeRefused);
  } catch (error) {
    await checkedSource(deps, file);
    // It copies the mode too, which FAT and exFAT refuse: there the bytes alone are copied.
    if (!isModeRefused(error)) throw error;
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
  if (!entry?.isFile()) throw new SourceFileError(`its file is missing in the archive: ${file.path}`);
  if (entry.size !== file.bytes) throw notAsStored(file);
  return path;
}

function notAsStored({ path }: SourceFile): SourceFileError {
  return new SourceFileError(`its file in the archive is not as it was stored: ${path}`);
}

/** Returns why the copy has no tags, undefined when it has them. */
async function addTags(deps: MakeDeps, source: SourceFile, tags: Tags, path: string): Promise<string | undefined> {
  const cover = tags.cover && (await readCover(deps, tags.cover));
  try {
    deps.writeTags?.(path, extensionOf(source), tags, cover);
    return undefined;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).errno === "number") throw error;
    // The library does not understand this file: it is exported without tags, and a half tagged copy is replaced.
    await copySource(deps, source, path);
    return error instanceof Error ? error.message : String(error);
  }
}

/** Null for a type that tags cannot hold (WebP): that cover is a file of its own only. */
async function readCover(deps: MakeDeps, file: SourceFile): Promise<CoverBytes | null> {
  const type = { jpg: "image/jpeg" as const, png: "image/png" as const }[extensionOf(file)];
  if (type === undefined) return null;
  return { bytes: await readFile(await checkedSource(deps, file)), type };
}

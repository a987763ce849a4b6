import crypto from "node:crypto";
import { constants, writeSync } from "node:fs";
import { copyFile, open, rm, type FileHandle } from "node:fs/promises";
import { toDiskError } from "./disk-errors.ts";
import { setMode } from "./disk-limits.ts";
import { flushFile } from "./flush.ts";
import { makeFolders } from "./make-folders.ts";
import { readChunks, type Digest } from "./read.ts";

/** Creates a file that only its owner can read; fails when the path exists. */
export async function createFile(path: string): Promise<FileHandle> {
  const file = await open(path, "wx", 0o600);
  await setMode(file, 0o600);
  return file;
}

/** Writes and flushes a small file; the caller flushes its folder. Throws DiskError. */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  try {
    await rm(path, { force: true });
    await using file = await createFile(path);
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    throw toDiskError(error, path);
  }
}

/** Creates a folder that only its owner can read, with its parents. Throws DiskError. */
export async function makeFolder(path: string): Promise<void> {
  try {
    if (makeFolders(path) !== undefined) await setMode(path, 0o700);
  } catch (error) {
    throw toDiskError(error, path);
  }
}

/** Copies and flushes what is read from `source`; returns the digest of what was read. Throws DiskError only for errors of the copy. */
export async function copyDurably(source: FileHandle, to: string, signal: AbortSignal): Promise<Digest> {
  const hash = crypto.createHash("sha256");
  let bytes = 0;
  await using copy = await createFile(to).catch(asDiskError(to));
  for await (const chunk of readChunks(source, signal)) {
    hash.update(chunk);
    bytes += chunk.length;
    await writeAll(copy, chunk).catch(asDiskError(to));
  }
  await copy.sync().catch(asDiskError(to));
  return { bytes, sha256: hash.digest("hex") };
}

/** Clones a file: the copy shares blocks with its source until one of them changes. Returns false where that is not possible. */
export async function cloneFile(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    await makePrivate(to);
    return true;
  } catch {
    await rm(to, { force: true });
    return false;
  }
}

/** Makes a file that another program wrote readable by its owner alone, and flushes it. Throws DiskError. */
export async function makePrivate(path: string): Promise<void> {
  await setMode(path, 0o600);
  await flushFile(path);
}

/** Writes all of `bytes`: one call may write only a part. */
export async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
}

/** As writeAll, for synchronous code. Throws the file system's error. */
export function writeAllSync(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
}

function asDiskError(path: string): (error: unknown) => never {
  return (error) => {
    throw toDiskError(error, path);
  };
}

import crypto from "node:crypto";
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { toDiskError } from "./disk-errors.ts";

/** Size and sha256 (lower-case hex) of a file's bytes. */
export type Digest = { bytes: number; sha256: string };

/** The problem of a path that is not a regular file, in words. */
export const NOT_A_FILE = "not a regular file";

/** Opens a file for reading without following a symlink or waiting for a FIFO. Throws DiskError. */
export async function openRegular(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw toDiskError(error, path);
  }
}

/** Reads a file from its first byte to its last in chunks of 256 KiB; each chunk is valid until the next one. */
export async function* readChunks(file: FileHandle, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Size and digest of a regular file by its absolute path; a symlink is not followed. Throws DiskError, or the signal's reason. */
export async function digestFile(path: string, signal?: AbortSignal): Promise<Digest> {
  return digestAndClose(await openRegular(path), path, signal);
}

/** The same for an open file, which is closed at the end; `onBytes` is called with the size of each chunk. */
export async function digestAndClose(
  file: FileHandle,
  path: string,
  signal?: AbortSignal,
  onBytes?: (count: number) => void,
): Promise<Digest> {
  try {
    const hash = crypto.createHash("sha256");
    let bytes = 0;
    for await (const chunk of readChunks(file, signal)) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes?.(chunk.length);
    }
    return { bytes, sha256: hash.digest("hex") };
  } catch (error) {
    throw signal?.aborted ? error : toDiskError(error, path);
  } finally {
    await file.close();
  }
}

/**
 * The text of a regular file of at most `most` bytes, or in words why it was not read: a backup may contain anything.
 * Throws DiskError.
 */
export async function readText(path: string, most: number): Promise<{ text: string } | { why: string }> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const entry = await file.stat();
    if (!entry.isFile()) return { why: NOT_A_FILE };
    if (entry.size > most) return { why: `it has ${entry.size} bytes, more than this program writes` };
    return { text: await file.readFile("utf8") };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { why: "not there" };
    if (["ELOOP", "ENXIO"].includes(code)) return { why: NOT_A_FILE };
    throw toDiskError(error, path);
  }
}

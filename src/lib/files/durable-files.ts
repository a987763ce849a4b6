import crypto from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, lstat, open, opendir, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { makeFolders } from "./make-folders.ts";
import { isModeless } from "./modeless.ts";
import { toDiskError } from "./disk-errors.ts";
import { readPieces } from "../../assets/store/files.ts";
import { syncFolder } from "./sync-folder.ts";

/** Opens a new file for its owner alone; fails where one lies already. */
export async function createFile(place: string): Promise<FileHandle> {
  const file = await open(place, "wx", 0o600);
  await file.chmod(0o600).catch(ifModes);
  return file;
}

/**
 * The text of a regular file of at most `most` bytes, or in words why there is none: what lies in a backup may be anything, and
 * a FIFO must not be waited for. Throws DiskError.
 */
export async function readText(place: string, most: number): Promise<{ text: string } | { why: string }> {
  try {
    await using file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const entry = await file.stat();
    if (!entry.isFile()) return { why: NO_FILE };
    if (entry.size > most) return { why: `it has ${entry.size} bytes, more than were ever written` };
    return { text: await file.readFile("utf8") };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { why: "not there" };
    if (["ELOOP", "ENXIO"].includes(code)) return { why: NO_FILE };
    throw toDiskError(error, place);
  }
}

export const NO_FILE = "no regular file lies in its place";

/** Writes a small file whole, durable in itself; its folder is the caller's. Throws DiskError. */
export async function writeFileDurably(place: string, text: string): Promise<void> {
  try {
    await rm(place, { force: true });
    await using file = await createFile(place);
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    throw toDiskError(error, place);
  }
}

/** Makes a folder for its owner alone, with those above it. */
export async function makeFolder(place: string): Promise<void> {
  try {
    if (makeFolders(place) !== undefined) await chmod(place, 0o700).catch(ifModes);
  } catch (error) {
    throw toDiskError(error, place);
  }
}

/** Copies what is read from `source`, durably, and answers the digest of what was read. Throws DiskError for the copy's side alone. */
export async function pourFile(
  source: FileHandle,
  to: string,
  signal: AbortSignal,
): Promise<{ bytes: number; sha256: string }> {
  const hash = crypto.createHash("sha256");
  let bytes = 0;
  await using copy = await creating(to);
  for await (const piece of readPieces(source, signal)) {
    hash.update(piece);
    bytes += piece.length;
    await writeAll(copy, piece).catch((error: unknown) => {
      throw toDiskError(error, to);
    });
  }
  await copy.sync().catch((error: unknown) => {
    throw toDiskError(error, to);
  });
  return { bytes, sha256: hash.digest("hex") };
}

/** A copy that shares the disk's blocks with its source until one of them changes; false where that cannot be had. */
export async function cloneFile(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    await ownFile(to);
    return true;
  } catch {
    await rm(to, { force: true });
    return false;
  }
}

/** Makes a file that another program wrote ours: readable by its owner alone, and durable. Throws DiskError. */
export async function ownFile(place: string): Promise<void> {
  await chmod(place, 0o600).catch(ifModes);
  await syncFile(place);
}

export async function syncFile(place: string): Promise<void> {
  try {
    await using file = await open(place, "r+");
    await file.sync();
  } catch (error) {
    throw toDiskError(error, place);
  }
}

/** Every path below a folder that is no real folder, whatever its name; nothing for a folder that is not there. */
export async function* walkAll(root: string, under = ""): AsyncGenerator<string> {
  let folder;
  try {
    folder = await opendir(join(root, under));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw toDiskError(error, join(root, under));
  }
  for await (const entry of folder) {
    const path = under === "" ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory()) yield* walkAll(root, path);
    else yield path;
  }
}

/** Whether anything lies there, a dangling symlink too. */
export async function exists(place: string): Promise<boolean> {
  try {
    await lstat(place);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw toDiskError(error, place);
  }
}

/** Makes a folder's entries durable, where its file system knows of that (some network shares do not). */
export async function settleFolder(folder: string): Promise<void> {
  try {
    await syncFolder(folder);
  } catch (error) {
    if (!/^(EINVAL|ENOTSUP|EPERM|EISDIR)$/.test((error as NodeJS.ErrnoException).code ?? ""))
      throw toDiskError(error, folder);
  }
}

/** Sticks and network shares may have no modes; their mount says who may read. */
function ifModes(error: unknown): void {
  if (!isModeless(error)) throw error;
}

async function creating(place: string): Promise<FileHandle> {
  return createFile(place).catch((error: unknown) => {
    throw toDiskError(error, place);
  });
}

async function writeAll(file: FileHandle, piece: Buffer): Promise<void> {
  for (let done = 0; done < piece.length;) done += (await file.write(piece, done)).bytesWritten;
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { inParallel } from "../../lib/in-parallel.ts";
import type { NotKept, StoredFile } from "./sent.ts";

const WIDTH = 4;

/** Every file below a folder of our own, with forward slashes. */
export async function filesBelow(folder: string): Promise<StoredFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: StoredFile[] = [];
  await inParallel(paths, WIDTH, async (place) => {
    const path = relative(folder, place).replaceAll(sep, "/");
    files.push({ path, bytes: (await stat(place)).size, sha256: await digestOf(place) });
  });
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** Which of `files` are below `folder` as they should be, and what is wrong with the others. */
export async function holdAgainst(
  folder: string,
  files: StoredFile[],
  signal: AbortSignal,
): Promise<{ right: StoredFile[]; wrong: NotKept[] }> {
  const [right, wrong]: [StoredFile[], NotKept[]] = [[], []];
  await inParallel(files, WIDTH, async (file) => {
    signal.throwIfAborted();
    const sha256 = await digestOf(join(folder, file.path), signal).catch((error: unknown) => reasonOf(error, signal));
    if (sha256 === file.sha256) right.push(file);
    else wrong.push({ path: file.path, reason: /^[0-9a-f]{64}$/.test(sha256) ? "its bytes differ" : sha256 });
  });
  return { right, wrong };
}

/** A number that changes as long as something is written below a folder. */
export async function weigh(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let weight = entries.length;
  for (const { parentPath, name } of entries) {
    const { size, blocks } = await lstat(join(parentPath, name));
    weight += size + blocks;
  }
  return weight;
}

async function digestOf(place: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(place, signal ? { signal } : {})) hash.update(piece as Buffer);
  return hash.digest("hex");
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOENT" ? "not there" : `cannot be read: ${message}`;
}

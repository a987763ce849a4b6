import { lstat, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { inParallel } from "../../lib/concurrency.ts";
import { digestFile } from "../../lib/files/read.ts";
import type { NotKept, StoredFile } from "./upload-types.ts";

const WIDTH = 4;

/** Every file below a folder of our own, with forward slashes. */
export async function filesBelow(folder: string): Promise<StoredFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: StoredFile[] = [];
  await inParallel(paths, WIDTH, async (place) => {
    const path = relative(folder, place).replaceAll(sep, "/");
    files.push({ path, ...(await digestFile(place)) });
  });
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** Which of `files` are below `folder` as they should be, and what is wrong with the others. */
export async function holdAgainst(
  folder: string,
  files: StoredFile[],
  signal: AbortSignal,
  onFile: (file: StoredFile) => void = () => {},
): Promise<{ right: StoredFile[]; wrong: NotKept[] }> {
  const [right, wrong]: [StoredFile[], NotKept[]] = [[], []];
  await inParallel(files, WIDTH, async (file) => {
    signal.throwIfAborted();
    const reason = await whatIsWrong(join(folder, file.path), file, signal);
    if (reason === null) right.push(file);
    else wrong.push({ path: file.path, reason });
    onFile(file);
  });
  return { right, wrong };
}

async function whatIsWrong(place: string, { sha256 }: StoredFile, signal: AbortSignal): Promise<string | null> {
  try {
    const entry = await lstat(place).catch(() => null);
    if (entry === null) return "not there";
    if (!entry.isFile()) return "no regular file lies in its place";
    return (await digestFile(place, signal)).sha256 === sha256 ? null : "its bytes differ";
  } catch (error) {
    signal.throwIfAborted();
    return `cannot be read: ${(error as Error).message}`;
  }
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

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { inParallel } from "../../lib/concurrency.ts";
import { digestFile, NOT_A_FILE } from "../../lib/files/read.ts";
import { walkFolder } from "../../lib/files/walk.ts";
import type { FailedFile, UploadFile } from "./upload-types.ts";

const WIDTH = 4;

/** Every file below a folder of our own with its size and digest, sorted by path. */
export async function digestFolder(folder: string): Promise<UploadFile[]> {
  const files: UploadFile[] = [];
  for await (const path of walkFolder(folder, { hidden: true }))
    files.push({ path, ...(await digestFile(join(folder, path))) });
  return files.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/** The files that have the right bytes below `folder`, and the others, each with its problem. */
export async function checkFiles(
  folder: string,
  files: UploadFile[],
  signal: AbortSignal,
  onFile: (file: UploadFile) => void = () => {},
): Promise<CheckedFiles> {
  const checked: CheckedFiles = { right: [], wrong: [] };
  await inParallel(files, WIDTH, async (file) => {
    signal.throwIfAborted();
    const reason = await findProblem(join(folder, file.path), file, signal);
    if (reason === null) checked.right.push(file);
    else checked.wrong.push({ path: file.path, reason });
    onFile(file);
  });
  return checked;
}

export type CheckedFiles = { right: UploadFile[]; wrong: FailedFile[] };

async function findProblem(path: string, { sha256 }: UploadFile, signal: AbortSignal): Promise<string | null> {
  try {
    const entry = await lstat(path).catch(() => null);
    if (entry === null) return "not there";
    if (!entry.isFile()) return NOT_A_FILE;
    return (await digestFile(path, signal)).sha256 === sha256 ? null : "its bytes differ";
  } catch (error) {
    signal.throwIfAborted();
    return `cannot be read: ${(error as Error).message}`;
  }
}

/** A number that changes as long as something is written below a folder. */
export async function measureFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let sum = entries.length;
  for (const { parentPath, name } of entries) {
    const { size, blocks } = await lstat(join(parentPath, name));
    sum += size + blocks;
  }
  return sum;
}

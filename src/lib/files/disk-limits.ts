import { chmodSync, futimesSync } from "node:fs";
import { chmod, utimes, type FileHandle } from "node:fs/promises";

/**
 * What file systems of sticks, phones, shares and FUSE answer for what they do not have: modes, dates, a flush of a
 * folder. All commands go on without these there; the files themselves are as safe as the disk lets them be.
 */
const LACKING = /^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS|EINVAL|EISDIR|ENOTTY)$/;

/** Most bytes of a file's name that every disk takes: encrypted home folders (eCryptfs) have 143, others 255. */
export const LONGEST_NAME = 143;

/** True when a file system refused what it does not have. */
export function isLacking(error: unknown): boolean {
  return LACKING.test((error as NodeJS.ErrnoException).code ?? "");
}

/** For `promise.catch(…)`: goes on where the file system does not have what was asked. */
export function unlessLacking(error: unknown): void {
  if (!isLacking(error)) throw error;
}

/** As unlessLacking, for synchronous code. */
export function whereSupported(work: () => void): void {
  try {
    work();
  } catch (error) {
    unlessLacking(error);
  }
}

/** Sets the mode of a file or folder where there are modes; elsewhere the mount decides who may read. */
export async function setMode(of: string | FileHandle, mode: number): Promise<void> {
  await (typeof of === "string" ? chmod(of, mode) : of.chmod(mode)).catch(unlessLacking);
}

/** As setMode, for synchronous code. */
export function setModeSync(path: string, mode: number): void {
  whereSupported(() => chmodSync(path, mode));
}

/** Dates a file where its file system takes dates; `at` is in milliseconds UTC. */
export async function setDate(path: string, at: number): Promise<void> {
  await utimes(path, at / 1000, at / 1000).catch(unlessLacking);
}

/** As setDate, for an open file and synchronous code. */
export function setDateSync(file: number, at: number): void {
  whereSupported(() => futimesSync(file, at / 1000, at / 1000));
}

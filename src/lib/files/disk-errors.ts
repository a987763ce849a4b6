import { statfs } from "node:fs/promises";
import { DiskError, MirrorError } from "../errors.ts";
import { toStorageError, unusable } from "./storage-errors.ts";

/** Returns the bytes that an ordinary user can still write at `path`. */
export type FreeBytes = (path: string) => Promise<number>;

export const freeBytes: FreeBytes = async (path) => {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
};

/** Turns any file system error, while a file of the archive is being used, into a DiskError that names `path`. */
export function toDiskError(error: unknown, path: string): unknown {
  const known = toStorageError(error, path);
  const isSystem = error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === "number";
  if (known instanceof MirrorError || !isSystem) return known;
  return unusable(error, path);
}

/** True when the disk, or a quota on it, is full. */
export function isFull(error: unknown): boolean {
  return error instanceof DiskError && error.code === "disk_full";
}

/** The error `no space left on /mirror/assets: need 50.0 MB, have 10.0 MB`; `need` is null when the size is unknown. */
export async function noSpaceError(
  root: string,
  need: number | null,
  free: FreeBytes,
  cause?: unknown,
): Promise<DiskError> {
  const have = await free(root).catch(() => null);
  const needed = need === null ? "more" : megabytes(need);
  return new DiskError(
    `no space left on ${root}: need ${needed}, have ${have === null ? "unknown" : megabytes(have)}`,
    {
      code: "disk_full",
      cause,
      hint: "free some space, then run it again: it continues from here",
    },
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

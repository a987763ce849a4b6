import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { toDiskError } from "./disk-errors.ts";

/** True for `folder` itself and everything below it; both paths must be absolute and without symlinks (`realPath`). */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The absolute path with symlinks resolved as far as it exists. Throws DiskError. */
export async function realPath(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw toDiskError(error, absolute);
    return dirname(absolute) === absolute ? absolute : join(await realPath(dirname(absolute)), basename(absolute));
  }
}

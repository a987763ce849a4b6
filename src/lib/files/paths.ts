import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { toDiskError } from "./disk-errors.ts";
import { fileIdentity } from "./file-identity.ts";
import { spelledName } from "./spelled-name.ts";

/** True for `folder` itself and everything below it; both paths must be absolute and without symlinks (`realPath`). */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * Whether `path` is `folder` or lies in it, by whatever name it is reached: through a link, in another spelling, or where
 * the folder is mounted a second time. Neither need exist. Throws DiskError.
 */
export async function liesIn(folder: string, path: string): Promise<boolean> {
  const [outer, inner] = [await realPath(folder), await realPath(path)];
  if (isWithin(outer, inner)) return true;
  const identity = fileIdentity(outer);
  for (let at = inner; identity !== ""; at = dirname(at)) {
    if (fileIdentity(at) === identity) return true;
    if (dirname(at) === at) break;
  }
  return false;
}

/**
 * The absolute path with symlinks resolved as far as it exists, each name as its folder spells it where case or accents
 * do not count. Throws DiskError.
 */
export async function realPath(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await asSpelled(await realpath(absolute));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw toDiskError(error, absolute);
    return dirname(absolute) === absolute ? absolute : join(await realPath(dirname(absolute)), basename(absolute));
  }
}

async function asSpelled(path: string): Promise<string> {
  const above = dirname(path);
  if (above === path) return path;
  const name = basename(path);
  // A folder that may be passed and not listed spells nothing.
  const names = await readdir(above).catch(() => [name]);
  return join(await asSpelled(above), spelledName(name, names));
}

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DiskError } from "../errors.ts";

/**
 * Creates a folder and its parents, by default for their owner alone. Returns the first one that it created, undefined
 * when all existed. Throws the error that keeps the topmost missing folder from being created, and DiskError for a
 * dangling link on the way: Node's own recursive mkdir reports ENOENT for that, and for a read-only disk too.
 */
export function makeFolders(path: string, mode = 0o700): string | undefined {
  try {
    return mkdirSync(path, { recursive: true, mode });
  } catch (error) {
    if (codeOf(error) === "ENOENT" && topmostProblem(path) === "EEXIST")
      throw new DiskError(`cannot create ${path}: a link on the way to it leads nowhere`, { cause: error });
    throw error;
  }
}

/** Returns `EEXIST` for a dangling link; throws any other error. */
function topmostProblem(path: string): string | undefined {
  try {
    mkdirSync(path, { mode: 0o700 });
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" && dirname(path) !== path) return topmostProblem(dirname(path));
    if (code === "EEXIST") return code;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

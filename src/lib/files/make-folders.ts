import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DiskError } from "../errors.ts";

/**
 * Makes a folder and those above it, for their owner alone unless said; answers the first one that it made, undefined when all were
 * there. Throws what keeps the topmost missing one from being made, DiskError for a link that leads nowhere: Node's own
 * recursive mkdir says ENOENT of that, and of a disk that is mounted read-only too.
 */
export function makeFolders(place: string, mode = 0o700): string | undefined {
  try {
    return mkdirSync(place, { recursive: true, mode });
  } catch (error) {
    if (codeOf(error) === "ENOENT" && topmostTrouble(place) === "EEXIST")
      throw new DiskError(`cannot make ${place}: on the way to it is a link that leads nowhere`, { cause: error });
    throw error;
  }
}

/** `EEXIST` for a link that leads nowhere; throws any other reason. */
function topmostTrouble(place: string): string | undefined {
  try {
    mkdirSync(place, { mode: 0o700 });
    return undefined;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" && dirname(place) !== place) return topmostTrouble(dirname(place));
    if (code === "EEXIST") return code;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

import { rmSync } from "node:fs";
import { join } from "node:path";

/** For what is made from stored files and can be made again: deleted at any time it is missed by nobody, and no backup holds it. */
export function cacheFolder(home: string): string {
  return join(home, "cache");
}

/** Deletes all of it. Throws errors of the file system. */
export function clearCache(home: string): void {
  rmSync(cacheFolder(home), { recursive: true, force: true });
}

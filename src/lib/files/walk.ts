import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "./disk-errors.ts";

/** Names that belong to the system or to our own bookkeeping, not to an archive's files. */
const isHidden = (name: string) => name.startsWith(".") || name === "lost+found";

/**
 * Every path below a folder that is not itself a folder, with forward slashes; nothing when the folder does not exist.
 * Names that begin with a dot, and `lost+found`, are skipped unless `hidden` is set. Throws DiskError.
 */
export async function* walkFolder(root: string, { hidden = false } = {}, under = ""): AsyncGenerator<string> {
  let folder;
  try {
    folder = await opendir(join(root, under));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && (hidden || under === "")) return;
    throw toDiskError(error, join(root, under));
  }
  for await (const entry of folder) {
    if (!hidden && isHidden(entry.name)) continue;
    const path = under === "" ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory()) yield* walkFolder(root, { hidden }, path);
    else yield path;
  }
}

import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "./disk-errors.ts";
import { makeFolder, writeFileDurably } from "./durable-files.ts";
import { flushFolder } from "./flush.ts";

/** The id in a folder's marker, the file that says to which archive the folder belongs; null without one. Throws DiskError. */
export async function readMarker(folder: string, name: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, name), "utf8")).trim();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw toDiskError(error, folder);
  }
}

/**
 * Writes a marker into a folder, made if need be. Through `<name>.new`, since half an id would name another archive: a
 * crash may leave that file. Throws DiskError.
 */
export async function writeMarker(folder: string, name: string, id: string): Promise<void> {
  await makeFolder(folder);
  const marker = join(folder, name);
  await writeFileDurably(`${marker}.new`, `${id}\n`);
  await rename(`${marker}.new`, marker).catch((error: unknown) => {
    throw toDiskError(error, marker);
  });
  await flushFolder(folder);
}

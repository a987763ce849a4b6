import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { UsageError } from "../lib/errors.ts";
import { placeOutside } from "./export-place.ts";

/**
 * The absolute path of an export's folder, through symlinks; it need not be there. Throws UsageError for one inside of
 * the archive and for what is no folder, DiskError for one that cannot be written.
 */
export async function placeOfExport(folder: string, places: { home: string; assets: string }): Promise<string> {
  const place = await placeOutside(folder, places);
  const entry = await stat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error.code === "ENOTDIR" ? noFolder(place) : toDiskError(error, place);
  });
  if (entry === null) return place;
  if (!entry.isDirectory()) throw noFolder(place);
  await access(place, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw toDiskError(error, place);
  });
  return place;
}

function noFolder(place: string): UsageError {
  return new UsageError(`${place} is no folder`, { code: "not_a_folder", hint: "name a folder, or a new name" });
}

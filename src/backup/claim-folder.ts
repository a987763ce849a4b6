import { readFile, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { UsageError } from "../lib/errors.ts";
import { makeFolder, writeFileDurably } from "../lib/files/durable-files.ts";
import { flushFolder } from "../lib/files/flush.ts";
import { isWithin, realPath } from "../lib/files/paths.ts";

const MARKER = ".producer-mirror-backup";
/** Made by systems on disks of their own accord. */
const IGNORED = new Set([
  "lost+found",
  ".DS_Store",
  ".Trashes",
  ".fseventsd",
  "System Volume Information",
  "$RECYCLE.BIN",
]);

/** The absolute path of a backup folder, through symlinks. Throws UsageError when archive and backup lie in one another. */
export async function placeOfBackups(folder: string, places: { home: string; assets: string }): Promise<string> {
  const place = await realPath(folder);
  for (const [name, other] of Object.entries({
    home: await realPath(places.home),
    assets: await realPath(places.assets),
  }))
    if (isWithin(other, place) || isWithin(place, other))
      throw new UsageError(
        `${place} and the archive's ${name === "home" ? "folder" : "assets folder"} ${other} lie in one another`,
        {
          code: "backup_into_itself",
          hint: "name a folder outside of the archive, best on another disk",
        },
      );
  return place;
}

/**
 * Makes a folder the home of this archive's backups, unless it is already; `dryRun` only looks. Throws UsageError when
 * something else lies there, or another archive's backups, DiskError.
 */
export async function claimFolder(folder: string, archiveId: string, dryRun: boolean): Promise<void> {
  const owner = await ownerOf(folder);
  if (owner === archiveId) return;
  if (owner !== null)
    throw new UsageError(`${folder} holds the backups of another archive`, {
      code: "other_archives_backups",
      hint: "name another folder: each archive has its own",
    });
  if (!(await isEmpty(folder)))
    throw new UsageError(`${folder} is not empty and holds no backups`, {
      code: "not_a_backup_folder",
      hint: "name a new folder, or an empty one",
    });
  if (dryRun) return;
  await makeFolder(folder);
  // Half a mark would say that another archive's backups lie there.
  const mark = join(folder, MARKER);
  await writeFileDurably(`${mark}.new`, `${archiveId}\n`);
  await rename(`${mark}.new`, mark);
  await flushFolder(folder);
}

/** The id of the archive whose backups lie there; null when the folder is not there or is none of ours. */
export async function ownerOf(folder: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, MARKER), "utf8")).trim();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw toDiskError(error, folder);
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).every((name) => IGNORED.has(name) || name === `${MARKER}.new`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw toDiskError(error, folder);
  }
}

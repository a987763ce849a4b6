import { readdir } from "node:fs/promises";
import { UsageError } from "../../lib/errors.ts";
import { toDiskError } from "../../lib/files/disk-errors.ts";
import { readMarker, writeMarker } from "../../lib/files/folder-marker.ts";
import { BACKUPS_MARKER } from "../generations.ts";
import { liesIn, realPath } from "../../lib/files/paths.ts";
import { isSystemName } from "../../lib/files/system-files.ts";

/** The absolute path of a backup folder, without symlinks. Throws UsageError when it contains the archive or lies in it. */
export async function resolveBackupFolder(folder: string, archive: { home: string; assets: string }): Promise<string> {
  const path = await realPath(folder);
  for (const [name, other] of [
    ["folder", await realPath(archive.home)],
    ["assets folder", await realPath(archive.assets)],
  ] as const)
    if ((await liesIn(other, path)) || (await liesIn(path, other)))
      throw new UsageError(`${path} and the archive's ${name} ${other} are inside of one another`, {
        code: "backup_into_itself",
        hint: "name a folder outside of the archive, best on another disk",
      });
  return path;
}

/**
 * Marks a folder as the one of this archive's backups, unless it is already; `dryRun` only checks. Throws UsageError when
 * it has other content, or another archive's backups, and DiskError.
 */
export async function claimFolder(folder: string, archiveId: string, dryRun: boolean): Promise<void> {
  const owner = await readMarker(folder, BACKUPS_MARKER);
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
  if (!dryRun) await writeMarker(folder, BACKUPS_MARKER, archiveId);
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).every((name) => isSystemName(name) || name === `${BACKUPS_MARKER}.new`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw toDiskError(error, folder);
  }
}

import { readdir } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { archiveId } from "../archive/info.ts";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { archivePath } from "../db/archive-file.ts";
import { refuseBackup } from "../db/backup-home.ts";
import type { Database } from "../db/connection.ts";
import { connectArchive } from "../db/identify.ts";
import { isReadOnly } from "../db/open-copy.ts";
import { MirrorError, UsageError } from "../lib/errors.ts";
import { exists } from "../lib/files/entry.ts";
import { mountsIn } from "../lib/files/mounts.ts";
import { isWithin, liesIn, realPath } from "../lib/files/paths.ts";

/** Where an archive is restored to, and what is there now. */
export type RestoreTarget = {
  /** Absolute, without symlinks. */
  home: string;
  /** Absolute. */
  assets: string;
  /** The path of the assets folder in the home; null when it is elsewhere, or a disk of its own. */
  assetsInHome: string | null;
  /**
   * The home cannot be renamed, because it is a mount point, has one in it, or lies in a folder that takes no other: then
   * what is restored is put into it.
   */
  keepsFolder: boolean;
  /** `damaged` when its database cannot be read, `foreign` when that is another program's, null when there is none. */
  archive: { id: string } | "damaged" | "foreign" | null;
  /** The entries of the home without locks. */
  entries: string[];
};

/** Locks belong to processes and not to the archive. */
const LOCKS = /^(lock|watch|backup-lock|export-lock|tables-lock)\.(db|json)(-journal)?$/;

/** Reads what is at a home, and makes nothing. Throws UsageError when source and target contain one another, DiskError. */
export async function inspectTarget(paths: { home: string; assets: string }, source: string): Promise<RestoreTarget> {
  const home = await realPath(paths.home);
  const assets = await realPath(paths.assets);
  const from = await realPath(source);
  refuseBackup(home);
  for (const path of [home, assets])
    if ((await liesIn(path, from)) || (await liesIn(from, path)))
      throw new UsageError(`${source} and ${path} are inside of one another`, {
        code: "restore_into_itself",
        hint: "restore into another folder with --home, or move the backup first",
      });
  const entries = await listEntries(home);
  const isInside = isWithin(home, assets) && home !== assets;
  const isMount = isInside && mountsIn(assets).includes(assets);
  const assetsInHome = isInside && !isMount ? relative(home, assets) : null;
  const keepsFolder = isMount || mountsIn(home).length > 0 || ((await exists(home)) && isReadOnly(dirname(home)));
  return { home, assets, assetsInHome, keepsFolder, archive: readArchive(home), entries };
}

/** The names in a folder without locks, sorted; none for a folder that is not there. */
export async function listEntries(folder: string): Promise<string[]> {
  if (!(await exists(folder))) return [];
  const names = await readdir(folder).catch((error: unknown) => {
    throw toDiskError(error, folder);
  });
  return names.filter((name) => !LOCKS.test(name)).toSorted();
}

function readArchive(home: string): RestoreTarget["archive"] {
  const path = archivePath(home);
  let database: Database | undefined;
  try {
    database = connectArchive(path, { readOnly: true });
    return database ? { id: archiveId(database) } : null;
  } catch (error) {
    if (!(error instanceof MirrorError)) return "damaged";
    if (error.code === "not_an_archive")
      return / belongs to another program/.test(error.message) ? "foreign" : "damaged";
    return "damaged";
  } finally {
    database?.$client.close();
  }
}

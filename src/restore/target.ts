import { readdir } from "node:fs/promises";
import { relative } from "node:path";
import { archiveId } from "../archive/info.ts";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { archivePath } from "../db/archive-file.ts";
import { connect } from "../db/connection.ts";
import { isArchive } from "../db/identify.ts";
import { MirrorError, UsageError } from "../lib/errors.ts";
import { exists } from "../lib/files/entry.ts";
import { isWithin, realPath } from "../lib/files/paths.ts";

/** Where an archive is put back, with what lies there now. */
export type Target = {
  /** Absolute, through symlinks. */
  home: string;
  /** Absolute. */
  assets: string;
  /** Where the assets folder lies in the home; null when it lies elsewhere. */
  assetsInHome: string | null;
  /** The id of the archive there, `damaged` when it cannot be read, null when there is none. */
  archive: { id: string } | "damaged" | "foreign" | null;
  /** What lies in the home now, but for locks. */
  entries: string[];
};

/** Names of locks, which belong to processes and not to the archive. */
const LOCKS = /^(lock|watch|backup-lock|export-lock|tables-lock)\.(db|json)(-journal)?$/;

/** Looks at a home, and makes nothing. Throws UsageError when source and target lie in one another, DiskError. */
export async function inspectTarget(places: { home: string; assets: string }, source: string): Promise<Target> {
  const home = await realPath(places.home);
  const assets = await realPath(places.assets);
  const from = await realPath(source);
  for (const place of [home, assets])
    if (isWithin(place, from) || isWithin(from, place))
      throw new UsageError(`${source} and ${place} lie in one another`, {
        code: "restore_into_itself",
        hint: "restore into another folder with --home, or move the backup first",
      });
  const entries = await listEntries(home);
  const assetsInHome = isWithin(home, assets) && home !== assets ? relative(home, assets) : null;
  return { home, assets, assetsInHome, archive: readArchive(home), entries };
}

export async function listEntries(folder: string): Promise<string[]> {
  if (!(await exists(folder))) return [];
  const names = await readdir(folder).catch((error: unknown) => {
    throw toDiskError(error, folder);
  });
  return names.filter((name) => !LOCKS.test(name)).toSorted();
}

function readArchive(home: string): Target["archive"] {
  const path = archivePath(home);
  try {
    if (!isArchive(path)) return null;
  } catch (error) {
    if (!(error instanceof MirrorError)) return "damaged";
    if (error.code === "not_an_archive")
      return / belongs to another program/.test(error.message) ? "foreign" : "damaged";
  }
  try {
    const database = connect(path, { readOnly: true });
    try {
      return { id: archiveId(database) };
    } finally {
      database.$client.close();
    }
  } catch {
    return "damaged";
  }
}

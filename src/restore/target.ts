import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { archiveId } from "../archive/info.ts";
import { toDiskError } from "../lib/files/disk-errors.ts";
import { archivePath } from "../db/archive-file.ts";
import { connect } from "../db/connection.ts";
import { isArchive } from "../db/identify.ts";
import { MirrorError, UsageError } from "../lib/errors.ts";
import { exists } from "../lib/files/durable-files.ts";

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
export async function lookAtTarget(places: { home: string; assets: string }, source: string): Promise<Target> {
  const home = await truePath(places.home);
  const assets = await truePath(places.assets);
  const from = await truePath(source);
  for (const place of [home, assets])
    if (isWithin(place, from) || isWithin(from, place))
      throw new UsageError(`${source} and ${place} lie in one another`, {
        code: "restore_into_itself",
        hint: "restore into another folder with --home, or move the backup first",
      });
  const entries = await entriesOf(home);
  const assetsInHome = isWithin(home, assets) && home !== assets ? relative(home, assets) : null;
  return { home, assets, assetsInHome, archive: readArchive(home), entries };
}

/** True for `folder` itself and all below it. */
export function isWithin(folder: string, place: string): boolean {
  return place === folder || place.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** The path without symlinks, as far as it exists. */
export async function truePath(place: string): Promise<string> {
  const absolute = resolve(place);
  try {
    return await realpath(absolute);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw toDiskError(error, absolute);
    return dirname(absolute) === absolute ? absolute : join(await truePath(dirname(absolute)), basename(absolute));
  }
}

export async function entriesOf(folder: string): Promise<string[]> {
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

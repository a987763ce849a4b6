import { stat } from "node:fs/promises";
import { join } from "node:path";
import { archiveId } from "../archive/info.ts";
import { ASSETS_MARKER } from "../assets/store/marker.ts";
import type { Database } from "../db/connection.ts";
import { diskAnswers } from "../lib/files/disk-answers.ts";
import { exists } from "../lib/files/entry.ts";
import { readMarker } from "../lib/files/folder-marker.ts";
import { backupLocations, type BackupLocation, type SeenLocation } from "../query/history/backup-locations.ts";
import { BACKUPS_MARKER, listGenerations } from "./generations.ts";
import { isOffSite } from "./off-site/location.ts";
import { readInfo } from "./snapshot/manifest.ts";
import { SUMS_FILE } from "./snapshot/sha256sums.ts";

export type LookDeps = { db: Database; home: string; assets: string; now: number };

/**
 * Looks at every location that has a backup: a folder counts as seen when it, its marker, and the manifest of the newest backup
 * are there and fit. No file is read for this; `backup --verify` does that. An off-site location is not asked.
 */
export async function lookAtBackups({ db, home, assets, now }: LookDeps): Promise<SeenLocation[]> {
  const id = archiveId(db);
  const ours = [await diskOf(home), await diskOf(assets)];
  return await Promise.all(
    backupLocations(db).map(async (backup) => {
      if (isOffSite(backup.location))
        return { ...backup, seen: null, lastSeenAt: backup.finishedAt, sameDisk: false, problem: null };
      const problem = await problemOf(backup, id).catch((error: Error) => error.message);
      const disk = problem === null ? await diskOf(backup.location) : null;
      return {
        ...backup,
        seen: problem === null,
        lastSeenAt: problem === null ? new Date(now).toISOString() : backup.finishedAt,
        sameDisk: disk !== null && ours.includes(disk),
        problem,
      };
    }),
  );
}

/** Why the backup that the archive remembers is not in its folder; null when it is. */
async function problemOf({ location, startedAt }: BackupLocation, id: string): Promise<string | null> {
  if (!(await diskAnswers(location))) return "its disk does not answer, so it was not looked at";
  if (!(await exists(location))) return "the folder is not there";
  const owner = await readMarker(location, BACKUPS_MARKER);
  if (owner === null) return "the folder holds no backups";
  if (owner !== id) return "the folder holds the backups of another archive";
  const [newest] = await listGenerations(location);
  const info = newest && (await readInfo(newest.folder));
  if (!newest || !info || Date.parse(info.finishedAt) < Date.parse(startedAt)) return "the newest backup is not in it";
  const parts = ["archive.db", SUMS_FILE, join("assets", ASSETS_MARKER)];
  for (const part of parts) if (!(await exists(join(newest.folder, part)))) return `${newest.name} has no ${part}`;
  return info.archiveId === id ? null : "the newest backup is another archive's";
}

/** The number of the file system that a folder is on; null when it cannot be seen. */
async function diskOf(folder: string): Promise<number | null> {
  return (await stat(folder).catch(() => null))?.dev ?? null;
}

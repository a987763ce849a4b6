import { dirname } from "node:path";
import { sql } from "drizzle-orm";
import { beginBackup, finishBackup, recordCopies } from "../archive/copies.ts";
import { isOffSite } from "../backup/off-site/location.ts";
import { BACKUPS_MARKER } from "../backup/generations.ts";
import type { Database } from "../db/connection.ts";
import { readMarker } from "../lib/files/folder-marker.ts";
import type { RestoreReport } from "./restore.ts";

/**
 * Records in the restored archive that the backup it came from is a copy of it: a snapshot cannot know of the backup that it
 * became. Only for a whole one, every file of which was just read, in a folder of backups or off-site.
 */
export async function recordSource(db: Database, report: RestoreReport, now: number): Promise<void> {
  const { from, takenAt, clips, files, bytes, damaged, archiveId } = report;
  const location = isOffSite(from) ? from : dirname(from);
  if (takenAt === null || damaged.length > 0) return;
  if (location !== from && (await readMarker(location, BACKUPS_MARKER)) !== archiveId) return;
  const rows = db.all<{ sha256: string }>(
    sql`select distinct sha256 from assets where state = 'stored' and sha256 is not null`,
  );
  const id = beginBackup(db, location, takenAt);
  const counts = { clips, files, bytes };
  finishBackup(db, id, { ...counts, outcome: "complete", finishedAt: takenAt, errorMessage: null });
  recordCopies(
    db,
    location,
    rows.map(({ sha256 }) => sha256),
    now,
  );
}

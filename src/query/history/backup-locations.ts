import { sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { isoTime } from "../../lib/time/dates.ts";

/** A location that has a finished backup, as the archive remembers it. Times are ISO 8601. */
export type BackupLocation = {
  /** An absolute folder, `restic:<repository>` or `rclone:<remote>:<path>`. */
  location: string;
  outcome: string | null;
  startedAt: string;
  finishedAt: string;
  clips: number;
  files: number;
  bytes: number;
  /** Songs that are here, and all of whose files here were read back there. */
  songs: number;
  /** Songs that have a file here. */
  ofSongs: number;
};

/**
 * The same, after a look: `seen` is true when the newest backup is there now, false when it is not, and null where that
 * cannot be seen without a transfer. `lastSeenAt` is the time of the look, or when a backup last was made or read there.
 */
export type SeenLocation = BackupLocation & {
  seen: boolean | null;
  lastSeenAt: string;
  /** On the disk of the archive itself: a disk that dies takes both. */
  sameDisk: boolean;
  /** Why it does not count as seen. */
  problem: string | null;
};

type Row = Omit<BackupLocation, "startedAt" | "finishedAt"> & { startedAt: number; finishedAt: number };

/** Every location with a finished backup, the newest backup of each, newest first. */
export function backupLocations(db: Database): BackupLocation[] {
  const here = sql`clip_id is not null and assets.state = 'stored' and removed_at is null`;
  const rows = db.all<Row>(sql`
    select location, outcome, started_at as "startedAt", finished_at as "finishedAt", clips, files, bytes,
      (select count(distinct clip_id) from assets where ${here}) - (select count(distinct clip_id) from assets where ${here}
        and not exists (select 1 from copies where copies.sha256 = assets.sha256 and copies.location = backups.location)) as songs,
      (select count(distinct clip_id) from assets where ${here}) as "ofSongs"
    from backups where id in (select max(id) from backups where finished_at is not null group by location)
    order by finished_at desc`);
  return rows.map((row) => ({
    ...row,
    startedAt: isoTime(row.startedAt) ?? "",
    finishedAt: isoTime(row.finishedAt) ?? "",
  }));
}

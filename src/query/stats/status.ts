import { sql } from "drizzle-orm";
import { steadySince, timeGoneBy } from "../../db/clock.ts";
import type { Database } from "../../db/connection.ts";
import type { AssetKind, ByKind } from "../../lib/asset-kinds.ts";
import { STALE_AFTER_MS } from "../../record/schedule.ts";
import { countSongs } from "../lists/count-songs.ts";
import type { SeenLocation } from "../history/backup-locations.ts";
import { openCounts, type OpenCounts } from "../shown-state.ts";
import { lastBackup, lastRun, lastVerify, type LastBackup, type LastRun, type LastVerify } from "../history/runs.ts";

export type TrackedCounts = Record<
  "total" | "pending" | "succeeded" | "partial" | "failed" | "missing" | "stale",
  number
>;

export type Status = {
  tracked: TrackedCounts;
  /** What `pending` and `missing` of `tracked` mean, one by one. */
  open: OpenCounts;
  /** Numbers of rows. */
  tasks: number;
  clips: number;
  /** Removed clips (`rm`); no other number includes them. */
  removed: number;
  assets: Record<"wanted" | "stored" | "failed" | "gone" | "bytes", number>;
  /** Clips whose wanted files are all stored. */
  safe: number;
  /** Clips whose audio is stored, whatever else of them waits. */
  here: number;
  /** Files that are wanted and were not tried in vain, by kind. */
  waiting: ByKind;
  /** Songs whose audio does not have two verified copies: one here and one in a backup that counts. */
  underTwoCopies: number;
  /** Mirrored tasks that the API no longer knows. They keep their state. */
  vanished: number;
  lastRun: LastRun | null;
  lastVerify: LastVerify | null;
  lastBackup: LastBackup | null;
  /** Each location of backups, with what was seen there just now; absent where nobody looked. */
  backups?: SeenLocation[];
};

export type StatusOptions = {
  /** Kinds of file that are mirrored; of other kinds stored files count, missing ones do not. */
  kinds: AssetKind[];
  /** Milliseconds UTC. */
  now: number;
  /** The locations of backups as they were just seen: only those that are there, or cannot be looked at, count as a copy. */
  locations?: SeenLocation[];
};

/** What is in the archive and what is missing. Untracked ids do not count as tracked. */
export function status(db: Database, { kinds, now, locations }: StatusOptions): Status {
  const before = staleBefore(db, now);
  const { vanished, ...states } = tracked(db, before);
  return {
    tracked: states,
    open: openCounts(db, before),
    tasks: db.get<{ tasks: number }>(sql`select count(*) as tasks from tasks`).tasks,
    ...countSongs(db),
    ...fileCounts(db, kinds),
    safe: completeClips(db, kinds),
    here: completeClips(db, ["audio"]),
    underTwoCopies: underTwoCopies(db, locations),
    vanished,
    lastRun: lastRun(db),
    lastVerify: lastVerify(db),
    lastBackup: lastBackup(db),
    ...(locations && { backups: locations }),
  };
}

/** What was created before is stale. Nothing is, while the clock may have jumped ahead. */
function staleBefore(db: Database, now: number): number {
  return timeGoneBy(-Infinity, now, steadySince(db, now)) < STALE_AFTER_MS ? -1 : now - STALE_AFTER_MS;
}

function tracked(db: Database, staleBefore: number): TrackedCounts & { vanished: number } {
  const inState = (word: string) => sql`count(*) filter (where state = ${word})`;
  return db.get<TrackedCounts & { vanished: number }>(sql`
    select count(*) as total, ${inState("pending")} as pending, ${inState("succeeded")} as succeeded,
      ${inState("partial")} as partial, ${inState("failed")} as failed, ${inState("missing")} as missing,
      count(*) filter (where missing_since is not null and state <> 'missing') as vanished,
      (select count(*) from tracked_tasks
        where untracked_at is null and state in ('pending', 'missing') and state = 'pending'
        and coalesce((select created_at from tasks where id = task_id), added_at) < ${staleBefore}) as stale
    from tracked_tasks where untracked_at is null`);
}

/** Read from an index only, as in `completeClips`: rows of files are long and many. */
function fileCounts(db: Database, kinds: AssetKind[]): Pick<Status, "assets" | "waiting"> {
  const rows = db.all<{ state: AssetState; kind: AssetKind; files: number; bytes: number | null }>(
    sql`select state, kind, count(*) as files, sum(bytes) as bytes from assets group by state, kind`,
  );
  const assets = { wanted: 0, stored: 0, failed: 0, gone: 0, bytes: 0 };
  const waiting: Status["waiting"] = {};
  for (const { state, kind, files, bytes } of [...rows, ...removedFiles(db)]) {
    if (state === "stored" || kinds.includes(kind)) assets[state] += files;
    if (state === "stored") assets.bytes += bytes ?? 0;
    if (state === "wanted" && kinds.includes(kind)) waiting[kind] = (waiting[kind] ?? 0) + files;
  }
  return { assets, waiting };
}

/**
 * The archive itself is one copy. When nothing was ever backed up these are all songs: counted from an index, less the
 * removed ones.
 */
function underTwoCopies(db: Database, locations?: SeenLocation[]): number {
  const audio = sql`kind = 'audio' and clip_id is not null`;
  const there = locations?.filter(({ seen }) => seen !== false).map(({ location }) => location);
  const isThere = there ? sql`copies.location in (select value from json_each(${JSON.stringify(there)}))` : sql`true`;
  const { none } = db.get<{ none: number }>(sql`select not exists(select 1 from copies) as none`);
  const { songs } = none
    ? db.get<{ songs: number }>(sql`select (select count(*) from assets where ${audio}) - (select count(*) from assets
        where ${audio} and removed_at is not null and clip_id in (select id from clips where removed_at is not null)) as songs`)
    : db.get<{ songs: number }>(sql`select count(*) as songs from assets where ${audio} and removed_at is null
        and (state <> 'stored' or not exists (select 1 from copies where copies.sha256 = assets.sha256 and ${isThere}))`);
  return songs;
}

/** Negative counts, which subtract the files of removed clips: few, found through their clips. */
function removedFiles(db: Database): { state: AssetState; kind: AssetKind; files: number; bytes: number }[] {
  return db.all(sql`
    select state, kind, -count(*) as files, 0 as bytes from assets
    where removed_at is not null and clip_id in (select id from clips where removed_at is not null) group by state, kind`);
}

type AssetState = "wanted" | "stored" | "failed" | "gone";

/** Clips with at least one file of these kinds and none that is wanted, failed or gone: a song whose cover is lost is not safe. */
function completeClips(db: Database, kinds: AssetKind[]): number {
  const mirrored = sql`clip_id is not null and kind in ${kinds}`;
  const { safe } = db.get<{ safe: number }>(sql`
    select (select count(distinct clip_id) from assets where ${mirrored})
      - (select count(distinct clip_id) from assets where ${mirrored} and state in ('wanted', 'failed', 'gone')) as safe`);
  return safe;
}

import { sql } from "drizzle-orm";
import { archiveId } from "../archive/info.ts";
import { checkJournal, journalError } from "../archive/journal/check.ts";
import { notOurs, readOwnership } from "../assets/store/marker.ts";
import { isBackup } from "../db/backup-home.ts";
import { journalMode, type Database } from "../db/connection.ts";
import { isReadOnly } from "../db/open-copy.ts";
import type { MirrorError } from "../lib/errors.ts";
import { lastCompleteRunAt } from "../query/history/runs.ts";
import type { SeenLocation } from "../query/history/backup-locations.ts";
import { checkPages } from "../db/check-pages.ts";
import { bad, ok, warn, type Finding } from "./finding.ts";

const DAY_MS = 24 * 3600 * 1000;
/** The service deletes old songs. A library that is not synced for so long may lose some. */
const OLD_RUN_DAYS = 14;
const OLD_BACKUP_DAYS = 30;

/** The finding for a database that could not be opened. */
export function cannotOpen(error: MirrorError): Finding {
  return bad("database", error.message, error.hint ?? "see `producer-mirror --help`");
}

/** SQLite's own check of pages and rows, and whether it holds its whole journal. The files are left to `verify`. */
export function checkDatabase(db: Database, home: string): Finding {
  const [damage] = checkPages(db, false);
  const journal = damage === undefined ? checkJournal(home, db) : undefined;
  const problem = damage ?? (journal && journalError(home, journal).message);
  const advice = "`producer-mirror rebuild` builds it again from the journal and the files; or `restore` a backup";
  if (problem !== undefined) return bad("database", problem, advice);
  const found = "sound, and holds its whole journal";
  const mode = journalMode(db);
  if (mode === "wal" || isBackup(home) || isReadOnly(home)) return ok("database", found);
  return warn(
    "database",
    `${found}; in journal mode ${mode}, as a copy by hand leaves it: lists and writing commands wait for each other`,
    "the next command that writes, such as `producer-mirror sync`, turns write-ahead logging on again",
  );
}

/** Checks that the assets folder exists and belongs to this archive. */
export async function checkAssetsFolder(db: Database, folder: string): Promise<Finding> {
  const check = "assets folder";
  const ownership = await readOwnership(folder, archiveId(db));
  const expected = db.get<{ any: number }>(sql`select exists(select 1 from assets where state = 'stored') as any`).any;
  if (ownership === "ours") return ok(check, folder);
  if (!expected) return ok(check, `no files yet: ${folder}`);
  const { message, hint } = notOurs(folder, ownership);
  return bad(check, message, hint ?? "");
}

/** Checks the age of the last complete run, and the backups as they were just seen, newest first. */
export function checkAges(db: Database, now: number, locations: SeenLocation[]): Finding[] {
  const run = lastCompleteRunAt(db);
  return [
    age("last complete run", run, now, OLD_RUN_DAYS, "run `producer-mirror sync`, or `watch` on a schedule"),
    checkNewestBackup(locations, now),
    ...locations.filter(({ seen }) => seen === false).map(unseen),
  ];
}

const ANOTHER_DISK = "one disk is not enough: run `producer-mirror backup <folder>` with a folder on another disk";

/** Only a backup that is there counts; an off-site one counts as of its day. */
function checkNewestBackup(locations: SeenLocation[], now: number): Finding {
  const check = "newest backup";
  const newest = locations.find(({ seen, outcome }) => seen !== false && outcome === "complete");
  if (!newest) {
    const gone = locations.length > 0 ? "none is there now" : "none yet";
    return warn(check, gone, ANOTHER_DISK);
  }
  const { location, seen, sameDisk } = newest;
  const where = `${location}, ${seen ? "seen now" : "not looked at now"}`;
  const found = age(check, Date.parse(newest.finishedAt), now, OLD_BACKUP_DAYS, ANOTHER_DISK, where);
  const elsewhere = locations.some((one) => one.seen !== false && !one.sameDisk);
  return found.state === "ok" && sameDisk && !elsewhere
    ? warn(check, `${found.found}, but on the same disk as the archive`, ANOTHER_DISK)
    : found;
}

function unseen({ location, lastSeenAt, problem }: SeenLocation): Finding {
  const found = `${location}: not seen since ${lastSeenAt.slice(0, 16)}Z (${problem})`;
  return warn(
    "backup",
    found,
    "connect its disk, or back up to another location: it does not count as a copy until it is seen",
  );
}

function age(check: string, at: number | null, now: number, most: number, advice: string, where = ""): Finding {
  if (at === null) return warn(check, "none yet", advice);
  const days = Math.floor((now - at) / DAY_MS);
  if (days < -1)
    return warn(check, `${-days} days ahead of this clock${where && `: ${where}`}`, "set the clock, then run it again");
  const found = `${days < 1 ? "today" : `${days} ${days === 1 ? "day" : "days"} ago`}${where && `: ${where}`}`;
  return days > most ? warn(check, found, advice) : ok(check, found);
}

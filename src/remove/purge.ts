import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sql } from "drizzle-orm";
import { purgeFromJournal } from "../archive/journal/purge.ts";
import { purgeTexts } from "../archive/purge-texts.ts";
import { untrack } from "../archive/tracking.ts";
import { removeUnreadable } from "../archive/unreadable.ts";
import { clearCache } from "../assets/store/cache.ts";
import { purgeFiles } from "./purge-files.ts";
import { removeClips, requireFiles, type RemoveDeps } from "./remove.ts";

export type PurgedClips = {
  clips: number;
  files: number;
  documents: number;
  /** Locations where copies may still exist: backups, older databases, former homes. */
  stillIn: string[];
};

/**
 * Removes clips for good: deletes their files, blanks their texts in rows, documents, journal and full-text index, and
 * overwrites their former pages in the database file. A task whose clips are all purged is not fetched again. Other copies
 * are listed, not changed. The caller holds the lock. To complete a killed purge, run it again. Throws DiskError.
 */
export async function purgeClips(deps: RemoveDeps, clipIds: string[]): Promise<PurgedClips> {
  const stillIn = findOtherCopies(deps);
  await removeClips(deps, clipIds);
  const files = await purgeFiles(deps, clipIds);
  await requireFiles(deps);
  const client = deps.db.$client;
  client.pragma("secure_delete = on");
  const documents = blankTexts(deps, clipIds);
  removeUnreadable(deps.home, clipIds);
  client.exec("insert into clips_fts (clips_fts) values ('optimize')");
  client.exec("vacuum");
  client.pragma("wal_checkpoint(truncate)");
  clearCache(deps.home);
  return { clips: clipIds.length, files, documents, stillIn };
}

/**
 * Where purged texts and files may still exist, sorted: each location where a backup was started, whether or not it was
 * completed, older databases in the home, homes that a restore moved aside, and what is staged for a backup.
 */
function findOtherCopies({ db, home }: Pick<RemoveDeps, "db" | "home">): string[] {
  const backups = db.all<{ location: string }>(sql`select location from copies union select location from backups`);
  const inHome = readdirSync(home).filter((name) =>
    /^(archive\.db\.before-|before-restore-|backup-staging$)/.test(name),
  );
  const beside = namesIn(dirname(home)).filter((name) => name.startsWith(`${basename(home)}.before-restore-`));
  return [
    ...backups.map(({ location }) => location),
    ...inHome.map((name) => join(home, name)),
    ...beside.map((name) => join(dirname(home), name)),
  ].toSorted();
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The line of the purge comes first: after a kill, the next writer purges the rows, and the next purge the journal. */
function blankTexts({ db, journal, home, now }: RemoveDeps, clipIds: string[]): number {
  return journal.write(() => {
    const at = now();
    const { taskIds, emptyTaskIds, documents, redact } = purgeTexts({ db, journal }, clipIds, at);
    untrack({ db, journal }, emptyTaskIds, at);
    purgeFromJournal(home, db, { taskIds: new Set(taskIds), clipIds: new Set(clipIds), redact });
    return documents;
  });
}

import { archiveId } from "../archive/info.ts";
import { createVerifyResults, type VerifyResults } from "../archive/verify-results.ts";
import { openStore, type AssetStore } from "../assets/store/store.ts";
import type { Config } from "../config.ts";
import { openArchive } from "../db/archive-file.ts";
import { isBackup } from "../db/backup-home.ts";
import type { Database } from "../db/connection.ts";

/** The archive's files. Creates nothing. */
export function storeOf(config: Config, { db }: { db: Database }): AssetStore {
  return openStore(config.assets, archiveId(db));
}

/**
 * Records what verify finds. Opens the database for writing at the first result; that may throw. It is bookkeeping alone:
 * a database that is behind its journal stays so, as verify has reported it. Nothing is recorded in a backup.
 */
export function openVerifyResults({ home }: Config): VerifyResults & Disposable {
  let db: Database | undefined;
  let results: VerifyResults | undefined;
  const open = () => (results ??= createVerifyResults((db = openArchive(home))));
  const mayRecord = !isBackup(home);
  return {
    recordIntact: (files, now) => mayRecord && files.length > 0 && open().recordIntact(files, now),
    recordLost: (files) => mayRecord && files.length > 0 && open().recordLost(files),
    saveProgress: (run) => mayRecord && open().saveProgress(run),
    recordRun: (run) => mayRecord && open().recordRun(run),
    [Symbol.dispose]: () => void db?.$client.close(),
  };
}

/** The same for an archive that is open for a run. */
export function verifyResultsOf(db: Database): VerifyResults {
  return createVerifyResults(db);
}

/** The archive's own id. Throws IntegrityError. */
export function archiveIdOf(db: Database): string {
  return archiveId(db);
}

import { archiveId } from "../archive/info.ts";
import type { Journal } from "../archive/journal/entry.ts";
import { openJournal } from "../archive/journal/journal.ts";
import { hasCurrentRules } from "../archive/rules.ts";
import { openStore, type AssetStore } from "../assets/store/store.ts";
import type { Config } from "../config.ts";
import { openArchive } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";
import { acquireLock, type ArchiveLock } from "../db/lock.ts";
import { closedOnError, readyToWrite } from "./write-archive.ts";

/** Everything that one run needs. The archive's lock is held until this is disposed of. */
export type RunArchive = AsyncDisposable & { db: Database; journal: Journal; store: AssetStore };

export type RunOptions = {
  /** A database that is behind its journal stays so until the first change. */
  asItIs?: boolean;
  /** Called under the lock when other rules than those of this program made the rows. */
  renew?: () => Promise<void>;
};

/** Takes the lock and opens the archive. Throws LockedError when another run holds the lock, else as openForWriting does. */
export async function openForRun(config: Config, command: string, options: RunOptions = {}): Promise<RunArchive> {
  openArchive(config.home, { readOnly: true }).$client.close();
  const lock = acquireLock(config.home, command);
  try {
    let db = openLocked(config, options);
    if (options.renew && !hasCurrentRules(db)) {
      db.$client.close();
      await options.renew();
      db = openLocked(config, options);
    }
    const close = async () => {
      db.$client.close();
      lock.release();
      return Promise.resolve();
    };
    return {
      db,
      journal: openJournal({ home: config.home, db }),
      store: openStore(config.assets, archiveId(db)),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openLocked({ home, note }: Config, { asItIs = false }: RunOptions): Database {
  const db = openArchive(home, { locked: true, note });
  closedOnError(db, () => {
    if (!asItIs) readyToWrite(home, db);
  });
  return db;
}

/** Locks an archive whose database may be missing or damaged. Throws LockedError when another run holds the lock. */
export function lockArchive(config: Config, command: string): ArchiveLock {
  return acquireLock(config.home, command);
}

/** Locks the schedule of an archive. Throws LockedError when another schedule runs. Each run takes the archive's own lock. */
export function lockSchedule(config: Config): ArchiveLock {
  return acquireLock(config.home, "watch", 0, "watch");
}

import { rmSync } from "node:fs";
import { addUnsavedLines } from "../../archive/journal/journal.ts";
import { write } from "../../archive/transaction.ts";
import { buildArchiveFile, type ArchiveFacts } from "../../db/archive-file.ts";
import { connect, connectScratch, type Database } from "../../db/connection.ts";

/** An empty database beside the archive's own, which it may replace. Dispose of it to close it and to remove what is left. */
export function freshDatabase(path: string, facts: ArchiveFacts): Disposable & { db: Database; path: string } {
  const fresh = `${path}.new`;
  buildArchiveFile(fresh, facts);
  const db = connectScratch(fresh);
  return {
    db,
    path: fresh,
    [Symbol.dispose]() {
      db.$client.close();
      for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(fresh + suffix, { force: true });
    },
  };
}

/** Adds to a database that has just been replaced what short writers added to the journal meanwhile. */
export function addWhatWasWrittenMeanwhile(path: string, home: string): void {
  const db = connect(path);
  try {
    write(db, () => addUnsavedLines(home, db));
    db.$client.pragma("wal_checkpoint(truncate)");
  } finally {
    db.$client.close();
  }
}

import { recordOlderJournal } from "../archive/journal/check.ts";
import { addUnsavedLines } from "../archive/journal/journal.ts";
import { write } from "../archive/transaction.ts";
import { archivePath, openArchive } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";
import { isCopy } from "../db/open-copy.ts";

/** Adds what the journal has beyond the database that is read, or beyond its copy. Throws IntegrityError, DiskError. */
export function addMissingLines(home: string, reading: Database): void {
  withDatabase(home, reading, (db) => write(db, () => addUnsavedLines(home, db)));
}

/** Records how much an older program's database holds of its journal, in it or in its copy. Throws DiskError. */
export function countOlderJournal(home: string, reading: Database): void {
  withDatabase(home, reading, (db) => recordOlderJournal(home, db));
}

function withDatabase(home: string, reading: Database, work: (db: Database) => void): void {
  if (isCopy(reading, archivePath(home))) return work(reading);
  const db = openArchive(home);
  try {
    work(db);
  } finally {
    db.$client.close();
  }
}

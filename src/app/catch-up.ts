import { recordOlderJournal } from "../archive/journal/check.ts";
import { addUnsavedLines } from "../archive/journal/journal.ts";
import { write } from "../archive/transaction.ts";
import { openArchive } from "../db/archive-file.ts";
import type { Database } from "../db/connection.ts";

/** Adds what the journal has beyond the database. Throws IntegrityError, DiskError. */
export function addMissingLines(home: string): void {
  withDatabase(home, (db) => write(db, () => addUnsavedLines(home, db)));
}

/** Records how much an older program's database holds of its journal. Throws DiskError. */
export function countOlderJournal(home: string): void {
  withDatabase(home, (db) => recordOlderJournal(home, db));
}

function withDatabase(home: string, work: (db: Database) => void): void {
  const db = openArchive(home);
  try {
    work(db);
  } finally {
    db.$client.close();
  }
}

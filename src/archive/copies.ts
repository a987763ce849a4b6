import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { backups, copies } from "../db/schema.ts";
import { write } from "./transaction.ts";

export type BackupResult = {
  /** Milliseconds UTC; null when the backup did not reach its final name. */
  finishedAt: number | null;
  /** `incomplete`: the backup is in place, without files that were damaged in the archive. */
  outcome: "complete" | "incomplete" | "interrupted" | "failed";
  errorMessage: string | null;
  clips: number;
  files: number;
  bytes: number;
};

/** Rows per transaction: a sync that runs at the same time must not wait long. */
const BATCH = 1000;

/** Records the start of a backup to `location` (as in the table `copies`); returns its id. */
export function beginBackup(db: Database, location: string, startedAt: number): number {
  return db.insert(backups).values({ location, startedAt }).returning({ id: backups.id }).get().id;
}

/** Records how a backup ended. */
export function finishBackup(db: Database, id: number, end: BackupResult): void {
  db.update(backups).set(end).where(eq(backups.id, id)).run();
}

/** Records that the copies of these digests at `location` were read back and are correct. */
export function recordCopies(db: Database, location: string, digests: Iterable<string>, verifiedAt: number): void {
  const record = db
    .insert(copies)
    .values({ sha256: sql.placeholder("sha256"), location, verifiedAt })
    .onConflictDoUpdate({ target: [copies.sha256, copies.location], set: { verifiedAt } })
    .prepare();
  inBatches(db, digests, (sha256) => void record.run({ sha256 }));
}

/** Deletes the rows of these digests at `location`: no good copy exists there. */
export function forgetCopies(db: Database, location: string, digests: Iterable<string>): void {
  const forget = db
    .delete(copies)
    .where(and(eq(copies.location, location), eq(copies.sha256, sql.placeholder("sha256"))))
    .prepare();
  inBatches(db, digests, (sha256) => void forget.run({ sha256 }));
}

/** Deletes the rows of all other digests at `location`. */
export function forgetOtherCopies(db: Database, location: string, digests: ReadonlySet<string>): void {
  const recorded = db.select({ sha256: copies.sha256 }).from(copies).where(eq(copies.location, location)).all();
  const others = recorded.map(({ sha256 }) => sha256).filter((sha256) => !digests.has(sha256));
  forgetCopies(db, location, others);
}

function inBatches(db: Database, digests: Iterable<string>, work: (sha256: string) => void): void {
  const all = [...digests];
  for (let at = 0; at < all.length; at += BATCH) write(db, () => all.slice(at, at + BATCH).forEach(work));
}

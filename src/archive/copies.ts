import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { backups, copies } from "../db/schema.ts";
import { write } from "./transaction.ts";

export type BackupResult = {
  /** Milliseconds UTC; null when it did not get into place. */
  finishedAt: number | null;
  /** `incomplete`: in place, but for files that were damaged here. */
  outcome: "complete" | "incomplete" | "interrupted" | "failed";
  errorMessage: string | null;
  clips: number;
  files: number;
  bytes: number;
};

/** Rows of one transaction: a sync that runs meanwhile must not wait for long. */
const PAGE = 1000;

/** Notes that a backup to `location` (as in `copies`) began; returns its id. */
export function beginBackup(db: Database, location: string, startedAt: number): number {
  return db.insert(backups).values({ location, startedAt }).returning({ id: backups.id }).get().id;
}

export function finishBackup(db: Database, id: number, end: BackupResult): void {
  db.update(backups).set(end).where(eq(backups.id, id)).run();
}

/** Notes that the copies of these digests at `location` were read and are right. */
export function recordCopies(db: Database, location: string, digests: Iterable<string>, verifiedAt: number): void {
  const note = db
    .insert(copies)
    .values({ sha256: sql.placeholder("sha256"), location, verifiedAt })
    .onConflictDoUpdate({ target: [copies.sha256, copies.location], set: { verifiedAt } })
    .prepare();
  inPages(db, digests, (sha256) => void note.run({ sha256 }));
}

/** Takes back what was noted of these digests at `location`: there is no good copy. */
export function forgetCopies(db: Database, location: string, digests: Iterable<string>): void {
  const forget = db
    .delete(copies)
    .where(and(eq(copies.location, location), eq(copies.sha256, sql.placeholder("sha256"))))
    .prepare();
  inPages(db, digests, (sha256) => void forget.run({ sha256 }));
}

/** Takes back what was noted of every other digest at `location`. */
export function forgetOtherCopies(db: Database, location: string, digests: ReadonlySet<string>): void {
  const noted = db.select({ sha256: copies.sha256 }).from(copies).where(eq(copies.location, location)).all();
  const others = noted.map(({ sha256 }) => sha256).filter((sha256) => !digests.has(sha256));
  forgetCopies(db, location, others);
}

function inPages(db: Database, digests: Iterable<string>, work: (sha256: string) => void): void {
  const all = [...digests];
  for (let at = 0; at < all.length; at += PAGE) write(db, () => all.slice(at, at + PAGE).forEach(work));
}

import { sql } from "drizzle-orm";
import { journalProblems, type ReplayedJournal } from "../../archive/replay-journal.ts";
import type { Database } from "../../db/connection.ts";
import type { FilesFound } from "./find-files.ts";

export type RebuildReport = Pick<ReplayedJournal, "lines" | "documents" | "torn" | "repeated" | "unknown"> & {
  /** What is wrong with the journal, one text each. Damaged lines were moved to a `.bad` file. */
  damaged: string[];
  /** Lines that the journal had lost and that were written again from the old database. */
  rescued: number;
  tracked: number;
  tasks: number;
  clips: number;
  /** `wanted`: to be fetched, without those that the old database knew to be gone. */
  assets: FilesFound & { wanted: number };
  /** Whether the history of runs, verifies and backups was taken over; null when there was no old database. */
  historyKept: boolean | null;
  /** The path of the old database; null when there was none, and in a dry run. */
  before: string | null;
};

/** What a new database and its replay show. */
export function reportOf(
  db: Database,
  replayed: ReplayedJournal,
  found: FilesFound,
): Omit<RebuildReport, "rescued" | "historyKept" | "before"> {
  const { lines, documents, torn, repeated, unknown } = replayed;
  const damaged = journalProblems({ ...replayed, isSame: true });
  const { wanted } = db.get<{ wanted: number }>(
    sql`select count(*) as wanted from assets where state in ('wanted', 'failed') and removed_at is null`,
  );
  return { lines, documents, damaged, torn, repeated, unknown, ...countRows(db), assets: { ...found, wanted } };
}

function countRows(db: Database): { tracked: number; tasks: number; clips: number } {
  return db.get(sql`select (select count(*) from tracked_tasks where untracked_at is null) as tracked,
    (select count(*) from tasks) as tasks, (select count(*) from clips where removed_at is null) as clips`);
}

import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { archiveInfo, assets, verifyRuns } from "../db/schema.ts";
import { write } from "./transaction.ts";

/** The row of a file as it was when the file was checked. A row that changed since then is not updated. */
export type CheckedFile = { id: number; path: string; sha256: string | null; storedAt: number | null };

export type VerifyRun = Omit<typeof verifyRuns.$inferInsert, "id">;

/** A verify that was stopped, and where the next one of its mode continues. */
export type UnfinishedVerify = {
  mode: string;
  /** Milliseconds UTC. */
  startedAt: number;
  /** Rows up to this id have been checked. */
  after: number;
  /** Among them, files that were damaged or could not be read: they are checked again. */
  again: number[];
  /** Count and bytes of the files that were intact. */
  ok: number;
  bytes: number;
};

export type VerifyResults = {
  /** The bytes of these files are as they were stored. Files that were recorded as lost become `stored` again. */
  recordIntact(files: CheckedFile[], now: number): void;
  /** These files are missing or damaged, and become `wanted`. `path` and `sha256` keep what was stored. */
  recordLost(files: (CheckedFile & { reason: string })[]): void;
  /** Where the next verify continues; null when it starts from the beginning. */
  saveProgress(run: UnfinishedVerify | null): void;
  recordRun(run: VerifyRun): void;
};

const PROGRESS_KEY = "verify_unfinished";

/** Records what verify finds, in short transactions, since a sync may run at the same time. */
export function createVerifyResults(db: Database): VerifyResults {
  const value = (name: string) => sql`${sql.placeholder(name)}`;
  const unchanged = and(
    eq(assets.id, sql.placeholder("id")),
    eq(assets.path, sql.placeholder("path")),
    sql`sha256 is ${sql.placeholder("sha256")} and stored_at is ${sql.placeholder("storedAt")}`,
  );
  const cleared = { nextAttemptAt: null, lastError: null, misses: 0, firstMissAt: null };
  const setIntact = db
    .update(assets)
    .set({ ...cleared, state: "stored", verifiedAt: value("now") })
    .where(unchanged)
    .prepare();
  const setLost = db
    .update(assets)
    .set({ state: "wanted", lastError: value("reason"), nextAttemptAt: null })
    .where(and(unchanged, eq(assets.state, "stored")))
    .prepare();
  return {
    recordIntact: (files, now) => {
      if (files.length > 0) write(db, () => files.forEach((file) => void setIntact.run({ ...file, now })));
    },
    recordLost: (files) => {
      if (files.length > 0) write(db, () => files.forEach((file) => void setLost.run(file)));
    },
    saveProgress: (run) => {
      const fact = { key: PROGRESS_KEY, value: JSON.stringify(run) };
      if (run === null) db.delete(archiveInfo).where(eq(archiveInfo.key, PROGRESS_KEY)).run();
      else db.insert(archiveInfo).values(fact).onConflictDoUpdate({ target: archiveInfo.key, set: fact }).run();
    },
    recordRun: (run) => void db.insert(verifyRuns).values(run).run(),
  };
}

/** The verify of this mode that was stopped; undefined when there is none to continue. */
export function unfinishedVerify(db: Database, mode: string): UnfinishedVerify | undefined {
  const row = db.select().from(archiveInfo).where(eq(archiveInfo.key, PROGRESS_KEY)).get();
  if (row === undefined) return undefined;
  try {
    const run = JSON.parse(row.value) as UnfinishedVerify;
    return run.mode === mode && Number.isSafeInteger(run.after) && Array.isArray(run.again) ? run : undefined;
  } catch {
    return undefined;
  }
}

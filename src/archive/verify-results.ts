import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { archiveInfo, assets, verifyRuns } from "../db/schema.ts";
import { write } from "./transaction.ts";

/** The row of a file as it was when the file was looked at: one that changed since is left alone. */
export type LookedAt = { id: number; path: string; sha256: string | null; storedAt: number | null };

export type VerifyRun = Omit<typeof verifyRuns.$inferInsert, "id">;

/** A verify that was stopped: where the next one of its mode goes on. */
export type UnfinishedVerify = {
  mode: string;
  /** Milliseconds UTC. */
  startedAt: number;
  /** Rows up to this id have been looked at. */
  after: number;
  /** Among them these files were not right, or could not be read: they are looked at again. */
  again: number[];
  /** Of those that were right. */
  ok: number;
  bytes: number;
};

export type VerifyNotes = {
  /** The bytes of these are right; those that were thought lost are stored again. */
  right(files: LookedAt[], now: number): void;
  /** These are missing or damaged: wanted again, `path` and `sha256` stay and tell what was here. */
  lost(files: (LookedAt & { reason: string })[]): void;
  /** Where the next one goes on; null: nowhere. */
  unfinished(run: UnfinishedVerify | null): void;
  finished(run: VerifyRun): void;
};

const UNFINISHED = "verify_unfinished";

/** Writes down what verify found, in short transactions beside whatever else runs. */
export function createVerifyNotes(db: Database): VerifyNotes {
  const value = (name: string) => sql`${sql.placeholder(name)}`;
  const same = and(
    eq(assets.id, sql.placeholder("id")),
    eq(assets.path, sql.placeholder("path")),
    sql`sha256 is ${sql.placeholder("sha256")} and stored_at is ${sql.placeholder("storedAt")}`,
  );
  const nothing = { nextAttemptAt: null, lastError: null, misses: 0, firstMissAt: null };
  const right = db
    .update(assets)
    .set({ ...nothing, state: "stored", verifiedAt: value("now") })
    .where(same)
    .prepare();
  const lost = db
    .update(assets)
    .set({ state: "wanted", lastError: value("reason"), nextAttemptAt: null })
    .where(and(same, eq(assets.state, "stored")))
    .prepare();
  return {
    right: (files, now) => {
      if (files.length > 0) write(db, () => files.forEach((file) => void right.run({ ...file, now })));
    },
    lost: (files) => {
      if (files.length > 0) write(db, () => files.forEach((file) => void lost.run(file)));
    },
    unfinished: (run) => {
      const fact = { key: UNFINISHED, value: JSON.stringify(run) };
      if (run === null) db.delete(archiveInfo).where(eq(archiveInfo.key, UNFINISHED)).run();
      else db.insert(archiveInfo).values(fact).onConflictDoUpdate({ target: archiveInfo.key, set: fact }).run();
    },
    finished: (run) => void db.insert(verifyRuns).values(run).run(),
  };
}

/** The verify of this mode that was stopped; undefined when there is none to go on from. */
export function unfinishedVerify(db: Database, mode: string): UnfinishedVerify | undefined {
  const row = db.select().from(archiveInfo).where(eq(archiveInfo.key, UNFINISHED)).get();
  if (row === undefined) return undefined;
  try {
    const run = JSON.parse(row.value) as UnfinishedVerify;
    return run.mode === mode && Number.isSafeInteger(run.after) && Array.isArray(run.again) ? run : undefined;
  } catch {
    return undefined;
  }
}

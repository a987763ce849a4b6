import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { assets, verifyRuns } from "../db/schema.ts";
import { write } from "./transaction.ts";

/** The row of a file as it was when the file was looked at: one that changed since is left alone. */
export type LookedAt = { id: number; path: string; sha256: string | null; storedAt: number | null };

export type VerifyRun = Omit<typeof verifyRuns.$inferInsert, "id">;

export type VerifyNotes = {
  /** The bytes of these are right; those that were thought lost are stored again. */
  right(files: LookedAt[], now: number): void;
  /** These are missing or damaged: wanted again, `path` and `sha256` stay and tell what was here. */
  lost(files: (LookedAt & { reason: string })[]): void;
  finished(run: VerifyRun): void;
};

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
    finished: (run) => void db.insert(verifyRuns).values(run).run(),
  };
}

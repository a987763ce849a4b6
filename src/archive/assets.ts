import { and, eq, isNotNull, ne, or, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { assets, type AssetRow } from "../db/schema.ts";
import type { Journal } from "./journal/entry.ts";
import { STORED_FACTS, type StoredFacts } from "./stored-facts.ts";

export type AssetKey = Pick<AssetRow, "id" | "taskId" | "clipId" | "kind">;

/** A file that is on the disk, `now` in milliseconds UTC. */
export type NewlyStored = { asset: AssetKey; file: StoredFacts; now: number };

export type AssetWriter = {
  /** All of them in one transaction: one append to the journal, then the rows. */
  markAllStored(files: readonly NewlyStored[]): void;
  markStored(asset: AssetKey, file: StoredFacts, now: number): void;
  /** A file that was thought lost is present and unchanged. */
  markFound(id: number, now: number): void;
  markFailed(id: number, failure: { message: string; httpStatus: number | null; nextAttemptAt: number }): void;
  /** Upstream says that the file does not exist, by a fresh URL too. `gone` is true from the second miss that is old enough. */
  markMissed(id: number, miss: { firstMissAt: number; misses: number; gone: boolean; nextAttemptAt: number }): void;
};

/**
 * Writes the rows of files. A row is updated only after the bytes are on the disk, never before; a journal line records
 * which clip or task each file belongs to, so that `rebuild` need not guess. Statements are prepared once.
 */
export function createAssetWriter(db: Database, journal: Journal): AssetWriter {
  const value = (name: string) => sql`${sql.placeholder(name)}`;
  const byId = eq(assets.id, sql.placeholder("id"));
  const attempts = sql`${assets.attempts} + 1`;
  const storedColumns = Object.fromEntries(STORED_FACTS.map((name) => [name, value(name)]));
  const noFailure = { nextAttemptAt: null, lastError: null, misses: 0, firstMissAt: null };
  const stored = db
    .update(assets)
    .set({
      ...storedColumns,
      ...noFailure,
      state: "stored",
      attempts,
      storedAt: value("now"),
      verifiedAt: value("now"),
    })
    .where(byId)
    .prepare();
  const found = db
    .update(assets)
    .set({ ...noFailure, state: "stored", verifiedAt: value("now") })
    .where(byId)
    .prepare();
  const failed = db
    .update(assets)
    .set({
      state: "failed",
      attempts,
      lastError: value("message"),
      httpStatus: value("httpStatus"),
      nextAttemptAt: value("nextAttemptAt"),
    })
    .where(byId)
    .prepare();
  const missed = db
    .update(assets)
    .set({
      state: value("state"),
      misses: value("misses"),
      firstMissAt: value("firstMissAt"),
      nextAttemptAt: value("nextAttemptAt"),
    })
    .where(byId)
    .prepare();
  const markAllStored = (files: readonly NewlyStored[]) => {
    const changes = files.map(({ asset, file, now }) => ({
      asset,
      values: Object.fromEntries(STORED_FACTS.map((name) => [name, file[name]])) as StoredFacts,
      now,
    }));
    journal.write((append) => {
      const entries = changes.map(({ asset: { taskId, clipId, kind }, values, now: at }) => {
        return { type: "stored", at, taskId, clipId, kind, ...values } as const;
      });
      append(entries, entries.at(-1)?.at ?? 0);
      for (const { asset, values, now } of changes) stored.run({ id: asset.id, ...values, now });
    });
  };
  return {
    markAllStored,
    markStored: (asset, file, now) => markAllStored([{ asset, file, now }]),
    markFound: (id, now) => void found.run({ id, now }),
    markFailed: (id, failure) => void failed.run({ id, ...failure }),
    markMissed: (id, { gone, ...miss }) => void missed.run({ id, ...miss, state: gone ? "gone" : "failed" }),
  };
}

/** The current row of one file; undefined when there is none. */
export function readAsset(db: Database, id: number): AssetRow | undefined {
  return db.select().from(assets).where(eq(assets.id, id)).get();
}

/** Whether a file that is not stored now had these bytes. */
export function isWantedDigest(db: Database, sha256: string): boolean {
  const isNotStored = or(ne(assets.state, "stored"), isNotNull(assets.removedAt));
  const row = db
    .select({ id: assets.id })
    .from(assets)
    .where(and(eq(assets.sha256, sha256), isNotStored))
    .get();
  return row !== undefined;
}

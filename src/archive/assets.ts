import { eq, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { assets, type AssetRow } from "../db/schema.ts";
import type { Journal } from "./journal/journal.ts";

/** What is known of a file once it lies under its final name, durable and checked. */
export type StoredFacts = Pick<
  AssetRow,
  | "path"
  | "bytes"
  | "sha256"
  | "contentType"
  | "etag"
  | "lastModified"
  | "durationSeconds"
  | "proof"
  | "note"
  | "httpStatus"
>;

export type AssetKey = Pick<AssetRow, "id" | "taskId" | "clipId" | "kind">;

export type AssetWriter = {
  stored(asset: AssetKey, file: StoredFacts, now: number): void;
  /** A file that was thought lost lies there as it was. */
  found(id: number, now: number): void;
  failed(id: number, failure: { message: string; httpStatus: number | null; nextAttemptAt: number }): void;
  /** A file that upstream says is not there, also by a fresh URL; `gone` from the second miss that is old enough. */
  missed(id: number, miss: { firstMissAt: number; misses: number; gone: boolean; nextAttemptAt: number }): void;
};

/**
 * The row of a file follows its bytes, never the other way round; a line of the journal says which file belongs to what,
 * so that `rebuild` need not guess. Statements are built once.
 */
export function createAssetWriter(db: Database, journal: Journal): AssetWriter {
  const value = (name: string) => sql`${sql.placeholder(name)}`;
  const byId = eq(assets.id, sql.placeholder("id"));
  const attempts = sql`${assets.attempts} + 1`;
  const columns: (keyof StoredFacts)[] = [
    "path",
    "bytes",
    "sha256",
    "contentType",
    "etag",
    "lastModified",
    "durationSeconds",
    "proof",
    "note",
    "httpStatus",
  ];
  const storedColumns = Object.fromEntries(columns.map((name) => [name, value(name)]));
  const nothing = { nextAttemptAt: null, lastError: null, misses: 0, firstMissAt: null };
  const stored = db
    .update(assets)
    .set({ ...storedColumns, ...nothing, state: "stored", attempts, storedAt: value("now"), verifiedAt: value("now") })
    .where(byId)
    .prepare();
  const found = db
    .update(assets)
    .set({ ...nothing, state: "stored", verifiedAt: value("now") })
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
  return {
    stored({ id, taskId, clipId, kind }, file, now) {
      const values = Object.fromEntries(columns.map((name) => [name, file[name]])) as StoredFacts;
      journal.note([{ type: "stored", at: now, taskId, clipId, kind, ...values }], now);
      stored.run({ id, ...values, now });
    },
    found: (id, now) => void found.run({ id, now }),
    failed: (id, failure) => void failed.run({ id, ...failure }),
    missed: (id, { gone, ...miss }) => void missed.run({ id, ...miss, state: gone ? "gone" : "failed" }),
  };
}

/** The row of one file as it is now. */
export function readAsset(db: Database, id: number): AssetRow | undefined {
  return db.select().from(assets).where(eq(assets.id, id)).get();
}

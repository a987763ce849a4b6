import { and, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { assets, clips } from "../db/schema.ts";
import type { Journal } from "./journal/entry.ts";

type Writer = { db: Database; journal: Journal };

/** The path of a removed file, relative to the trash: `2026-11-23/1d/1dd08826-….m4a`. `removedAt` is milliseconds UTC. */
export function trashPath(path: string, removedAt: number): string {
  return `${new Date(removedAt).toISOString().slice(0, 10)}/${path}`;
}

/** The path, relative to the assets folder, that a file in the trash had. */
export function originalPath(trashed: string): string {
  return trashed.slice(trashed.indexOf("/") + 1);
}

/**
 * Marks clips as removed by the user. Their files are no longer due; a stored file keeps its `path` until it has been
 * moved to the trash (`recordTrashed`), so that a killed `rm` can be continued. Returns how many clips were not removed
 * before.
 */
export function markRemoved({ db, journal }: Writer, clipIds: string[], now: number): number {
  return journal.write((append) => {
    const present = and(inArray(clips.id, clipIds), isNull(clips.removedAt));
    const ids = db.select({ id: clips.id }).from(clips).where(present).all();
    if (ids.length === 0) return 0;
    append([{ type: "remove", at: now, clipIds: ids.map(({ id }) => id) }], now);
    db.update(clips).set({ removedAt: now }).where(present).run();
    db.update(assets)
      .set({
        removedAt: now,
        trashPath: sql`case when ${assets.state} = 'stored' then ${trashPath("", now)} || path end`,
        state: "gone",
        nextAttemptAt: null,
      })
      .where(and(inArray(assets.clipId, clipIds), isNull(assets.removedAt)))
      .run();
    return ids.length;
  });
}

/** A file that is to be moved to the trash. */
export type FileToTrash = { id: number; path: string; trashPath: string; sha256: string | null };

/** Files of removed clips that have not been moved to the trash yet. */
export function filesToTrash(db: Database): FileToTrash[] {
  const { id, path, sha256 } = assets;
  return db
    .select({ id, path, trashPath: assets.trashPath, sha256 })
    .from(assets)
    .where(and(isNotNull(assets.removedAt), isNotNull(path), isNotNull(assets.trashPath)))
    .all() as FileToTrash[];
}

/** Records that a file was moved to the trash; `path` is null when the file did not exist. */
export function recordTrashed(db: Database, id: number, path: string | null): void {
  db.update(assets).set({ path: null, trashPath: path }).where(eq(assets.id, id)).run();
}

/**
 * Undoes a removal. The files are moved back first: `restored` maps the row ids of files that are in the assets folder
 * again to their paths.
 */
export function unmarkRemoved(
  { db, journal }: Writer,
  clipIds: string[],
  restored: Map<number, string>,
  now: number,
): void {
  journal.write((append) => {
    append([{ type: "keep", at: now, clipIds }], now);
    db.update(clips).set({ removedAt: null }).where(inArray(clips.id, clipIds)).run();
    const notRemoved = { removedAt: null, trashPath: null };
    db.update(assets)
      .set({ ...notRemoved, state: "wanted", path: null, misses: 0, firstMissAt: null, lastError: null })
      .where(inArray(assets.clipId, clipIds))
      .run();
    for (const [id, path] of restored) db.update(assets).set({ state: "stored", path }).where(eq(assets.id, id)).run();
  });
}

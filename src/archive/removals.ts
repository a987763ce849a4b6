import { and, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { assets, clips, clipTags } from "../db/schema.ts";
import type { Journal } from "./journal/journal.ts";
import { write } from "./transaction.ts";

type Writer = { db: Database; journal: Journal };

/** Where a file of a clip that was taken out at `removedAt` lies, relative to the trash: `2026-11-23/1d/1dd08826-….m4a`. */
export function trashPath(path: string, removedAt: number): string {
  return `${new Date(removedAt).toISOString().slice(0, 10)}/${path}`;
}

/** The path that a file in the trash had. */
export function originalPath(trashed: string): string {
  return trashed.slice(trashed.indexOf("/") + 1);
}

/**
 * Marks clips as taken out by their owner. Their files are not due any more; one that was stored keeps its `path` until
 * it is in the trash (`movedToTrash`), so that a killed `rm` goes on. Returns how many were not taken out before.
 */
export function markRemoved({ db, journal }: Writer, clipIds: string[], now: number): number {
  return write(db, () => {
    const kept = and(inArray(clips.id, clipIds), isNull(clips.removedAt));
    const ids = db.select({ id: clips.id }).from(clips).where(kept).all();
    if (ids.length === 0) return 0;
    journal.append([{ type: "remove", at: now, clipIds: ids.map(({ id }) => id) }], now);
    db.update(clips).set({ removedAt: now }).where(kept).run();
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

/** A file that is to be moved into the trash. */
export type FileToTrash = { id: number; path: string; trashPath: string; sha256: string | null };

/** Files of removed clips that still lie under their own names. */
export function filesToTrash(db: Database): FileToTrash[] {
  const { id, path, sha256 } = assets;
  return db
    .select({ id, path, trashPath: assets.trashPath, sha256 })
    .from(assets)
    .where(and(isNotNull(assets.removedAt), isNotNull(path), isNotNull(assets.trashPath)))
    .all() as FileToTrash[];
}

/** Its bytes are in the trash; null when they were nowhere. */
export function recordTrashed(db: Database, id: number, place: string | null): void {
  db.update(assets).set({ path: null, trashPath: place }).where(eq(assets.id, id)).run();
}

/** Takes the marks back. The files are brought back first: `back` are those whose bytes lie under their names again. */
export function unmarkRemoved(
  { db, journal }: Writer,
  clipIds: string[],
  back: Map<number, string>,
  now: number,
): void {
  write(db, () => {
    journal.append([{ type: "keep", at: now, clipIds }], now);
    db.update(clips).set({ removedAt: null }).where(inArray(clips.id, clipIds)).run();
    const again = { removedAt: null, trashPath: null };
    db.update(assets)
      .set({ ...again, state: "wanted", path: null, misses: 0, firstMissAt: null, lastError: null })
      .where(inArray(assets.clipId, clipIds))
      .run();
    for (const [id, path] of back) db.update(assets).set({ state: "stored", path }).where(eq(assets.id, id)).run();
  });
}

const NO_TEXTS = { title: null, lyric: null, prompt: null, style: null, sound: null, topic: null };

/** Marks clips as purged: their texts are blank from now on, their tags away, and no record fills them again. */
export function markPurged({ db, journal }: Writer, clipIds: string[], now: number): void {
  write(db, () => {
    journal.append([{ type: "purge", at: now, clipIds }], now);
    db.update(clips)
      .set({ ...NO_TEXTS, purgedAt: now })
      .where(inArray(clips.id, clipIds))
      .run();
    db.update(assets).set({ trashPath: null }).where(inArray(assets.clipId, clipIds)).run();
    db.delete(clipTags).where(inArray(clipTags.clipId, clipIds)).run();
  });
}

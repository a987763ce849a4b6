import { eq, sql } from "drizzle-orm";
import type { Database } from "../../db/connection.ts";
import { clipMarks } from "../../db/schema.ts";
import type { Journal, MarkChange } from "../journal/entry.ts";

type Writer = { db: Database; journal: Journal };
type Marks = Omit<typeof clipMarks.$inferSelect, "clipId">;

/**
 * Gives clips stars, ratings and plays, or takes them. What is already as wanted is neither written nor in the journal;
 * each play is one more, but for one of the very time of the last. Clips that do not exist or were purged get none.
 * Returns how many clips changed.
 */
export function changeMarks({ db, journal }: Writer, clipIds: string[], change: MarkChange, now: number): number {
  return journal.write((append) => {
    const ids = clipsToMark(db, clipIds, change);
    if (ids.length === 0) return 0;
    append([{ type: "mark", at: now, clipIds: ids, change }], now);
    for (const id of ids) save(db, id, marked(marksOfOne(db, id), change, now));
    return ids.length;
  });
}

/**
 * Counts one play of a clip. `playedAt`: when a device says that it was; a play of the very time of the last one is the
 * same, sent again. Returns whether it counted.
 */
export function countPlay(writer: Writer, clipId: string, playedAt: number | undefined, now: number): boolean {
  return writer.journal.write(() => {
    const { lastPlayedAt } = marksOfOne(writer.db, clipId);
    const at = playedAt === undefined ? Math.max(now, (lastPlayedAt ?? 0) + 1) : Math.min(playedAt, now);
    return changeMarks(writer, [clipId], { playedAt: at }, now) > 0;
  });
}

/** Counts the clips that `changeMarks` would change. Writes nothing. */
export function planMarks(db: Database, clipIds: string[], change: MarkChange): number {
  return clipsToMark(db, clipIds, change).length;
}

function clipsToMark(db: Database, clipIds: string[], change: MarkChange): string[] {
  const there = db.all<{ id: string }>(sql`select id from clips
    where id in (select value from json_each(${JSON.stringify(clipIds)})) and purged_at is null`);
  const ids = new Set(there.map(({ id }) => id));
  return [...new Set(clipIds)].filter((id) => ids.has(id) && changes(marksOfOne(db, id), change));
}

const NONE: Marks = { starredAt: null, rating: 0, plays: 0, lastPlayedAt: null };

function marksOfOne(db: Database, id: string): Marks {
  const { clipId: _clipId, ...marks } =
    db.select().from(clipMarks).where(eq(clipMarks.clipId, id)).get() ?? NONE_OF_ALL;
  return marks;
}

const NONE_OF_ALL = { clipId: "", ...NONE };

function changes(marks: Marks, change: MarkChange): boolean {
  if ("starred" in change) return change.starred !== (marks.starredAt !== null);
  if ("playedAt" in change) return change.playedAt !== marks.lastPlayedAt;
  if ("plays" in change) return !isSame(marks, change);
  return change.rating !== marks.rating;
}

function marked(marks: Marks, change: MarkChange, now: number): Marks {
  if ("starred" in change) return { ...marks, starredAt: change.starred ? now : null };
  if ("plays" in change) return change;
  if ("rating" in change) return { ...marks, rating: change.rating };
  return { ...marks, plays: marks.plays + 1, lastPlayedAt: Math.max(marks.lastPlayedAt ?? 0, change.playedAt) };
}

/** A clip without any mark has no row. */
function save(db: Database, clipId: string, marks: Marks): void {
  if (isSame(marks, NONE)) db.delete(clipMarks).where(eq(clipMarks.clipId, clipId)).run();
  else
    db.insert(clipMarks)
      .values({ clipId, ...marks })
      .onConflictDoUpdate({ target: clipMarks.clipId, set: marks })
      .run();
}

function isSame(one: Marks, other: Marks): boolean {
  return (Object.keys(NONE) as (keyof Marks)[]).every((name) => one[name] === other[name]);
}

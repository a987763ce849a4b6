import { isNotNull, isNull, or } from "drizzle-orm";
import type { JournalEntry } from "../../archive/journal/journal.ts";
import type { Database } from "../../db/connection.ts";
import { clips, clipTags, trackedTasks } from "../../db/schema.ts";
import { foldTag } from "../../lib/text/tag-names.ts";
import type { JournalContents } from "./journal-contents.ts";

/** What its owner decided, the database knows and the journal does not: in one line, and as the lines that it lacks. */
export type UntoldMark = { text: string; lines: JournalEntry[] };

/** Tracking, marks and tags that a rebuild would lose. */
export function untoldMarks(db: Database, journal: JournalContents): UntoldMark[] {
  return [...untoldTracking(db, journal), ...untoldRemovals(db, journal), ...untoldTags(db, journal)];
}

function untoldTracking(db: Database, { tracked }: JournalContents): UntoldMark[] {
  return trackingRows(db).flatMap((row): UntoldMark[] => {
    const { taskId: id, untrackedAt: at } = row;
    const isKnown = tracked.has(id);
    const untracked: JournalEntry[] = at === null ? [] : [{ type: "untrack", at, taskIds: [id] }];
    if (!isKnown)
      return [{ text: `task id ${id}: the journal does not say that it is tracked`, lines: [told(row), ...untracked] }];
    if (at === null || tracked.get(id) !== null) return [];
    return [{ text: `task id ${id}: the journal does not say that it was untracked`, lines: untracked }];
  });
}

function untoldRemovals(db: Database, { removed, purged }: JournalContents): UntoldMark[] {
  const { id, removedAt, purgedAt } = clips;
  const rows = db
    .select({ id, removedAt, purgedAt })
    .from(clips)
    .where(or(isNotNull(removedAt), isNotNull(purgedAt)))
    .all();
  return rows.flatMap((row): UntoldMark[] => [
    ...untold("remove", row.id, row.removedAt, removed, "taken out"),
    ...untold("purge", row.id, row.purgedAt, purged, "purged"),
  ]);
}

function untold(
  type: "remove" | "purge",
  id: string,
  at: number | null,
  known: ReadonlyMap<string, number>,
  what: string,
): UntoldMark[] {
  if (at === null || known.has(id)) return [];
  return [{ text: `clip ${id}: the journal does not say that it was ${what}`, lines: [{ type, at, clipIds: [id] }] }];
}

function untoldTags(db: Database, { tags }: JournalContents): UntoldMark[] {
  const rows = db.select().from(clipTags).all();
  return rows
    .filter(({ clipId, tag }) => !tags.get(clipId)?.has(tag))
    .map(({ clipId, tag, addedAt: at }) => ({
      text: `clip ${clipId}: the journal does not say that it has the tag "${tag}"`,
      lines: [{ type: "tag", at, clipIds: [clipId], added: [tag], removed: [] }],
    }));
}

/**
 * Lines that take back what the journal says and the database does not, and set right when it says that something was:
 * to be added where lines are damaged, since one of these may have done so. Where all are whole a kill came between a line
 * and its commit, or the database lost a row: then the line is the last word.
 */
export function correctedMarks(db: Database, journal: JournalContents, now: number): JournalEntry[] {
  return [
    ...trackingRows(db)
      .filter((row) => row.untrackedAt === null && journal.tracked.get(row.taskId))
      .map(told),
    ...correctedRemovals(db, journal, now),
    ...correctedTags(db, journal, now),
  ];
}

function correctedRemovals(db: Database, { removed }: JournalContents, now: number): JournalEntry[] {
  const { id, removedAt } = clips;
  const rows = db.select({ id, removedAt }).from(clips).all();
  return rows.flatMap((row): JournalEntry[] => {
    const clipIds = [row.id];
    if (!removed.has(row.id) || removed.get(row.id) === row.removedAt) return [];
    return [
      row.removedAt === null ? { type: "keep", at: now, clipIds } : { type: "remove", at: row.removedAt, clipIds },
    ];
  });
}

function correctedTags(db: Database, { tags }: JournalContents, now: number): JournalEntry[] {
  const rows = new Map(
    db
      .select()
      .from(clipTags)
      .all()
      .map((row) => [`${row.clipId} ${row.tag}`, row.addedAt]),
  );
  return [...tags].flatMap(([id, own]) =>
    [...own].flatMap(([tag, told]): JournalEntry[] => {
      const at = rows.get(`${id} ${tag}`);
      if (at === told) return [];
      const off: JournalEntry = { type: "tag", at: now, clipIds: [id], added: [], removed: [tag] };
      return at === undefined ? [off] : [off, { type: "tag", at, clipIds: [id], added: [tag], removed: [] }];
    }),
  );
}

/**
 * Tags that the journal tells of, on clips that are here, and the database does not have: a kill came between a line and its
 * commit, or rows were lost.
 */
export function lostTags(db: Database, { tags }: JournalContents): (typeof clipTags.$inferSelect)[] {
  const { id, purgedAt } = clips;
  const here = db.select({ id }).from(clips).where(isNull(purgedAt)).all();
  const rows = new Set(
    db
      .select()
      .from(clipTags)
      .all()
      .map(({ clipId, tag }) => `${clipId} ${foldTag(tag)}`),
  );
  return here.flatMap(({ id: clipId }) =>
    [...(tags.get(clipId) ?? [])]
      .filter(([tag]) => !rows.has(`${clipId} ${foldTag(tag)}`))
      .map(([tag, addedAt]) => ({ clipId, tag, addedAt })),
  );
}

type TrackingRow = typeof trackedTasks.$inferSelect;

function trackingRows(db: Database): TrackingRow[] {
  return db.select().from(trackedTasks).all();
}

function told({ taskId, service, source, addedAt: at }: TrackingRow): JournalEntry {
  return { type: "track", at, service, source, taskIds: [taskId] };
}

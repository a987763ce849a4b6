import { isNotNull, isNull, or } from "drizzle-orm";
import type { JournalEntry } from "../../archive/journal/journal.ts";
import type { Database } from "../../db/connection.ts";
import { clips, clipTags, trackedTasks } from "../../db/schema.ts";
import { foldTag } from "../../lib/text/tag-names.ts";
import type { JournalContents } from "./journal-contents.ts";

/** A decision of the user that is in the database but not in the journal: one line of text, and the missing entries. */
export type MissingDecision = { text: string; lines: JournalEntry[] };

/** Tracking, removals and tags that a rebuild would lose. */
export function missingFromJournal(db: Database, journal: JournalContents): MissingDecision[] {
  return [...missingTracking(db, journal), ...missingRemovals(db, journal), ...missingTags(db, journal)];
}

function missingTracking(db: Database, { tracked }: JournalContents): MissingDecision[] {
  return trackingRows(db).flatMap((row): MissingDecision[] => {
    const { taskId: id, untrackedAt: at } = row;
    const isKnown = tracked.has(id);
    const untracked: JournalEntry[] = at === null ? [] : [{ type: "untrack", at, taskIds: [id] }];
    if (!isKnown)
      return [
        {
          text: `task id ${id}: the journal does not record that it is tracked`,
          lines: [trackEntry(row), ...untracked],
        },
      ];
    if (at === null || tracked.get(id) !== null) return [];
    return [{ text: `task id ${id}: the journal does not record that it was untracked`, lines: untracked }];
  });
}

function missingRemovals(db: Database, { removed, purged }: JournalContents): MissingDecision[] {
  const { id, removedAt, purgedAt } = clips;
  const rows = db
    .select({ id, removedAt, purgedAt })
    .from(clips)
    .where(or(isNotNull(removedAt), isNotNull(purgedAt)))
    .all();
  return rows.flatMap((row): MissingDecision[] => [
    ...missingDecision("remove", row.id, row.removedAt, removed, "removed"),
    ...missingDecision("purge", row.id, row.purgedAt, purged, "purged"),
  ]);
}

function missingDecision(
  type: "remove" | "purge",
  id: string,
  at: number | null,
  known: ReadonlyMap<string, number>,
  what: string,
): MissingDecision[] {
  if (at === null || known.has(id)) return [];
  return [
    { text: `clip ${id}: the journal does not record that it was ${what}`, lines: [{ type, at, clipIds: [id] }] },
  ];
}

function missingTags(db: Database, { tags }: JournalContents): MissingDecision[] {
  const rows = db.select().from(clipTags).all();
  return rows
    .filter(({ clipId, tag }) => !tags.get(clipId)?.has(tag))
    .map(({ clipId, tag, addedAt: at }) => ({
      text: `clip ${clipId}: the journal does not record its tag "${tag}"`,
      lines: [{ type: "tag", at, clipIds: [clipId], added: [tag], removed: [] }],
    }));
}

/**
 * Entries that undo decisions which are in the journal but not in the database, and that correct their times. They are
 * added only when lines of the journal are damaged, since a damaged line may have been the undo. When no line is damaged,
 * the journal is right: a kill came between the line and its commit, or the database lost a row.
 */
export function correctionLines(db: Database, journal: JournalContents, now: number): JournalEntry[] {
  return [
    ...trackingRows(db)
      .filter((row) => row.untrackedAt === null && journal.tracked.get(row.taskId))
      .map(trackEntry),
    ...removalCorrections(db, journal, now),
    ...tagCorrections(db, journal, now),
  ];
}

function removalCorrections(db: Database, { removed }: JournalContents, now: number): JournalEntry[] {
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

function tagCorrections(db: Database, { tags }: JournalContents, now: number): JournalEntry[] {
  const rows = new Map(
    db
      .select()
      .from(clipTags)
      .all()
      .map((row) => [`${row.clipId} ${row.tag}`, row.addedAt]),
  );
  return [...tags].flatMap(([id, tagsOfClip]) =>
    [...tagsOfClip].flatMap(([tag, journaledAt]): JournalEntry[] => {
      const at = rows.get(`${id} ${tag}`);
      if (at === journaledAt) return [];
      const removal: JournalEntry = { type: "tag", at: now, clipIds: [id], added: [], removed: [tag] };
      return at === undefined ? [removal] : [removal, { type: "tag", at, clipIds: [id], added: [tag], removed: [] }];
    }),
  );
}

/**
 * Tags that are in the journal but not in the database, of clips that are in the archive: a kill came between a line and its
 * commit, or rows were lost.
 */
export function tagsMissingFromDatabase(db: Database, { tags }: JournalContents): (typeof clipTags.$inferSelect)[] {
  const { id, purgedAt } = clips;
  const clipIds = db.select({ id }).from(clips).where(isNull(purgedAt)).all();
  const rows = new Set(
    db
      .select()
      .from(clipTags)
      .all()
      .map(({ clipId, tag }) => `${clipId} ${foldTag(tag)}`),
  );
  return clipIds.flatMap(({ id: clipId }) =>
    [...(tags.get(clipId) ?? [])]
      .filter(([tag]) => !rows.has(`${clipId} ${foldTag(tag)}`))
      .map(([tag, addedAt]) => ({ clipId, tag, addedAt })),
  );
}

type TrackingRow = typeof trackedTasks.$inferSelect;

function trackingRows(db: Database): TrackingRow[] {
  return db.select().from(trackedTasks).all();
}

function trackEntry({ taskId, service, source, addedAt: at }: TrackingRow): JournalEntry {
  return { type: "track", at, service, source, taskIds: [taskId] };
}

import { and, isNotNull, or } from "drizzle-orm";
import type { Journal, JournalEntry } from "../../archive/journal/journal.ts";
import { originalPath } from "../../archive/removals.ts";
import { editJournal } from "../../archive/journal/edit.ts";
import { write } from "../../archive/transaction.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { assets, clipTags } from "../../db/schema.ts";
import type { DatabaseCheckDeps } from "../database/check-contents.ts";
import { fileKey, readJournalContents, type JournalContents } from "../database/journal-contents.ts";
import { correctionLines, missingFromJournal, tagsMissingFromDatabase } from "../database/check-decisions.ts";
import { documentsMissingFromJournal, currentDocumentLines } from "./journal-documents.ts";

export type DatabaseRepairDeps = DatabaseCheckDeps & { store: AssetStore; journal: Journal; now: () => number };

/**
 * Adds to the journal what only the database has, so that a rebuild would lose nothing: documents at their old position, all
 * else at the end. Moves damaged lines to `<file>.bad`. `confirmedRows`: ids of file rows that match the file on the disk.
 * Returns the changes made, one line each.
 */
export function repairJournal(
  deps: DatabaseRepairDeps,
  known: JournalContents,
  confirmedRows: ReadonlySet<number>,
): string[] {
  const { db, home, journal, now, signal } = deps;
  const { broken } = known;
  // Other writers append inside their own transactions, so none can append now.
  return write(db, () => {
    const missing = documentsMissingFromJournal(db, known);
    const behind = missing.flatMap(({ behind: position, entries }) => (position ? [{ ...position, entries }] : []));
    if (signal.aborted) return [];
    if (broken.length + behind.length > 0) editJournal(home, { quarantine: broken, insertAfter: behind });
    let added = behind.length;
    const append = (entries: JournalEntry[]) => {
      journal.append(entries, now());
      added += entries.length;
    };
    for (const { behind: position, entries } of missing) if (!position) append(entries());
    if (broken.length > 0) for (const entry of currentDocumentLines(db, known)) append([entry]);
    append(fileLines(db, known, confirmedRows));
    append(missingFromJournal(db, known).flatMap(({ lines }) => lines));
    if (broken.length > 0) append(correctionLines(db, known, now()));
    return describeChanges(added, broken.length);
  });
}

/** Entries of files that only the database has. The entry of a file in the trash has the path from before its removal. */
function fileLines(db: Database, { stored }: JournalContents, confirmedRows: ReadonlySet<number>): JournalEntry[] {
  const rows = db
    .select()
    .from(assets)
    .where(and(or(isNotNull(assets.path), isNotNull(assets.trashPath)), isNotNull(assets.sha256)))
    .all();
  return rows
    .filter((row) => !stored.has(fileKey(row)) || confirmedRows.has(row.id))
    .map(({ storedAt, taskId, clipId, kind, bytes, sha256, contentType, etag, lastModified, ...row }) => {
      const { durationSeconds, proof, note, httpStatus } = row;
      const path = row.path ?? originalPath(row.trashPath ?? "");
      const file = { path, bytes, sha256, contentType, etag, lastModified, durationSeconds, proof, note, httpStatus };
      return { type: "stored", at: storedAt ?? 0, taskId, clipId, kind, ...file };
    });
}

function describeChanges(added: number, moved: number): string[] {
  return [
    ...(added > 0 ? [`${added} ${added === 1 ? "line was" : "lines were"} added to the journal`] : []),
    ...(moved > 0 ? [`${moved} damaged ${moved === 1 ? "line" : "lines"} of the journal moved to a .bad file`] : []),
  ];
}

/**
 * Restores tags in the database that the journal has. When lines of the journal are damaged, one of them may have removed
 * the tag: then the database is right. Returns the changes made, in one line or none. Throws the signal's reason.
 */
export function repairTags({ db, home, signal }: DatabaseCheckDeps, journal: JournalContents): string[] {
  if (journal.broken.length > 0 || tagsMissingFromDatabase(db, journal).length === 0) return [];
  const count = write(db, () => {
    // A tag may have been removed since the journal was read. Inside this transaction nobody can remove one.
    const lost = tagsMissingFromDatabase(db, readJournalContents(home, signal));
    for (const row of lost) db.insert(clipTags).values(row).run();
    return lost.length;
  });
  return count > 0 ? [`${count} ${count === 1 ? "tag was" : "tags were"} restored from the journal`] : [];
}

import { and, isNotNull, or } from "drizzle-orm";
import type { Journal, JournalEntry } from "../../archive/journal/journal.ts";
import { pathBefore } from "../../archive/removals.ts";
import { mendLines } from "../../archive/journal/mend.ts";
import { write } from "../../archive/transaction.ts";
import type { AssetStore } from "../../assets/store/store.ts";
import type { Database } from "../../db/connection.ts";
import { assets } from "../../db/schema.ts";
import type { Contents } from "../database/check-contents.ts";
import { fileKey, type JournalContents } from "../database/journal-contents.ts";
import { correctedMarks, untoldMarks } from "../database/check-decisions.ts";
import { lackingDocuments, standingAgain } from "./journal-documents.ts";

export type DatabaseRepairDeps = Contents & { store: AssetStore; journal: Journal; now: () => number };

/**
 * Adds to the journal what the database knows and it does not, so that a rebuild would lose nothing: documents where they
 * once stood, all else at its end. Puts lines that say nothing aside. `proven`: rows of files that lie there as the rows
 * say. Says what it did.
 */
export function mendJournal(deps: DatabaseRepairDeps, known: JournalContents, proven: ReadonlySet<number>): string[] {
  const { db, home, journal, now, signal } = deps;
  const { broken } = known;
  // Other writers append inside of their own transactions.
  return write(db, () => {
    const lacking = lackingDocuments(db, known);
    const behind = lacking.flatMap(({ behind: place, entries }) => (place ? [{ ...place, entries }] : []));
    if (signal.aborted) return [];
    if (broken.length + behind.length > 0) mendLines(home, { aside: broken, behind });
    let added = behind.length;
    const append = (entries: JournalEntry[]) => {
      journal.append(entries, now());
      added += entries.length;
    };
    for (const { behind: place, entries } of lacking) if (!place) append(entries());
    if (broken.length > 0) for (const entry of standingAgain(db, known)) append([entry]);
    append(fileLines(db, known, proven));
    append(untoldMarks(db, known).flatMap(({ lines }) => lines));
    if (broken.length > 0) append(correctedMarks(db, known, now()));
    return said(added, broken.length);
  });
}

/** Files of which only the database knows what they are; one in the trash is told of by the name that it had. */
function fileLines(db: Database, { stored }: JournalContents, proven: ReadonlySet<number>): JournalEntry[] {
  const rows = db
    .select()
    .from(assets)
    .where(and(or(isNotNull(assets.path), isNotNull(assets.trashPath)), isNotNull(assets.sha256)))
    .all();
  return rows
    .filter((row) => !stored.has(fileKey(row)) || proven.has(row.id))
    .map(({ storedAt, taskId, clipId, kind, bytes, sha256, contentType, etag, lastModified, ...row }) => {
      const { durationSeconds, proof, note, httpStatus } = row;
      const path = row.path ?? pathBefore(row.trashPath ?? "");
      const file = { path, bytes, sha256, contentType, etag, lastModified, durationSeconds, proof, note, httpStatus };
      return { type: "stored", at: storedAt ?? 0, taskId, clipId, kind, ...file };
    });
}

function said(added: number, aside: number): string[] {
  return [
    ...(added > 0 ? [`${added} ${added === 1 ? "line was" : "lines were"} added to the journal`] : []),
    ...(aside > 0 ? [`${aside} damaged ${aside === 1 ? "line" : "lines"} of the journal put aside`] : []),
  ];
}

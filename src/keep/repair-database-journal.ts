import { and, eq, isNotNull } from "drizzle-orm";
import type { Journal, JournalEntry } from "../archive/journal.ts";
import { setAsideLines } from "../archive/mend-journal.ts";
import { write } from "../archive/transaction.ts";
import type { AssetStore } from "../assets/store.ts";
import type { Database } from "../db/connection.ts";
import { assets, trackedTasks, type TaskDocumentRow } from "../db/schema.ts";
import {
  findTroubles,
  unmarked,
  untagged,
  untold,
  type Contents,
  type TaskTrouble,
} from "./check-database-contents.ts";
import { fileKey, type JournalContents } from "./check-database-journal.ts";

export type DatabaseRepairDeps = Contents & { store: AssetStore; journal: Journal; now: () => number };

/**
 * Adds to the journal what the database knows and it does not, so that a rebuild would lose nothing; then puts lines that
 * say nothing aside. `documents`: whether it lacks any; `proven`: rows of files that lie there as the rows say. Says what
 * it did.
 */
export async function mendJournal(
  deps: DatabaseRepairDeps,
  known: JournalContents,
  documents: boolean,
  proven: ReadonlySet<number>,
): Promise<string[]> {
  const { db, home, journal, now, signal } = deps;
  const add = (lines: JournalEntry[]) => {
    if (lines.length > 0) write(db, () => journal.append(lines, now()));
    return lines.length;
  };
  let added = add(untold(db, known).flatMap((id) => trackingLines(db, id)));
  if (documents) for await (const trouble of findTroubles(deps, known)) added += add(documentLines(trouble));
  if (signal.aborted) return said(added, 0);
  added += add(fileLines(db, known, proven));
  added += add(unmarked(db, known).map(({ id, removedAt: at }) => ({ type: "remove", at, clipIds: [id] })));
  added += add(
    untagged(db, known).map(({ clipId, tag, addedAt: at }) => ({
      type: "tag",
      at,
      clipIds: [clipId],
      added: [tag],
      removed: [],
    })),
  );
  // Other writers append inside of their own transactions.
  if (known.broken.length > 0) write(db, () => setAsideLines(home, known.broken));
  return said(added, known.broken.length);
}

function trackingLines(db: Database, id: string): JournalEntry[] {
  const row = db.select().from(trackedTasks).where(eq(trackedTasks.taskId, id)).get();
  if (!row) return [];
  const { service, source, addedAt, untrackedAt } = row;
  const tracked: JournalEntry = { type: "track", at: addedAt, service, source, taskIds: [id] };
  return untrackedAt === null ? [tracked] : [tracked, { type: "untrack", at: untrackedAt, taskIds: [id] }];
}

/** Older versions first and as such; the current one last, since the last word is what stands. */
function documentLines({ task, notInJournal }: TaskTrouble): JournalEntry[] {
  const isCurrent = ({ version }: TaskDocumentRow) => version === task.documentVersion;
  const ordered = notInJournal.toSorted((one, other) => Number(isCurrent(one)) - Number(isCurrent(other)));
  return ordered.map((row) => {
    const { taskId, fetchedAt: at, sha256, document } = row;
    const kind = row.kind === "result" ? "result" : "record";
    const line = { type: "document", at, service: task.service, taskId, kind, sha256, document } as const;
    return isCurrent(row) ? line : { ...line, stands: false };
  });
}

/** Files of which only the database knows what they are. */
function fileLines(db: Database, { stored }: JournalContents, proven: ReadonlySet<number>): JournalEntry[] {
  const rows = db
    .select()
    .from(assets)
    .where(and(eq(assets.state, "stored"), isNotNull(assets.path), isNotNull(assets.sha256)))
    .all();
  return rows
    .filter((row) => !stored.has(fileKey(row)) || proven.has(row.id))
    .map(({ storedAt, taskId, clipId, kind, path, bytes, sha256, contentType, etag, lastModified, ...row }) => {
      const { durationSeconds, proof, note, httpStatus } = row;
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

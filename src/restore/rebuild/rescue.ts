import type { JournalEntry } from "../../archive/journal/entry.ts";
import { lastSeq, readHeld, type Held } from "../../archive/journal/held.ts";
import { openJournal } from "../../archive/journal/journal.ts";
import { rewriteJournal } from "../../archive/journal/rewrite.ts";
import type { ReplayedJournal } from "../../archive/replay-journal.ts";
import type { Database } from "../../db/connection.ts";
import { rescueFromOld, tasksWithLostRecords } from "./take-over.ts";

/** The old database, as far as it can be read. `held`: undefined when it does not say what it holds. */
export type OldDatabase = { db: Database; held: Held | undefined };

export type RescueDeps = { home: string; now: () => number };

/** How many lines `rescue` would write. */
export function countRescued(db: Database, old: OldDatabase, replayed: ReplayedJournal, deps: RescueDeps): number {
  if (isSame(old, replayed)) return 0;
  return [...rescueFromOld(db, tasksWithLostRecords(db), decisionsAt(old, replayed, deps))].length;
}

function isSame(old: OldDatabase, replayed: ReplayedJournal): boolean {
  return old.held !== undefined && replayed.isSame;
}

/** Writes to the journal what it has lost and the old database has; returns how many lines. Call it in a write transaction. */
export function rescue(db: Database, old: OldDatabase, replayed: ReplayedJournal, deps: RescueDeps): number {
  if (isSame(old, replayed)) return 0;
  const { home, now } = deps;
  const journal = openJournal({ home, db });
  const tasks = tasksWithLostRecords(db);
  const last = lastSeq(readHeld(db));
  let lines = 0;
  let batch: JournalEntry[] = [];
  const flush = () => {
    if (batch.length > 0) journal.write((append) => append(batch, now()));
    lines += batch.length;
    batch = [];
  };
  for (const entry of rescueFromOld(db, tasks, decisionsAt(old, replayed, deps))) {
    batch.push(entry);
    if (batch.length === RESCUED_AT_ONCE) flush();
  }
  flush();
  // Only now, with all versions in the journal again: the order of the lines decides what the rows are.
  if (tasks.size > 0) rewriteJournal(home, db, (text) => (isRecord(text, tasks, last) ? "" : text));
  return lines;
}

/** Undefined when the old database is older than the journal, or does not say how old it is. */
function decisionsAt({ held }: OldDatabase, replayed: ReplayedJournal, { now }: RescueDeps): number | undefined {
  return held !== undefined && lastSeq(replayed.held) <= lastSeq(held) ? now() : undefined;
}

/** Whether a line is a record of one of these tasks, of a change up to this one. */
function isRecord(text: string, tasks: ReadonlySet<string>, last: number): boolean {
  if (!text.includes('"type":"document"')) return false;
  try {
    const { taskId = "", seq = 0 } = JSON.parse(text) as { taskId?: string; seq?: number };
    return tasks.has(taskId) && seq <= last;
  } catch {
    return false;
  }
}

const RESCUED_AT_ONCE = 200;

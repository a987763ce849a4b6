import { sql } from "drizzle-orm";
import { createHash } from "node:crypto";
import { readJournal } from "../../archive/journal/read.ts";
import type { JournalEntry } from "../../archive/journal/journal.ts";
import { unmarkRemoved, markPurged, markRemoved } from "../../archive/removals.ts";
import { createRecordSaver, type RecordSaver } from "../../archive/records.ts";
import { changeTags } from "../../archive/tags.ts";
import { track, untrack } from "../../archive/tracking.ts";
import type { Database } from "../../db/connection.ts";
import { mapRecord } from "../../record/map.ts";
import { readRecord, readResult } from "../../record/wire.ts";
import type { IncomingRecord } from "../../archive/records.ts";

export type NextCheckAt = (state: string, createdAt: number | null, now: number) => number | null;
type StoredEntry = Extract<JournalEntry, { type: "stored" }>;
type DocumentEntry = Extract<JournalEntry, { type: "document" }>;

export type Replayed = {
  lines: number;
  documents: number;
  /** `2026-11.ndjson line 7: it is no JSON`. Lines that a crash cut are not among them. */
  damaged: string[];
  torn: number;
  /** Lines of kinds that a newer program writes, by kind. */
  unknown: Record<string, number>;
  /** Put on and taken off at the end: a record whose line was put back by a repair stands behind them. */
  tags: Extract<JournalEntry, { type: "tag" }>[];
  /** The last word on each file, by `<clip or task id> <kind>`. */
  stored: Map<string, StoredEntry>;
};

export type Replay = { home: string; nextCheckAt: NextCheckAt; signal: AbortSignal; onLine(lines: number): void };

/** The answers of one moment were saved together; more at once would be one long transaction. */
const MOST_TOGETHER = 200;

/** Saves everything that the journal tells into an empty database, in the order in which it came. */
export function replayJournal(db: Database, { home, nextCheckAt, signal, onLine }: Replay): Replayed {
  // What is replayed stands in the journal already.
  const journal = { append() {}, appendUnflushed() {} };
  const save = createRecordSaver(db, journal);
  const replayed: Replayed = { lines: 0, documents: 0, damaged: [], torn: 0, unknown: {}, tags: [], stored: new Map() };
  let together: DocumentEntry[] = [];
  const saveTogether = () => {
    saveDocuments(save, together, replayed, nextCheckAt);
    together = [];
  };
  for (const line of readJournal(home)) {
    signal.throwIfAborted();
    onLine(++replayed.lines);
    const place = `${line.file} line ${line.line}`;
    if ("broken" in line) {
      if (line.torn) replayed.torn++;
      else replayed.damaged.push(`${place}: ${line.broken}`);
    } else if ("unknown" in line) replayed.unknown[line.unknown] = (replayed.unknown[line.unknown] ?? 0) + 1;
    else if (line.entry.type === "document") {
      if (together[0] && (together[0].at !== line.entry.at || together.length === MOST_TOGETHER)) saveTogether();
      if (isWhole(line.entry)) together.push(line.entry);
      else replayed.damaged.push(`${place}: its document does not fit its sha256`);
    } else {
      saveTogether();
      applyMark({ db, journal }, line.entry, replayed);
    }
  }
  saveTogether();
  for (const { clipIds, added, removed, at } of replayed.tags)
    changeTags({ db, journal }, clipIds, { added, removed }, at);
  completeTracking(db);
  return replayed;
}

/** A line of the journal may be away: what is mirrored is tracked all the same, in the state that its record has. */
function completeTracking(db: Database): void {
  db.run(sql`insert into tracked_tasks (task_id, source, added_at, state, attempts)
    select id, 'journal', first_seen_at, state, 1 from tasks where id not in (select task_id from tracked_tasks)`);
  db.run(sql`update tracked_tasks set state = (select state from tasks where id = task_id), next_check_at = null
    where exists (select 1 from tasks where id = task_id and tasks.state <> tracked_tasks.state)`);
}

type Writer = Parameters<typeof track>[0];

function applyMark(writer: Writer, entry: Exclude<JournalEntry, DocumentEntry>, { stored, tags }: Replayed): void {
  // Who the archive is was read before there was a database.
  if (entry.type === "archive") return;
  if (entry.type === "stored") stored.set(`${entry.clipId ?? entry.taskId} ${entry.kind}`, entry);
  else if (entry.type === "tag") tags.push(entry);
  else if (entry.type === "untrack") untrack(writer, entry.taskIds, entry.at);
  else if (entry.type === "track")
    track(writer, entry.taskIds, { source: entry.source, now: entry.at, explicit: true });
  else if (entry.type === "remove") {
    // A kill may have come between an earlier such line and its commit: the last one says when.
    unmarkRemoved(writer, entry.clipIds, new Map(), entry.at);
    markRemoved(writer, entry.clipIds, entry.at);
  } else if (entry.type === "keep") unmarkRemoved(writer, entry.clipIds, new Map(), entry.at);
  else markPurged(writer, entry.clipIds, entry.at);
}

function saveDocuments(
  save: RecordSaver,
  entries: DocumentEntry[],
  replayed: Replayed,
  nextCheckAt: NextCheckAt,
): void {
  const [first] = entries;
  if (!first) return;
  const incoming = entries.flatMap((entry) => toIncoming(entry, replayed));
  save(incoming, { now: first.at, nextCheckAt: (state, createdAt) => nextCheckAt(state, createdAt, first.at) });
  replayed.documents += incoming.length;
}

function toIncoming({ taskId, kind, document, stands }: DocumentEntry, { damaged }: Replayed): IncomingRecord[] {
  const reading = kind === "record" ? readRecord(document) : readResult(taskId, document);
  if (!("record" in reading)) {
    damaged.push(`a document of task ${taskId}: it cannot be read as a ${kind}`);
    return [];
  }
  const mapped = mapRecord({ ...reading.record, id: taskId }, kind === "result");
  return [{ mapped, document, kind, isPrimary: stands !== false }];
}

function isWhole({ document, sha256 }: DocumentEntry): boolean {
  return createHash("sha256").update(document).digest("hex") === sha256;
}

import { sql } from "drizzle-orm";
import { createHash } from "node:crypto";
import { readJournal } from "../../archive/journal/read.ts";
import { isPrimary, type DocumentEntry, type JournalEntry } from "../../archive/journal/journal.ts";
import { unmarkRemoved, markPurged, markRemoved } from "../../archive/removals.ts";
import { createRecordSaver, type RecordSaver } from "../../archive/records.ts";
import { changeTags } from "../../archive/tags.ts";
import { track, untrack } from "../../archive/tracking.ts";
import type { Database } from "../../db/connection.ts";
import { mapRecord } from "../../record/map.ts";
import { readRecord, readResult } from "../../record/wire.ts";
import type { IncomingRecord } from "../../archive/records.ts";
import { nextCheckAt } from "../../record/schedule.ts";

type StoredEntry = Extract<JournalEntry, { type: "stored" }>;

export type ReplayResult = {
  lines: number;
  documents: number;
  /** `2026-11.ndjson line 7: it is not JSON`. Lines that a crash cut short are not included. */
  damaged: string[];
  /** Lines that a crash cut short. */
  torn: number;
  /** Count of lines by type, of types that only a newer program knows. */
  unknown: Record<string, number>;
  /** Applied at the end, because a repair may have added the document of a clip after its tags. */
  tags: Extract<JournalEntry, { type: "tag" }>[];
  /** The last entry of each file, by `<clip or task id> <kind>`. */
  stored: Map<string, StoredEntry>;
};

export type ReplayOptions = {
  home: string;
  signal: AbortSignal;
  onLine(lines: number): void;
};

/** Documents with the same time were saved in one transaction. This limits its length. */
const MAX_BATCH = 200;

/** Applies every line of the journal to an empty database, in order. Throws the signal's reason. */
export function replayJournal(db: Database, { home, signal, onLine }: ReplayOptions): ReplayResult {
  // The replayed entries are in the journal already.
  const journal = { append() {}, appendUnflushed() {} };
  const save = createRecordSaver(db, journal);
  const replayed: ReplayResult = {
    lines: 0,
    documents: 0,
    damaged: [],
    torn: 0,
    unknown: {},
    tags: [],
    stored: new Map(),
  };
  let batch: DocumentEntry[] = [];
  const saveBatch = () => {
    saveDocuments(save, batch, replayed);
    batch = [];
  };
  for (const line of readJournal(home)) {
    signal.throwIfAborted();
    onLine(++replayed.lines);
    const position = `${line.file} line ${line.line}`;
    if ("broken" in line) {
      if (line.torn) replayed.torn++;
      else replayed.damaged.push(`${position}: ${line.broken}`);
    } else if ("unknown" in line) replayed.unknown[line.unknown] = (replayed.unknown[line.unknown] ?? 0) + 1;
    else if (line.entry.type === "document") {
      if (batch[0] && (batch[0].at !== line.entry.at || batch.length === MAX_BATCH)) saveBatch();
      if (matchesDigest(line.entry)) batch.push(line.entry);
      else replayed.damaged.push(`${position}: its document does not match its sha256`);
    } else {
      saveBatch();
      applyDecision({ db, journal }, line.entry, replayed);
    }
  }
  saveBatch();
  for (const { clipIds, added, removed, at } of replayed.tags)
    changeTags({ db, journal }, clipIds, { added, removed }, at);
  completeTracking(db);
  return replayed;
}

/** A line may be missing from the journal. Every task in the archive is tracked, with the state of its record. */
function completeTracking(db: Database): void {
  db.run(sql`insert into tracked_tasks (task_id, source, added_at, state, attempts)
    select id, 'journal', first_seen_at, state, 1 from tasks where id not in (select task_id from tracked_tasks)`);
  db.run(sql`update tracked_tasks set state = (select state from tasks where id = task_id), next_check_at = null
    where exists (select 1 from tasks where id = task_id and tasks.state <> tracked_tasks.state)`);
}

type Writer = Parameters<typeof track>[0];

function applyDecision(
  writer: Writer,
  entry: Exclude<JournalEntry, DocumentEntry>,
  { stored, tags }: ReplayResult,
): void {
  // The archive's id was read before the database was created.
  if (entry.type === "archive") return;
  if (entry.type === "stored") stored.set(`${entry.clipId ?? entry.taskId} ${entry.kind}`, entry);
  else if (entry.type === "tag") tags.push(entry);
  else if (entry.type === "untrack") untrack(writer, entry.taskIds, entry.at);
  else if (entry.type === "track")
    track(writer, entry.taskIds, { source: entry.source, now: entry.at, explicit: true });
  else if (entry.type === "remove") {
    // A kill may have come between an earlier line and its commit. The time of the last line counts.
    unmarkRemoved(writer, entry.clipIds, new Map(), entry.at);
    markRemoved(writer, entry.clipIds, entry.at);
  } else if (entry.type === "keep") unmarkRemoved(writer, entry.clipIds, new Map(), entry.at);
  else markPurged(writer, entry.clipIds, entry.at);
}

function saveDocuments(save: RecordSaver, entries: DocumentEntry[], replayed: ReplayResult): void {
  const [first] = entries;
  if (!first) return;
  const incoming = entries.flatMap((entry) => toIncoming(entry, replayed));
  save(incoming, { now: first.at, nextCheckAt: (state, createdAt) => nextCheckAt(state, createdAt, first.at) });
  replayed.documents += incoming.length;
}

function toIncoming(entry: DocumentEntry, { damaged }: ReplayResult): IncomingRecord[] {
  const { taskId, kind, document } = entry;
  const reading = kind === "record" ? readRecord(document) : readResult(taskId, document);
  if (!("record" in reading)) {
    damaged.push(`a document of task ${taskId}: it cannot be read as a ${kind}`);
    return [];
  }
  const mapped = mapRecord({ ...reading.record, id: taskId }, kind === "result");
  return [{ mapped, document, kind, isPrimary: isPrimary(entry) }];
}

function matchesDigest({ document, sha256 }: DocumentEntry): boolean {
  return createHash("sha256").update(document).digest("hex") === sha256;
}

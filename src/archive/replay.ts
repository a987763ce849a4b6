import { hash } from "node:crypto";
import { and, inArray, isNotNull } from "drizzle-orm";
import type { Database } from "../db/connection.ts";
import { assets } from "../db/schema.ts";
import { mapRecord } from "../record/map.ts";
import { nextCheckAt } from "../record/schedule.ts";
import { readRecord, readResult } from "../record/wire.ts";
import { createAssetWriter } from "./assets.ts";
import { isPrimary, type DocumentEntry, type Journal, type JournalEntry } from "./journal/entry.ts";
import type { JournalLine } from "./journal/read.ts";
import { changeMarks } from "./marks/marks.ts";
import { applyToPlaylist } from "./marks/playlist-rows.ts";
import { purgeTexts } from "./purge-texts.ts";
import { createRecordSaver, type IncomingRecord } from "./records.ts";
import { markRemoved, originalPath, unmarkRemoved } from "./removals.ts";
import { changeTags } from "./tags.ts";
import { track, untrack } from "./tracking.ts";

/** What a replay of the journal found in its lines. */
export type ReplayFindings = {
  lines: number;
  documents: number;
  /** `2026-11.ndjson line 7: it is not JSON`. Lines that a crash cut short are not included. */
  damaged: DamagedLine[];
  /** Lines that a crash cut short. */
  torn: number;
  /** Lines whose change had been replayed before. */
  repeated: number;
  /** Count of lines by type, of types that only a newer program knows. */
  unknown: Record<string, number>;
};

export type DamagedLine = { file: string; line: number; why: string };

export type Replay = ReplayFindings & {
  apply(line: JournalLine): void;
  /** Applies what waited for later lines. */
  finish(): void;
};

/** Documents with the same time were saved together. This limits how many. */
const MAX_BATCH = 200;

/** Adds these lines to the database, in the caller's transaction. */
export function replayLines(db: Database, lines: Iterable<JournalLine>): void {
  const replay = createReplay(db);
  for (const line of lines) replay.apply(line);
  replay.finish();
}

/**
 * Applies lines of the journal to a database, in their order, by the code that wrote them. Call it inside transactions.
 * A change that was replayed before is passed over: a file of the journal may have been copied.
 */
export function createReplay(db: Database): Replay {
  // The lines are in the journal already.
  const journal: Journal = { write: (work) => work(() => {}) };
  const save = createRecordSaver(db, journal);
  const files = createFileReplay(db, journal);
  const writer = { db, journal };
  const waiting: Decision[] = [];
  const split = createSplit(files.hasRow);
  const isNewChange = changesOnce();
  let batch = { at: 0, incoming: [] as IncomingRecord[] };
  const findings: ReplayFindings = { lines: 0, documents: 0, damaged: [], torn: 0, repeated: 0, unknown: {} };
  const damaged = ({ upTo }: JournalLine, why: string) =>
    void findings.damaged.push({ file: upTo.name, line: upTo.lines, why });
  const saveBatch = () => {
    const { at: now, incoming } = batch;
    if (incoming.length > 0)
      save(incoming, { now, nextCheckAt: (state, createdAt) => nextCheckAt(state, createdAt, now) });
    findings.documents += incoming.length;
    batch = { at: now, incoming: [] };
  };
  const addDocument = (line: JournalLine, entry: DocumentEntry) => {
    if (batch.at !== entry.at || batch.incoming.length === MAX_BATCH) saveBatch();
    batch.at = entry.at;
    if (hash("sha256", entry.document) !== entry.sha256) return damaged(line, "its document does not match its sha256");
    const record = toIncoming(entry);
    if (record) batch.incoming.push(record);
    else damaged(line, `its document cannot be read as a ${entry.kind}`);
  };
  return Object.assign(findings, {
    apply(line: JournalLine) {
      findings.lines++;
      if ("blank" in line) return;
      if ("broken" in line) return line.torn ? void findings.torn++ : damaged(line, line.broken);
      if (!isNewChange(line.seq)) return void findings.repeated++;
      if ("unknown" in line) findings.unknown[line.unknown] = (findings.unknown[line.unknown] ?? 0) + 1;
      else if (line.entry.type === "document") addDocument(line, line.entry);
      else {
        saveBatch();
        const { now, later } = split(line.entry);
        if (now) applyDecision(writer, files, now);
        if (later) waiting.push(later);
      }
    },
    finish() {
      saveBatch();
      for (const entry of waiting.splice(0)) applyDecision(writer, files, entry);
    },
  });
}

/** Whether the change of a line comes for the first time. Lines of one change follow one another. */
function changesOnce(): (seq: number | null) => boolean {
  const seen = new Set<number>();
  let current = 0;
  return (seq) => {
    if (seq === null || seq === current) return true;
    if (seen.has(seq)) return false;
    seen.add(seq);
    current = seq;
    return true;
  };
}

type Writer = { db: Database; journal: Journal };
type FileReplay = ReturnType<typeof createFileReplay>;
type Decision = Exclude<JournalEntry, DocumentEntry>;

/**
 * Divides an entry by whether the clips that it tells of are there yet: what a rebuild had to write again follows the lines
 * that refer to it. Once a clip waits, so does all that follows for it.
 */
function createSplit(isThere: (entry: Decision, id: string) => boolean) {
  const waits = new Set<string>();
  return (entry: Decision): { now?: Decision; later?: Decision } => {
    if (entry.type === "stored")
      return isThere(entry, entry.clipId ?? entry.taskId) ? { now: entry } : { later: entry };
    if (!("clipIds" in entry)) return { now: entry };
    for (const id of entry.clipIds) if (!isThere(entry, id)) waits.add(id);
    const [now, later] = [entry.clipIds.filter((id) => !waits.has(id)), entry.clipIds.filter((id) => waits.has(id))];
    return {
      ...(now.length > 0 && { now: { ...entry, clipIds: now } }),
      ...(later.length > 0 && { later: { ...entry, clipIds: later } }),
    };
  };
}

function applyDecision(writer: Writer, files: FileReplay, entry: Decision): void {
  switch (entry.type) {
    case "stored":
      return files.store(entry);
    case "tag":
      return void changeTags(writer, entry.clipIds, { added: entry.added, removed: entry.removed }, entry.at);
    case "mark":
      return void changeMarks(writer, entry.clipIds, entry.change, entry.at);
    case "playlist":
      return applyToPlaylist(writer.db, entry.id, entry.change, entry.at);
    case "track":
      return void track(writer, entry.taskIds, { source: entry.source, now: entry.at, explicit: true });
    case "untrack":
      return void untrack(writer, entry.taskIds, entry.at);
    case "remove":
      // A kill may have come between an earlier line and its commit. The time of the last line counts.
      unmarkRemoved(writer, entry.clipIds, files.pathsOf(entry.clipIds), entry.at);
      return void markRemoved(writer, entry.clipIds, entry.at);
    case "keep":
      return unmarkRemoved(writer, entry.clipIds, files.pathsOf(entry.clipIds), entry.at);
    case "purge":
      return void purgeTexts(writer, entry.clipIds, entry.at);
    case "archive":
      return;
  }
}

function createFileReplay(db: Database, journal: Journal) {
  const writer = createAssetWriter(db, journal);
  const { $client: client } = db;
  const columns = "select id, task_id as taskId, clip_id as clipId, kind from assets";
  type Row = { id: number; taskId: string; clipId: string | null; kind: string };
  const ofClip = client.prepare<[string, string], Row>(`${columns} where clip_id = ? and kind = ?`);
  const ofTask = client.prepare<[string, string], Row>(`${columns} where task_id = ? and kind = ? and clip_id is null`);
  const clip = client.prepare<[string], number>("select 1 from clips where id = ?").pluck();
  type Stored = Extract<JournalEntry, { type: "stored" }>;
  const rowOf = ({ taskId, clipId, kind }: Stored) =>
    clipId === null ? ofTask.get(taskId, kind) : ofClip.get(clipId, kind);
  return {
    hasRow: (entry: Decision, id: string) =>
      entry.type === "stored" ? rowOf(entry) !== undefined : clip.get(id) !== undefined,
    store(entry: Stored): void {
      const row = rowOf(entry);
      const { type: _type, at, taskId: _taskId, clipId: _clipId, kind: _kind, ...facts } = entry;
      if (row) writer.markStored(row, facts, at);
    },
    /** Where the files of these clips were, by the ids of their rows. */
    pathsOf(clipIds: string[]): Map<number, string> {
      const { id, path, trashPath, clipId, sha256 } = assets;
      const rows = db
        .select({ id, path, trashPath })
        .from(assets)
        .where(and(inArray(clipId, clipIds), isNotNull(sha256)))
        .all();
      return new Map(
        rows.flatMap((row) =>
          (row.path ?? row.trashPath) ? [[row.id, row.path ?? originalPath(row.trashPath ?? "")]] : [],
        ),
      );
    },
  };
}

function toIncoming(entry: DocumentEntry): IncomingRecord | undefined {
  const { taskId, kind, document } = entry;
  const reading = kind === "record" ? readRecord(document) : readResult(taskId, document);
  if (!("record" in reading)) return undefined;
  const mapped = mapRecord({ ...reading.record, id: taskId }, kind === "result");
  return { mapped, document, kind, isPrimary: isPrimary(entry) };
}

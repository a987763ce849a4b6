import { createHash } from "node:crypto";
import type { Database } from "../db/connection.ts";
import { prepareBatchIndexing } from "../db/full-text.ts";
import type { NewAsset, TaskRow } from "../db/schema.ts";
import { titleKeyOf } from "../db/title-keys.ts";
import type { AssetKind } from "../lib/asset-kinds.ts";
import { sameDocument } from "../record/compare.ts";
import { mapRecord, type MappedClip, type MappedRecord, type MappedTask } from "../record/map.ts";
import { readRecord } from "../record/wire.ts";
import { differs, isPoorer, mergeClip, mergeTask, onlyRemoves } from "../record/merge.ts";
import type { Journal, JournalEntry } from "./journal/entry.ts";
import { withoutPurged } from "./without-purged.ts";
import { prepareStatements, type Statements } from "./statements.ts";

/** One record as it was received: its exact text and the rows that it maps to. */
export type IncomingRecord = {
  mapped: MappedRecord;
  document: string;
  kind: "record" | "result";
  /** False for an additional copy in the same response, which is only saved as a version and never becomes current. */
  isPrimary: boolean;
  /** From a file that is read at every run: however old it is, it replaces only what is poorer. */
  keepsCurrent?: boolean;
};

export type SavedRecord = {
  taskId: string;
  change: "new" | "updated" | "unchanged";
  /** The state of the task in the archive after the save. */
  state: string;
  clipsNew: number;
  clipsUpdated: number;
  assetsAlreadyStored: number;
  /** Kinds of the files that are wanted because of this record, one for each. */
  assetsWanted: AssetKind[];
};

export type SaveOptions = { now: number; nextCheckAt: (state: string, createdAt: number | null) => number | null };
export type RecordSaver = (incoming: IncomingRecord[], options: SaveOptions) => SavedRecord[];

type Decision = IncomingRecord & {
  sha256: string;
  current: TaskRow | undefined;
  version: number;
  isNew: boolean;
  applies: boolean;
};

/**
 * Saves the records of one response in one transaction; their texts are appended to the journal before the commit. An
 * unchanged record updates bookkeeping only; a poorer one is saved as a version but does not become current.
 */
export function createRecordSaver(db: Database, journal: Journal): RecordSaver {
  const statements = prepareStatements(db);
  const indexBatch = prepareBatchIndexing(db);
  return (incoming, options) =>
    journal.write((append) => {
      const { saved, lines } = indexBatch(() => saveEach(statements, incoming, options));
      append(lines, options.now);
      return saved;
    });
}

/** One after the other, so that the second of two copies is compared with the first. */
function saveEach(statements: Statements, incoming: IncomingRecord[], options: SaveOptions) {
  const lines: JournalEntry[] = [];
  const saved: SavedRecord[] = [];
  const purged = new Set(statements.purgedClips.all());
  for (const record of incoming) {
    const decision = decide(statements, purged.size > 0 ? withoutPurged(record, purged) : record);
    const result = apply(statements, decision, options);
    // A version that becomes current again is journalled again, so that the last line of a task is its current version.
    if (decision.isNew || decision.applies) lines.push(toJournalEntry(decision, options.now));
    if (decision.isPrimary) saved.push(result);
  }
  return { saved, lines };
}

function decide(statements: Statements, record: IncomingRecord): Decision {
  const { mapped, document, kind, isPrimary } = record;
  const id = mapped.task.id;
  const sha256 = createHash("sha256").update(document).digest("hex");
  const current = statements.isKnown(id) ? statements.task.get({ id }) : undefined;
  const known = { ...record, sha256, current };
  // What nobody vouches for makes no rows but that of its task, which then waits for its record.
  if (!current && !isPrimary) return { ...known, mapped: nothingOf(id), version: 1, isNew: true, applies: true };
  if (!current) return { ...known, version: 1, isNew: true, applies: true };
  const seen = statements.documentBySha256.get({ id, sha256 });
  if (seen?.version === current.documentVersion)
    return { ...known, version: seen.version, isNew: false, applies: false };
  // The user purged every clip of this task: no record brings their texts back.
  if (statements.isPurged(id)) return { ...known, version: current.documentVersion, isNew: false, applies: false };
  const versions = statements.documents.all({ id, current: current.documentVersion });
  const sameVersion = seen ?? versions.find((other) => other.kind === kind && sameDocument(other.document, document));
  const applies =
    isPrimary && sameVersion?.version !== current.documentVersion && replacesCurrent(statements, current, record);
  return {
    ...known,
    version: sameVersion?.version ?? Math.max(0, ...versions.map((other) => other.version)) + 1,
    isNew: !sameVersion,
    applies,
  };
}

function nothingOf(id: string): MappedRecord {
  const reading = readRecord(JSON.stringify({ id, request: {} }));
  if (!("record" in reading)) throw new Error(`no record of ${id}`);
  return mapRecord(reading.record);
}

/** Whether a record replaces the current version. A record replaces a result; nothing makes a task poorer than it is. */
function replacesCurrent(
  statements: Statements,
  current: TaskRow,
  { mapped, kind, keepsCurrent = false }: IncomingRecord,
): boolean {
  const id = mapped.task.id;
  if (isPoorer(current, mapped.task)) return false;
  if (isPoorer(mapped.task, current)) return true;
  if (kind === "result" && statements.hasRecord.get({ id })) return false;
  const fromResult = statements.documentKind.get({ id, version: current.documentVersion })?.kind === "result";
  if (kind === "record" && fromResult) return true;
  if (keepsCurrent) return false;
  const archived = {
    clips: statements.clipsOf.all({ id }),
    assets: statements.assetsOf.all({ id }),
  };
  return !onlyRemoves(current, archived, mapped);
}

function toJournalEntry(decision: Decision, at: number): JournalEntry {
  const { mapped, document, kind, sha256, current, applies, keepsCurrent = false } = decision;
  const isPrimary = decision.isPrimary && (applies || !current || !keepsCurrent);
  const line = { type: "document", at, service: "producer", taskId: mapped.task.id, kind, sha256, document } as const;
  return isPrimary ? line : { ...line, stands: false };
}

function apply(statements: Statements, decision: Decision, { now, nextCheckAt }: SaveOptions): SavedRecord {
  const { mapped, current, applies, kind } = decision;
  const taskId = mapped.task.id;
  const stored = current ? (statements.storedAssets.get({ id: taskId })?.count ?? 0) : 0;
  const task = applies ? saveTask(statements, decision, now) : current;
  if (decision.isNew) insertDocument(statements, decision, now);
  const clips = applies ? saveClips(statements, mapped, now) : { clipsNew: 0, clipsUpdated: 0 };
  const wanted = applies ? mapped.assets.filter((asset) => saveAsset(statements, asset)) : [];
  const assetsWanted = wanted.map(({ kind }) => kind as AssetKind);
  const state = task?.state ?? mapped.task.state;
  if (decision.isPrimary) {
    const tracked = { id: taskId, state, nextCheckAt: nextCheckAt(state, task?.createdAt ?? null) };
    if (kind === "record") statements.updateTrackedAnswer.run({ ...tracked, now });
    else statements.updateTrackedState.run(tracked);
  }
  const change = !current ? "new" : decision.isNew || applies ? "updated" : "unchanged";
  return { taskId, change, state, ...clips, assetsAlreadyStored: stored, assetsWanted };
}

function saveTask(statements: Statements, { mapped, current, version }: Decision, now: number): TaskRow {
  if (!current) {
    const ours = { service: "producer", documentVersion: version, firstSeenAt: now, updatedAt: now };
    const row = { ...mapped.task, titleKey: titleKeyOf(mapped.task.title), ...ours };
    statements.insertTask.run(row);
    return row as TaskRow;
  }
  const fuller = mergeTask(current, mapped.task);
  const merged = { ...fuller, titleKey: titleKeyOf(fuller.title), documentVersion: version, updatedAt: now };
  statements.updateTask.run(merged);
  return merged;
}

function insertDocument(statements: Statements, decision: Decision, fetchedAt: number): void {
  const { mapped, version, kind, sha256, document } = decision;
  statements.insertDocument.run({ taskId: mapped.task.id, version, kind, fetchedAt, sha256, document });
}

function saveClips(
  statements: Statements,
  { task, clips }: MappedRecord,
  now: number,
): { clipsNew: number; clipsUpdated: number } {
  const counts = { clipsNew: 0, clipsUpdated: 0 };
  for (const [position, clip] of clips.entries()) {
    const titleKey = titleKeyOf(clip.title);
    const isNew = statements.insertClip.run({ ...clip, titleKey, firstSeenAt: now, updatedAt: now }) > 0;
    if (isNew) counts.clipsNew++;
    else if (updateClip(statements, clip, task, now)) counts.clipsUpdated++;
    statements.linkClip.run({ taskId: task.id, position, clipId: clip.id });
  }
  return counts;
}

/** Returns true when the clip changed. */
function updateClip(statements: Statements, clip: MappedClip, task: MappedTask, now: number): boolean {
  const current = statements.clip.get({ id: clip.id });
  if (!current || current.purgedAt !== null) return false;
  const merged = mergeClip(current, clip, task);
  if (!differs(current, merged)) return false;
  statements.updateClip.run({ ...merged, titleKey: titleKeyOf(merged.title), updatedAt: now });
  return true;
}

/** Returns true when the file is to be downloaded and was not known with this URL. */
function saveAsset(statements: Statements, asset: NewAsset): boolean {
  const statement = asset.clipId === null ? statements.saveTaskAsset : statements.saveClipAsset;
  return statement.run(asset) > 0;
}

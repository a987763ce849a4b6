import { createHash } from "node:crypto";
import type { Database } from "../db/connection.ts";
import type { NewAsset, TaskRow } from "../db/schema.ts";
import { sameDocument } from "../record/compare.ts";
import type { MappedClip, MappedRecord } from "../record/map.ts";
import { differs, isPoorer, mergeClip, mergeTask } from "../record/merge.ts";
import type { Journal } from "./journal.ts";
import { prepareStatements, type Statements } from "./statements.ts";
import { write } from "./transaction.ts";

/** One record as it came: its exact text and the rows it maps to. */
export type Incoming = {
  mapped: MappedRecord;
  document: string;
  kind: "record" | "result";
  /** False for a further copy in the same answer that only wants to be kept as a version. */
  stands: boolean;
};

export type Saved = {
  taskId: string;
  change: "new" | "updated" | "unchanged";
  /** The state that the archive now has for it. */
  state: string;
  clipsNew: number;
  clipsUpdated: number;
  assetsAlreadyStored: number;
  /** Files that it newly asks for. */
  assetsWanted: number;
};

export type SaveOptions = { now: number; nextCheckAt: (state: string, createdAt: number | null) => number | null };
export type RecordSaver = (incoming: Incoming[], options: SaveOptions) => Saved[];

type Decision = Incoming & { sha256: string; current: TaskRow | undefined; version: number; isNew: boolean; applies: boolean };

/**
 * Saves the records of one answer: the kept texts go to the journal first, then rows and bookkeeping in one
 * transaction. A record that did not change writes bookkeeping only; a poorer one is kept as a version and no more.
 */
export function createRecordSaver(db: Database, journal: Journal): RecordSaver {
  const statements = prepareStatements(db);
  return (incoming, options) =>
    write(db, () => {
      const decisions: Decision[] = [];
      const saved: Saved[] = [];
      for (const record of incoming) decisions.push(decide(statements, record, decisions));
      journal.append(decisions.filter((decision) => decision.isNew).map((decision) => journalLine(decision, options.now)), options.now);
      for (const decision of decisions) {
        const result = apply(statements, decision, options);
        if (decision.stands) saved.push(result);
      }
      return saved;
    });
}

function decide(statements: Statements, record: Incoming, earlier: Decision[]): Decision {
  const { mapped, document, kind, stands } = record;
  const id = mapped.task.id;
  const sha256 = createHash("sha256").update(document).digest("hex");
  const current = statements.task.get({ id });
  const siblings = earlier.filter((decision) => decision.mapped.task.id === id);
  const twin = siblings.find((decision) => decision.sha256 === sha256);
  const seen = twin ?? (current ? statements.documentBySha256.get({ id, sha256 }) : undefined);
  const known = { ...record, sha256, current };
  if (seen) return { ...known, version: seen.version, isNew: false, applies: stands && seen.version !== current?.documentVersion && beats(statements, current, record) };
  const latest = current ? statements.latestDocument.get({ id }) : undefined;
  if (latest && latest.kind === kind && sameDocument(latest.document, document)) return { ...known, version: latest.version, isNew: false, applies: false };
  const version = Math.max(latest?.version ?? 0, ...siblings.map((decision) => decision.version)) + 1;
  return { ...known, version, isNew: true, applies: stands && beats(statements, current, record) };
}

/** A record beats a result; nothing takes a task back from what is already archived. */
function beats(statements: Statements, current: TaskRow | undefined, { mapped, kind }: Incoming): boolean {
  if (!current) return true;
  if (isPoorer(current, mapped.task)) return false;
  if (kind === "record") return true;
  return isPoorer(mapped.task, current) || !statements.hasRecord.get({ id: mapped.task.id });
}

function journalLine({ mapped, document, kind, sha256 }: Decision, at: number) {
  return { type: "document" as const, at, service: "producer", taskId: mapped.task.id, kind, sha256, document };
}

function apply(statements: Statements, decision: Decision, { now, nextCheckAt }: SaveOptions): Saved {
  const { mapped, current, applies } = decision;
  const taskId = mapped.task.id;
  const stored = current ? (statements.storedAssets.get({ id: taskId })?.count ?? 0) : 0;
  const task = applies ? saveTask(statements, decision, now) : undefined;
  if (decision.isNew) insertDocument(statements, decision, now);
  const clips = applies ? saveClips(statements, mapped, now) : { clipsNew: 0, clipsUpdated: 0 };
  const assetsWanted = applies ? mapped.assets.filter((asset) => saveAsset(statements, asset)).length : 0;
  const state = task?.state ?? current?.state ?? mapped.task.state;
  const createdAt = task?.createdAt ?? current?.createdAt ?? null;
  if (decision.stands) statements.answered.run({ id: taskId, state, now, nextCheckAt: nextCheckAt(state, createdAt) });
  const change = !current ? "new" : decision.isNew || applies ? "updated" : "unchanged";
  return { taskId, change, state, ...clips, assetsAlreadyStored: stored, assetsWanted };
}

function saveTask(statements: Statements, { mapped, current, version }: Decision, now: number): TaskRow {
  if (!current) {
    const row = { ...mapped.task, service: "producer", documentVersion: version, firstSeenAt: now, updatedAt: now };
    statements.insertTask.run(row);
    return row as TaskRow;
  }
  const merged = { ...mergeTask(current, mapped.task), documentVersion: version, updatedAt: now };
  statements.updateTask.run(merged);
  return merged;
}

function insertDocument(statements: Statements, decision: Decision, fetchedAt: number): void {
  const { mapped, version, kind, sha256, document } = decision;
  statements.insertDocument.run({ taskId: mapped.task.id, version, kind, fetchedAt, sha256, document });
}

function saveClips(statements: Statements, { task, clips }: MappedRecord, now: number): { clipsNew: number; clipsUpdated: number } {
  const counts = { clipsNew: 0, clipsUpdated: 0 };
  for (const [position, clip] of clips.entries()) {
    const isNew = statements.insertClip.run({ ...clip, firstSeenAt: now, updatedAt: now }) > 0;
    if (isNew) counts.clipsNew++;
    else if (updateClip(statements, clip, now)) counts.clipsUpdated++;
    statements.placeClip.run({ taskId: task.id, position, clipId: clip.id });
  }
  return counts;
}

/** True when the clip says something new. */
function updateClip(statements: Statements, clip: MappedClip, now: number): boolean {
  const current = statements.clip.get({ id: clip.id });
  if (!current) return false;
  const merged = mergeClip(current, clip);
  if (!differs(current, merged)) return false;
  statements.updateClip.run({ ...merged, updatedAt: now });
  return true;
}

/** True for a file to fetch that was not known by this URL. */
function saveAsset(statements: Statements, asset: NewAsset): boolean {
  const statement = asset.clipId === null ? statements.saveTaskAsset : statements.saveClipAsset;
  return statement.run(asset) > 0;
}

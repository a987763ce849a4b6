import { eq, inArray, sql, type SQL } from "drizzle-orm";
import { prepareStatements, type Statements } from "../../archive/statements.ts";
import type { Database } from "../../db/connection.ts";
import { taskClips, taskDocuments, trackedTasks, type ClipRow, type TaskRow } from "../../db/schema.ts";
import { mapRecord, type MappedClip, type MappedRecord } from "../../record/map.ts";
import { mergeClip, mergeTask } from "../../record/merge.ts";
import { readRecord, readResult } from "../../record/wire.ts";

/** A row that is not what the documents tell, in one line; `mend` makes it so, inside a transaction of the caller. */
export type RowTrouble = { text: string; mend(): void };

/** Says in which rows of a task what its current document tells is not to be found. */
export type RowCheck = (task: TaskRow, mapped: MappedRecord) => RowTrouble[];

type Check = {
  db: Database;
  statements: Statements;
  reads: ReturnType<typeof prepareReads>;
  /** Clips for which every document is still read through. */
  mostReadThrough: number;
};

/**
 * Rows are right when to take in the current document once more would change nothing. A clip that several tasks show has
 * its columns from any version of any of them.
 */
export function createRowCheck(db: Database): RowCheck {
  const check = { db, statements: prepareStatements(db), reads: prepareReads(db), mostReadThrough: 100 };
  return (task, mapped) => [
    ...checkTask(check, task, mapped),
    ...checkTracking(check, task, mapped),
    ...mapped.clips.flatMap((clip) => checkClip(check, task, mapped, clip)),
    ...mapped.clips.flatMap((clip, position) => checkPlace(check, task, clip, position)),
    ...mapped.assets.flatMap((asset) => checkAsset(check, mapped, asset)),
  ];
}

/** The rows that a document stands for; undefined when it cannot be read. */
export function mapDocument(taskId: string, kind: string, document: string): MappedRecord | undefined {
  try {
    const reading = kind === "result" ? readResult(taskId, document) : readRecord(document);
    return "record" in reading ? mapRecord({ ...reading.record, id: taskId }, kind === "result") : undefined;
  } catch {
    return undefined;
  }
}

/** Short statements, run for each row: drizzle would make their text anew each time. */
function prepareReads({ $client: client }: Database) {
  const one = (text: string) => client.prepare<(string | number)[], string>(text).pluck();
  return {
    tracking: one("select state from tracked_tasks where task_id = ?"),
    place: one("select clip_id from task_clips where task_id = ? and position = ?"),
    showings: one("select count(*) from task_clips where clip_id = ?"),
    clipUrl: one("select url from assets where clip_id = ? and kind = ?"),
    taskUrl: one("select url from assets where task_id = ? and kind = ? and clip_id is null"),
  };
}

function checkTask({ statements }: Check, task: TaskRow, mapped: MappedRecord): RowTrouble[] {
  const merged = mergeTask(task, mapped.task);
  const mend = () => void statements.updateTask.run(merged);
  return unlike(`task ${task.id}`, differing(task, merged), mend);
}

function checkTracking({ db, reads }: Check, { id, firstSeenAt }: TaskRow, { task }: MappedRecord): RowTrouble[] {
  const { state } = task;
  const told = reads.tracking.get(id);
  if (told === state) return [];
  const fresh = { taskId: id, source: "repair", addedAt: firstSeenAt, state, attempts: 1 };
  const mend = () =>
    void db
      .insert(trackedTasks)
      .values(fresh)
      .onConflictDoUpdate({ target: trackedTasks.taskId, set: { state } })
      .run();
  const text = told ? `task ${id}: ${state}, tracking says ${told}` : `task ${id}: mirrored, and yet not tracked`;
  return [{ text, mend }];
}

function checkClip(check: Check, { firstSeenAt }: TaskRow, mapped: MappedRecord, clip: MappedClip): RowTrouble[] {
  const { statements } = check;
  const { task } = mapped;
  const current = statements.clip.get({ id: clip.id });
  const insert = () => void statements.insertClip.run({ ...clip, firstSeenAt, updatedAt: firstSeenAt });
  if (!current) return [{ text: `clip ${clip.id}: it has no row`, mend: insert }];
  // What its owner blanked is not to come back from the text of another task.
  if (current.purgedAt !== null) return [];
  const merged = mergeClip(current, clip, task);
  const columns = differing(current, merged);
  const wrong = columns.length > 0 ? unexplained(current, columns, toldElsewhere(check, current, mapped, columns)) : [];
  const right = Object.fromEntries(wrong.map((name) => [name, valueOf(merged, name)]));
  return unlike(`clip ${clip.id}`, wrong, () => void statements.updateClip.run({ ...current, ...right }));
}

function checkPlace({ statements, reads }: Check, { id }: TaskRow, clip: MappedClip, position: number): RowTrouble[] {
  if (reads.place.get(id, position) === clip.id) return [];
  const mend = () => void statements.placeClip.run({ taskId: id, position, clipId: clip.id });
  return [{ text: `task ${id}: clip ${clip.id} is not at its place ${position}`, mend }];
}

function checkAsset(check: Check, mapped: MappedRecord, asset: MappedRecord["assets"][number]): RowTrouble[] {
  const { statements, reads } = check;
  const { taskId, clipId, kind, url } = asset;
  const kept = clipId === null ? reads.taskUrl.get(taskId, kind) : reads.clipUrl.get(clipId, kind);
  if (kept === url || (kept !== undefined && clipId !== null && isToldElsewhere(check, mapped, asset, kept))) return [];
  const save = clipId === null ? statements.saveTaskAsset : statements.saveClipAsset;
  const what = kept === undefined ? "it has no row" : "its URL is not the one of its document";
  return [{ text: `${kind} of ${clipId ?? taskId}: ${what}`, mend: () => void save.run(asset) }];
}

/** Another document that names the clip gives its file this address. */
function isToldElsewhere(
  check: Check,
  mapped: MappedRecord,
  { clipId, kind }: MappedRecord["assets"][number],
  url: string,
): boolean {
  if (Number(check.reads.showings.get(clipId ?? "")) > 1) return true;
  if (check.mostReadThrough-- <= 0) return false;
  const records = [mapped, ...othersWhere(check.db, sql`instr(${taskDocuments.document}, ${clipId}) > 0`, mapped)];
  return records.some(({ assets }) =>
    assets.some((other) => other.clipId === clipId && other.kind === kind && other.url === url),
  );
}

/**
 * The same clip as it stands elsewhere: a second time in the same document, and in any version of other tasks. Of a task
 * that showed it once and does not now only its texts tell: they are read through for the first few alone.
 */
function toldElsewhere(check: Check, clip: ClipRow, mapped: MappedRecord, columns: string[]): MappedClip[] {
  const { db } = check;
  const shown = db.select({ id: taskClips.taskId }).from(taskClips).where(eq(taskClips.clipId, clip.id));
  const told = mapped.clips.filter(({ id }) => id === clip.id);
  told.push(...clipIn(db, clip, inArray(taskDocuments.taskId, shown), mapped));
  if (unexplained(clip, columns, told).length === 0 || check.mostReadThrough-- <= 0) return told;
  return [...told, ...clipIn(db, clip, sql`instr(${taskDocuments.document}, ${clip.id}) > 0`, mapped)];
}

function clipIn(db: Database, { id }: ClipRow, where: SQL, mapped: MappedRecord): MappedClip[] {
  return othersWhere(db, where, mapped).flatMap(({ clips }) => clips.filter((clip) => clip.id === id));
}

function othersWhere(db: Database, where: SQL, { task }: MappedRecord): MappedRecord[] {
  const { taskId, kind, document } = taskDocuments;
  const documents = db.select({ taskId, kind, document }).from(taskDocuments).where(where).all();
  const others = documents.filter((other) => other.taskId !== task.id);
  return others.flatMap((other) => mapDocument(other.taskId, other.kind, other.document) ?? []);
}

function unexplained(current: ClipRow, columns: string[], told: MappedClip[]): string[] {
  return columns.filter((name) => !told.some((other) => valueOf(other, name) === valueOf(current, name)));
}

function unlike(what: string, columns: string[], mend: () => void): RowTrouble[] {
  return columns.length > 0 ? [{ text: `${what}: ${columns.join(", ")} not as in its document`, mend }] : [];
}

function differing(current: object, merged: object): string[] {
  return Object.keys(merged).filter((column) => valueOf(current, column) !== valueOf(merged, column));
}

function valueOf(row: object, column: string): unknown {
  return (row as Record<string, unknown>)[column] ?? null;
}

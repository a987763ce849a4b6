import { eq, inArray, sql, type SQL } from "drizzle-orm";
import { prepareStatements, type Statements } from "../../archive/statements.ts";
import type { Database } from "../../db/connection.ts";
import { taskClips, taskDocuments, trackedTasks, type ClipRow, type TaskRow } from "../../db/schema.ts";
import { mapRecord, type MappedClip, type MappedRecord } from "../../record/map.ts";
import { mergeClip, mergeTask } from "../../record/merge.ts";
import { readRecord, readResult } from "../../record/wire.ts";

/** A row that differs from the documents, in one line. `repair` corrects it, inside a transaction of the caller. */
export type RowProblem = { text: string; repair(): void };

/** Finds the rows of a task that differ from its current document. */
export type RowCheck = (task: TaskRow, mapped: MappedRecord) => RowProblem[];

type RowCheckState = {
  db: Database;
  statements: Statements;
  reads: ReturnType<typeof prepareReads>;
  /** For how many more clips all documents are searched, which is slow. */
  scansLeft: number;
};

/**
 * Rows are right when importing the current document again would change nothing. The columns of a clip that several tasks
 * contain may come from any version of any of these tasks.
 */
export function createRowCheck(db: Database): RowCheck {
  const check = { db, statements: prepareStatements(db), reads: prepareReads(db), scansLeft: 100 };
  return (task, mapped) => [
    ...checkTask(check, task, mapped),
    ...checkTracking(check, task, mapped),
    ...mapped.clips.flatMap((clip) => checkClip(check, task, mapped, clip)),
    ...mapped.clips.flatMap((clip, position) => checkPosition(check, task, clip, position)),
    ...mapped.assets.flatMap((asset) => checkAsset(check, mapped, asset)),
  ];
}

/** The rows that a document maps to; undefined when it cannot be read. */
export function mapDocument(taskId: string, kind: string, document: string): MappedRecord | undefined {
  try {
    const reading = kind === "result" ? readResult(taskId, document) : readRecord(document);
    return "record" in reading ? mapRecord({ ...reading.record, id: taskId }, kind === "result") : undefined;
  } catch {
    return undefined;
  }
}

/** Prepared once, because they run for each row and drizzle would build their text each time. */
function prepareReads({ $client: client }: Database) {
  const one = (text: string) => client.prepare<(string | number)[], string>(text).pluck();
  return {
    tracking: one("select state from tracked_tasks where task_id = ?"),
    clipAt: one("select clip_id from task_clips where task_id = ? and position = ?"),
    tasksOfClip: one("select count(*) from task_clips where clip_id = ?"),
    clipUrl: one("select url from assets where clip_id = ? and kind = ?"),
    taskUrl: one("select url from assets where task_id = ? and kind = ? and clip_id is null"),
  };
}

function checkTask({ statements }: RowCheckState, task: TaskRow, mapped: MappedRecord): RowProblem[] {
  const merged = mergeTask(task, mapped.task);
  const repair = () => void statements.updateTask.run(merged);
  return toProblem(`task ${task.id}`, differingColumns(task, merged), repair);
}

function checkTracking(
  { db, reads }: RowCheckState,
  { id, firstSeenAt }: TaskRow,
  { task }: MappedRecord,
): RowProblem[] {
  const { state } = task;
  const tracked = reads.tracking.get(id);
  if (tracked === state) return [];
  const fresh = { taskId: id, source: "repair", addedAt: firstSeenAt, state, attempts: 1 };
  const repair = () =>
    void db
      .insert(trackedTasks)
      .values(fresh)
      .onConflictDoUpdate({ target: trackedTasks.taskId, set: { state } })
      .run();
  const text = tracked
    ? `task ${id}: its state is ${state}, but tracking has ${tracked}`
    : `task ${id}: it is in the archive, but not tracked`;
  return [{ text, repair }];
}

function checkClip(
  check: RowCheckState,
  { firstSeenAt }: TaskRow,
  mapped: MappedRecord,
  clip: MappedClip,
): RowProblem[] {
  const { statements } = check;
  const { task } = mapped;
  const current = statements.clip.get({ id: clip.id });
  const insert = () => void statements.insertClip.run({ ...clip, firstSeenAt, updatedAt: firstSeenAt });
  if (!current) return [{ text: `clip ${clip.id}: it has no row`, repair: insert }];
  // The user removed its texts for good: they must not come back from the document of another task.
  if (current.purgedAt !== null) return [];
  const merged = mergeClip(current, clip, task);
  const columns = differingColumns(current, merged);
  const wrong = columns.length > 0 ? unexplained(current, columns, otherCopiesOf(check, current, mapped, columns)) : [];
  const corrected = Object.fromEntries(wrong.map((name) => [name, valueOf(merged, name)]));
  return toProblem(`clip ${clip.id}`, wrong, () => void statements.updateClip.run({ ...current, ...corrected }));
}

function checkPosition(
  { statements, reads }: RowCheckState,
  { id }: TaskRow,
  clip: MappedClip,
  position: number,
): RowProblem[] {
  if (reads.clipAt.get(id, position) === clip.id) return [];
  const repair = () => void statements.linkClip.run({ taskId: id, position, clipId: clip.id });
  return [{ text: `task ${id}: clip ${clip.id} is not at position ${position}`, repair }];
}

function checkAsset(check: RowCheckState, mapped: MappedRecord, asset: MappedRecord["assets"][number]): RowProblem[] {
  const { statements, reads } = check;
  const { taskId, clipId, kind, url } = asset;
  const current = clipId === null ? reads.taskUrl.get(taskId, kind) : reads.clipUrl.get(clipId, kind);
  if (
    current === url ||
    (current !== undefined && clipId !== null && isUrlOfOtherDocument(check, mapped, asset, current))
  )
    return [];
  const save = clipId === null ? statements.saveTaskAsset : statements.saveClipAsset;
  const what = current === undefined ? "it has no row" : "its URL is not the one in its document";
  return [{ text: `${kind} of ${clipId ?? taskId}: ${what}`, repair: () => void save.run(asset) }];
}

/** True when another document that contains the clip has this URL for its file. */
function isUrlOfOtherDocument(
  check: RowCheckState,
  mapped: MappedRecord,
  { clipId, kind }: MappedRecord["assets"][number],
  url: string,
): boolean {
  if (Number(check.reads.tasksOfClip.get(clipId ?? "")) > 1) return true;
  if (check.scansLeft-- <= 0) return false;
  const records = [mapped, ...othersWhere(check.db, sql`instr(${taskDocuments.document}, ${clipId}) > 0`, mapped)];
  return records.some(({ assets }) =>
    assets.some((other) => other.clipId === clipId && other.kind === kind && other.url === url),
  );
}

/**
 * The same clip in other documents: a second time in the current one, and in any version of other tasks. A task that
 * contained the clip once but does not now is found only by a search in all documents, which is done for few clips.
 */
function otherCopiesOf(check: RowCheckState, clip: ClipRow, mapped: MappedRecord, columns: string[]): MappedClip[] {
  const { db } = check;
  const tasksWithClip = db.select({ id: taskClips.taskId }).from(taskClips).where(eq(taskClips.clipId, clip.id));
  const copies = mapped.clips.filter(({ id }) => id === clip.id);
  copies.push(...clipIn(db, clip, inArray(taskDocuments.taskId, tasksWithClip), mapped));
  if (unexplained(clip, columns, copies).length === 0 || check.scansLeft-- <= 0) return copies;
  return [...copies, ...clipIn(db, clip, sql`instr(${taskDocuments.document}, ${clip.id}) > 0`, mapped)];
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

function unexplained(current: ClipRow, columns: string[], copies: MappedClip[]): string[] {
  return columns.filter((name) => !copies.some((other) => valueOf(other, name) === valueOf(current, name)));
}

function toProblem(what: string, columns: string[], repair: () => void): RowProblem[] {
  return columns.length > 0 ? [{ text: `${what}: differs from its document in ${columns.join(", ")}`, repair }] : [];
}

function differingColumns(current: object, merged: object): string[] {
  return Object.keys(merged).filter((column) => valueOf(current, column) !== valueOf(merged, column));
}

function valueOf(row: object, column: string): unknown {
  return (row as Record<string, unknown>)[column] ?? null;
}

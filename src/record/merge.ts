import type { ClipRow, TaskRow } from "../db/schema.ts";
import type { MappedClip, MappedRecord, MappedTask } from "./map.ts";

/** Columns that follow the newest record even when it empties them. */
const TASK_FOLLOWS = new Set(["id", "state", "stateReason", "errorCode", "errorMessage"]);

const RANK: Record<string, number> = { pending: 0, failed: 1, partial: 2, succeeded: 3 };

/** True when a record would take a task back: what is archived then stays, and the poorer text is only kept. */
export function isPoorer(current: Pick<TaskRow, "state">, next: Pick<MappedTask, "state">): boolean {
  return (RANK[next.state] ?? 0) < (RANK[current.state] ?? 0);
}

/** What the archive has of a task beside its row: its clips, and which of them has which file. */
export type ArchivedParts = { clips: ClipRow[]; assets: { clipId: string | null; kind: string }[] };

/** True when a record in the same state takes something away and brings nothing: then it is poorer as well. */
export function onlyRemoves(current: TaskRow, held: ArchivedParts, next: MappedRecord): boolean {
  const clips = new Map(held.clips.map((clip) => [clip.id, clip]));
  const assets = new Set(held.assets.map(assetKey));
  const pairs: [object, object][] = [
    [current, next.task],
    ...next.clips.map((clip): [object, object] => [
      clips.get(clip.id) ?? {},
      ownOf(clip, next.task, clips.get(clip.id)),
    ]),
  ];
  const brings =
    pairs.some(([old, fresh]) => addsValue(old, fresh)) || next.assets.some((asset) => !assets.has(assetKey(asset)));
  if (brings) return false;
  const clipsNow = new Set(next.clips.map((clip) => clip.id));
  const assetsNow = new Set(next.assets.map(assetKey));
  return (
    pairs.some(([old, fresh]) => removesValue(old, fresh)) ||
    [...clips.keys()].some((id) => !clipsNow.has(id)) ||
    [...assets].some((key) => !assetsNow.has(key))
  );
}

/** The task's columns after a newer record: a value never goes back to nothing. */
export function mergeTask(current: TaskRow, next: MappedTask): TaskRow {
  const merged: Record<string, unknown> = { ...current };
  for (const [column, value] of Object.entries(next)) {
    merged[column] = TASK_FOLLOWS.has(column) ? value : fuller(value, merged[column]);
  }
  return merged as TaskRow;
}

/** The clip's columns after a newer appearance; what it owes to the task that first brought it stays that task's. */
export function mergeClip(current: ClipRow, next: MappedClip, task: MappedTask): ClipRow {
  const merged: Record<string, unknown> = { ...current };
  for (const [column, value] of Object.entries(ownOf(next, task, current)))
    merged[column] = fuller(value, merged[column]);
  return {
    ...(merged as ClipRow),
    state: (RANK[next.state] ?? 0) < (RANK[current.state] ?? 0) ? current.state : next.state,
  };
}

/** True when the two rows differ in any column of `next`. */
export function differs(current: object, next: object): boolean {
  const old = current as Record<string, unknown>;
  return Object.entries(next).some(([column, value]) => (old[column] ?? null) !== (value ?? null));
}

function fuller<T>(next: T, current: T): T {
  return isEmpty(next) ? (current ?? next) : next;
}

/** What a clip says itself: without what it only has from its task, where the archive knows better. */
function ownOf(clip: MappedClip, task: MappedTask, current: ClipRow | undefined): Partial<MappedClip> {
  if (!current) return clip;
  const { id: _id, taskId, action, prompt, createdAt, ...own } = clip;
  const sameTask = current.taskId === taskId;
  return {
    ...own,
    action: sameTask ? (action ?? null) : null,
    prompt: sameTask && (prompt !== task.prompt || isEmpty(current.prompt)) ? (prompt ?? null) : null,
    createdAt: createdAt !== task.createdAt || current.createdAt === null ? (createdAt ?? null) : null,
  };
}

function addsValue(old: object, fresh: object): boolean {
  return Object.entries(fresh).some(
    ([column, value]) => !isEmpty(value) && value !== (old as Record<string, unknown>)[column],
  );
}

function removesValue(old: object, fresh: object): boolean {
  return Object.entries(fresh).some(
    ([column, value]) => isEmpty(value) && !isEmpty((old as Record<string, unknown>)[column]),
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "";
}

function assetKey({ clipId, kind }: { clipId: string | null; kind: string }): string {
  return `${clipId ?? ""} ${kind}`;
}

import type { ClipRow, TaskRow } from "../db/schema.ts";
import type { MappedClip, MappedRecord, MappedTask } from "./map.ts";
import { stateRank } from "./state-words.ts";

/** Columns that follow the newest record even when it empties them. */
const TASK_FOLLOWS = new Set(["id", "state", "stateReason", "errorCode", "errorMessage"]);

/** Whether a record would set a task back. The archived columns then stay, and the poorer text is only kept as a version. */
export function isPoorer(current: Pick<TaskRow, "state">, next: Pick<MappedTask, "state">): boolean {
  return stateRank(next.state) < stateRank(current.state);
}

/** What the archive has of a task besides its row: its clips, and which clip has which file. */
export type ArchivedParts = { clips: ClipRow[]; assets: { clipId: string | null; kind: string }[] };

/** Whether a record in the same state removes something and adds nothing: then it is poorer as well. */
export function onlyRemoves(current: TaskRow, archived: ArchivedParts, next: MappedRecord): boolean {
  const clips = new Map(archived.clips.map((clip) => [clip.id, clip]));
  const assets = new Set(archived.assets.map(assetKey));
  const pairs: [object, object][] = [
    [current, next.task],
    ...next.clips.map((clip): [object, object] => [
      clips.get(clip.id) ?? {},
      ownOf(clip, next.task, clips.get(clip.id)),
    ]),
  ];
  const adds =
    pairs.some(([old, fresh]) => addsValue(old, fresh)) || next.assets.some((asset) => !assets.has(assetKey(asset)));
  if (adds) return false;
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

/** The clip's columns after a newer record. Values that come from the task that first contained it do not change. */
export function mergeClip(current: ClipRow, next: MappedClip, task: MappedTask): ClipRow {
  const merged: Record<string, unknown> = { ...current };
  for (const [column, value] of Object.entries(ownOf(next, task, current)))
    merged[column] = fuller(value, merged[column]);
  return {
    ...(merged as ClipRow),
    state: stateRank(next.state) < stateRank(current.state) ? current.state : next.state,
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

/** The clip's own values: without those copied from its task where the archive has better ones. */
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

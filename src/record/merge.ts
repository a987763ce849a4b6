import type { ClipRow, TaskRow } from "../db/schema.ts";
import type { MappedClip, MappedTask } from "./map.ts";

/** Columns that follow the newest record even when it empties them. */
const TASK_FOLLOWS = new Set(["id", "state", "stateReason", "errorCode", "errorMessage"]);

const RANK: Record<string, number> = { pending: 0, failed: 1, partial: 2, succeeded: 3 };

/** True when a record would take a task back: what is archived then stays, and the poorer text is only kept. */
export function isPoorer(current: Pick<TaskRow, "state">, next: Pick<MappedTask, "state">): boolean {
  return (RANK[next.state] ?? 0) < (RANK[current.state] ?? 0);
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
export function mergeClip(current: ClipRow, next: MappedClip): ClipRow {
  const merged: Record<string, unknown> = { ...current };
  for (const [column, value] of Object.entries(next)) merged[column] = fuller(value, merged[column]);
  const sameTask = current.taskId === next.taskId;
  return {
    ...(merged as ClipRow),
    id: current.id,
    taskId: current.taskId,
    action: sameTask ? fuller(next.action ?? null, current.action) : current.action,
    prompt: sameTask ? fuller(next.prompt ?? null, current.prompt) : current.prompt,
    state: current.state === "succeeded" ? "succeeded" : next.state,
  };
}

/** True when the two rows differ in any column of `next`. */
export function differs(current: object, next: object): boolean {
  const old = current as Record<string, unknown>;
  return Object.entries(next).some(([column, value]) => (old[column] ?? null) !== (value ?? null));
}

function fuller<T>(next: T, current: T): T {
  return next === null || next === undefined || next === "" ? (current ?? next) : next;
}

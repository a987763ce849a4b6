import type { DemoLibrary, RecordValue, TaskRecord } from "./library-types.ts";
import { FORGOTTEN_ID, failedOpenTask, failedTask, partialTask, runningTask } from "./odd-tasks.ts";
import { otherTasks } from "./other-tasks.ts";
import { demoTaskId, songTask } from "./song-task.ts";
import { SONGS } from "./songs.ts";

export type DemoLibraryOptions = {
  /** Origin of the files, without a slash at the end. */
  assetBase: string;
  /** Milliseconds since the epoch; the running task started shortly before. */
  now: number;
  /** How many responses show the running task as pending. */
  pendingResponses: number;
};

/** The demo account: about 40 tasks of every kind, the same in every run except for the times of the running one. */
export function demoLibrary({ assetBase, now, pendingResponses }: DemoLibraryOptions): DemoLibrary {
  const records: TaskRecord[] = [
    ...SONGS.map((song) => songTask(song, assetBase)),
    ...otherTasks(assetBase),
    failedTask(),
    failedOpenTask(),
    partialTask(assetBase),
  ];
  const oldestFirst = records.toSorted((one, other) => one.created_at - other.created_at);
  const tasks: { id: string; value: RecordValue }[] = [
    ...oldestFirst.map((record) => ({ id: record.id, value: record })),
    { id: demoTaskId("running"), value: runningTask(assetBase, now, pendingResponses) },
  ];
  const at = (n: number) => {
    const task = tasks[n];
    if (task === undefined) throw new RangeError(`the demo library has ${tasks.length} tasks, none has number ${n}`);
    return task;
  };
  return { size: tasks.length, id: (n) => at(n).id, value: (n) => at(n).value, unknownIds: [FORGOTTEN_ID] };
}

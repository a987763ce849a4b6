import type { Library, RecordValue, TaskRecord } from "./library-types.ts";
import { SONGS } from "./edits.ts";
import { FORGOTTEN_ID, failedOpenTask, failedTask, partialTask, runningTask } from "./odd-tasks.ts";
import { otherTasks } from "./other-tasks.ts";
import { demoTaskId, songTask } from "./song-task.ts";

export type DemoLibraryOptions = {
  /** Origin of the files, without a slash at the end. */
  assetBase: string;
  /** Milliseconds since the epoch; the running task was begun shortly before. */
  now: number;
  /** How often the running task is answered as pending. */
  pendingAnswers: number;
};

/** The demo account: about 40 tasks of every kind, the same in every run but for the times of the one that runs. */
export function demoLibrary({ assetBase, now, pendingAnswers }: DemoLibraryOptions): Library {
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
    { id: demoTaskId("running"), value: runningTask(assetBase, now, pendingAnswers) },
  ];
  const at = (n: number) => {
    const task = tasks[n];
    if (task === undefined) throw new RangeError(`the demo library has ${tasks.length} tasks, none has number ${n}`);
    return task;
  };
  return { size: tasks.length, id: (n) => at(n).id, value: (n) => at(n).value, unknownIds: [FORGOTTEN_ID] };
}

/** The kinds of change that `changes` lists. */
export const CHANGES = ["new", "changed", "finished", "gone", "vanished", "healed"] as const;

export type Change = {
  /**
   * new: first seen. finished: a task that was open and has ended. gone: a file that is no longer upstream. vanished: a
   * task that the API no longer knows. healed: a file that was stored, or a task that succeeded, after earlier failures.
   * changed: anything else.
   */
  change: (typeof CHANGES)[number];
  kind: "task" | "clip" | "file";
  /** The id of the task or clip. For a file, the id of its clip, or of its task when it belongs to no clip. */
  id: string;
  taskId: string;
  title: string | null;
  at: string | null;
  /** False where the archive cannot tell whether it was already so before `since`. */
  certain: boolean;
  detail: string | null;
};

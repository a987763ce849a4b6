import type { RunCounts } from "../archive/runs.ts";
import { EXIT, MirrorError, type ExitCode } from "../lib/errors.ts";
import { toStorageError } from "../lib/files/storage-errors.ts";

/** Why a run did not do everything, and the exit code for that. */
export type RunProblem = {
  exit: ExitCode;
  code: string;
  message: string;
  hint?: string | undefined;
  /** The file concerned. */
  assetId?: number;
  /** The task concerned, or one of them. */
  taskId?: string | undefined;
};

/** The counts of one run so far. The worst problem decides the exit code. */
export type Tally = { [Count in keyof RunCounts]-?: number } & { batchesAnswered: number; problems: RunProblem[] };

export function emptyTally(): Tally {
  return {
    tasksAsked: 0,
    tasksNew: 0,
    tasksUpdated: 0,
    tasksUnchanged: 0,
    tasksPending: 0,
    tasksFailed: 0,
    tasksMissing: 0,
    clipsNew: 0,
    clipsUpdated: 0,
    assetsStored: 0,
    assetsBytes: 0,
    assetsFailed: 0,
    assetsGone: 0,
    assetsAlreadyStored: 0,
    requests: 0,
    batchesAnswered: 0,
    problems: [],
  };
}

/** Removes the problems of a file that turns out to be gone upstream. */
export function forgetProblems(tally: Tally, assetId: number): void {
  tally.problems = tally.problems.filter((problem) => problem.assetId !== assetId);
}

const WORST_FIRST: number[] = [
  EXIT.unexpected,
  EXIT.integrity,
  EXIT.schema,
  EXIT.disk,
  EXIT.refused,
  EXIT.upstream,
  EXIT.incomplete,
];

/** The problem that decides how the run ends; undefined when there was none. */
export function worstProblem(problems: RunProblem[]): RunProblem | undefined {
  return problems.toSorted((one, other) => WORST_FIRST.indexOf(one.exit) - WORST_FIRST.indexOf(other.exit))[0];
}

/** What was thrown, as a problem of the run in `home`. */
export function toProblem(thrown: unknown, home: string): RunProblem {
  const error = toStorageError(thrown, home);
  if (error instanceof MirrorError)
    return { exit: error.exit, code: error.code, message: error.message, hint: error.hint };
  return {
    exit: EXIT.unexpected,
    code: "unexpected",
    message: `unexpected: ${(error as Error)?.message ?? String(error)}`,
  };
}

import { countStates } from "../archive/bookkeeping.ts";
import { countWaiting } from "../archive/due.ts";
import { finishRun, type RunEnd } from "../archive/runs.ts";
import { EXIT } from "../lib/errors.ts";
import type { SyncDeps, SyncOptions, SyncReport } from "./run-types.ts";
import { toProblem, worstProblem, type Tally, type RunProblem } from "./tally.ts";

type Finished = { id: number; startedAt: number; tally: Tally; ids: string[] };

/** Counts what is left, decides how the run ended and records that. A disk that is full by now is reported too. */
export function finish(deps: SyncDeps, options: SyncOptions, run: Finished): SyncReport {
  const { id, startedAt, tally } = run;
  const waiting = count(deps, options, run);
  const end = conclude(deps, run);
  try {
    if (!options.betweenRuns) finishRun(deps.db, id, end);
  } catch (error) {
    tally.problems.push(toProblem(error, deps.home));
    Object.assign(end, conclude(deps, run));
  }
  const { problems } = tally;
  return { ...end, id, startedAt, problem: worstProblem(problems), problems, waiting };
}

/** Returns how many files still wait, and puts the states of the fetched ids into the tally. */
function count({ db, downloader }: SyncDeps, options: SyncOptions, { tally, ids }: Finished): number {
  const states = countStates(db, ids);
  Object.assign(tally, { tasksPending: states.pending, tasksFailed: states.failed, tasksMissing: states.missing });
  if (!downloader) return 0;
  const { wanted, failed } = countWaiting(db, options.kinds, options.only);
  tally.assetsFailed = failed;
  const waiting = wanted + failed;
  if (waiting > 0)
    tally.problems.push({ exit: EXIT.incomplete, code: "assets_waiting", message: `${waiting} files still wait` });
  return waiting;
}

function conclude({ signal, now }: SyncDeps, { startedAt, tally }: Finished): RunEnd {
  const { batchesAnswered: _answered, problems, ...counts } = tally;
  const problem = worstProblem(problems);
  return {
    // The clock may have been set back during the run.
    finishedAt: Math.max(startedAt, now()),
    ...outcomeOf(problem, signal),
    errorCode: problem?.code ?? null,
    errorMessage: problem?.message ?? null,
    counts,
  };
}

function outcomeOf(problem: RunProblem | undefined, signal: AbortSignal): Pick<RunEnd, "outcome" | "exitCode"> {
  if (signal.aborted) {
    const name = (signal.reason as Error | undefined)?.message;
    return { outcome: "interrupted", exitCode: name === "SIGTERM" ? EXIT.sigterm : EXIT.sigint };
  }
  if (!problem) return { outcome: "complete", exitCode: EXIT.ok };
  return { outcome: problem.exit === EXIT.incomplete ? "incomplete" : "failed", exitCode: problem.exit };
}

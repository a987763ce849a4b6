import type { ApiError } from "../../api/api-error.ts";
import type { Api } from "../../api/client.ts";
import { postponeAll, saveTaskErrors } from "../../archive/bookkeeping.ts";
import type { RecordSaver } from "../../archive/records.ts";
import type { UnreadableStore } from "../../archive/unreadable.ts";
import type { Database } from "../../db/connection.ts";
import { EXIT } from "../../lib/errors.ts";
import type { Emit } from "../events.ts";
import type { Tally } from "../tally.ts";

/** What asking needs, and the one place that says whether any more may be asked. */
export type TaskContext = {
  db: Database;
  api: Api;
  save: RecordSaver;
  unreadables: UnreadableStore;
  tally: Tally;
  emit: Emit;
  now: () => number;
  signal: AbortSignal;
  /** Nothing new is asked from then on, milliseconds UTC. */
  until: number;
  /** Set once no more questions may be asked in this run. */
  stopped: boolean;
  /** The last failure of the API, for the line that a person reads. */
  lastError?: ApiError;
};

/** These ids got nothing readable in this run; their state stays. */
export function giveUp(asking: TaskContext, ids: string[], message: string): void {
  saveTaskErrors(asking.db, ids, message, asking.now());
  asking.tally.problems.push({ exit: EXIT.incomplete, code: "task_failed", message, taskId: ids[0] });
  asking.emit({ type: "taskFailed", ids, message });
}

/** Token, account or service: asking again will not help. */
export function refuse(asking: TaskContext, error: ApiError): void {
  if (asking.stopped) return;
  asking.stopped = true;
  const { message, hint, code } = error;
  asking.tally.problems.push({ exit: EXIT.refused, code, message, hint });
  asking.emit({ type: "stopped", message, hint });
}

/** The API wants to be left alone for longer than a run waits. */
export function leaveAlone(asking: TaskContext, error: ApiError): void {
  const seconds = error.retryAfterSeconds;
  const until = seconds === null ? undefined : asking.now() + seconds * 1000;
  if (until !== undefined) postponeAll(asking.db, until);
  const rest = until === undefined ? "" : `; it asks to be left alone until ${new Date(until).toISOString()}`;
  stop(asking, EXIT.upstream, rest);
}

/** Nobody answers: what is left waits for the next run. */
export function stop(asking: TaskContext, exit: typeof EXIT.upstream | typeof EXIT.incomplete, rest = ""): void {
  const { lastError, signal, tally } = asking;
  if (asking.stopped || signal.aborted || !lastError) return;
  asking.stopped = true;
  const tries = lastError.tries > 1 ? ` after ${lastError.tries} tries` : "";
  const waiting = tally.tasksAsked - tally.tasksNew - tally.tasksUpdated - tally.tasksUnchanged;
  const left = `${waiting} ${waiting === 1 ? "id waits" : "ids wait"} for the next run`;
  const message = `${lastError.message}${tries}; ${left}${rest}`;
  const hint = "run sync again later, it goes on from here";
  asking.tally.problems.push({ exit, code: lastError.code, message, hint });
  asking.emit({ type: "stopped", message, hint });
}

/** The run has a length and it is over. */
export function timeIsUp(asking: TaskContext): void {
  if (asking.stopped) return;
  asking.stopped = true;
  const message = "the time of this run is up, ids wait for the next one";
  asking.tally.problems.push({ exit: EXIT.incomplete, code: "time_up", message });
}

import type { ApiError } from "../../api/api-error.ts";
import type { Api } from "../../api/client.ts";
import { postponeAll, saveTaskErrors } from "../../archive/bookkeeping.ts";
import type { RecordSaver } from "../../archive/records.ts";
import type { UnreadableStore } from "../../archive/unreadable.ts";
import type { Database } from "../../db/connection.ts";
import { MOST_RETRY_AFTER_SECONDS } from "../../lib/net/retry-after.ts";
import { EXIT } from "../../lib/errors.ts";
import type { Emit } from "../events.ts";
import type { Tally } from "../tally.ts";

/** What fetching tasks needs. `stopped` alone decides whether the run may still send requests. */
export type TaskContext = {
  db: Database;
  api: Api;
  save: RecordSaver;
  unreadables: UnreadableStore;
  tally: Tally;
  emit: Emit;
  now: () => number;
  signal: AbortSignal;
  /** No new batch is fetched once it is. */
  isTimeUp: () => boolean;
  /** Ids that were tracked since then may not be known everywhere yet: that they are unknown does not count. */
  newSince?: number | undefined;
  /** Set once this run may send no more requests to the API. */
  stopped: boolean;
  /** Ids that the next run requests in any case, ended ones left out; only where this run requests ended ones too. */
  countOpen?: (() => number) | undefined;
  /** The last failure of the API, for the line that a person reads. */
  lastError?: ApiError;
};

/** Records that these ids got nothing readable in this run; their state stays. */
export function giveUp(context: TaskContext, ids: string[], message: string): void {
  saveTaskErrors(context.db, ids, message, context.now());
  context.tally.problems.push({ exit: EXIT.incomplete, code: "task_failed", message, taskId: ids[0] });
  context.emit({ type: "taskFailed", ids, message });
}

/** Stops: the token, the account or the service is refused, and further requests will not help. */
export function stopRefused(context: TaskContext, error: ApiError): void {
  if (context.stopped) return;
  context.stopped = true;
  const { message, hint, code } = error;
  context.tally.problems.push({ exit: EXIT.refused, code, message, hint });
  context.emit({ type: "stopped", message, hint });
}

/** Stops: the API asks for a longer wait than a run takes. The schedule of all tasks respects it. */
export function stopForLongWait(context: TaskContext, error: ApiError): void {
  const seconds = error.retryAfterSeconds;
  const until = seconds === null ? undefined : context.now() + seconds * 1000;
  if (until !== undefined) postponeAll(context.db, until);
  stop(
    context,
    EXIT.upstream,
    until === undefined ? "" : `; it asks for no request ${untilWords(seconds ?? 0, until)}`,
  );
}

/** A longer wait than a day was cut to one when it was read. */
function untilWords(seconds: number, until: number): string {
  return seconds < MOST_RETRY_AFTER_SECONDS ? `before ${new Date(until).toISOString()}` : "for a day or longer";
}

/** Stops after the last failure: the remaining tasks wait for the next run. */
export function stop(context: TaskContext, exit: typeof EXIT.upstream | typeof EXIT.incomplete, ending = ""): void {
  const { lastError, signal, tally } = context;
  if (context.stopped || signal.aborted || !lastError) return;
  context.stopped = true;
  const tries = lastError.tries > 1 ? ` after ${lastError.tries} tries` : "";
  const waiting = tally.tasksAsked - tally.tasksNew - tally.tasksUpdated - tally.tasksUnchanged;
  const left = waitingWords(waiting, context.countOpen?.());
  const message = `${lastError.message}${tries}; ${left}${ending}`;
  const hint = lastError.hint ?? "run sync again later, it goes on from here";
  context.tally.problems.push({ exit, code: lastError.code, message, hint });
  context.emit({ type: "stopped", message, hint });
}

/** A finished task waits for nothing: only `--refresh` requests it again, as `status` says too. */
function waitingWords(waiting: number, open = waiting): string {
  const words = (count: number) => `${count} ${count === 1 ? "id waits" : "ids wait"}`;
  const ended = waiting - open;
  if (ended <= 0) return `${words(waiting)} for the next run`;
  const again = `${ended} ended ${ended === 1 ? "task was" : "tasks were"} not asked again (\`sync --refresh\` does)`;
  return open > 0 ? `${words(open)} for the next run, ${again}` : again;
}

/** Stops: the run has reached its longest duration. */
export function stopTimeUp(context: TaskContext): void {
  if (context.stopped) return;
  context.stopped = true;
  const message = "the time of this run is up, ids wait for the next one";
  context.tally.problems.push({ exit: EXIT.incomplete, code: "time_up", message });
}

import { ApiError } from "../api/api-error.ts";
import type { Api } from "../api/client.ts";
import { postponeAll, saveNotSeen, saveTaskErrors } from "../archive/bookkeeping.ts";
import type { RecordSaver, Saved } from "../archive/records.ts";
import type { Database } from "../db/connection.ts";
import { EXIT } from "../lib/errors.ts";
import type { Emit } from "./events.ts";
import { matchAnswers } from "./match.ts";
import { halve } from "./plan.ts";
import { nextCheckAt, nextLookAt } from "./schedule.ts";
import type { Tally } from "./tally.ts";

export type Asking = {
  db: Database;
  api: Api;
  save: RecordSaver;
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

const IN_FLIGHT = 4;
/** Batches in a row that the network lost before the rest is left for the next run. */
const LOST_IN_A_ROW = 2;

/**
 * Asks for every batch and saves each as it comes: the first alone, since it tells whether there is anybody, then four
 * at once. Never throws for what the API does; `tally.troubles` says it.
 */
export async function askTasks(asking: Asking, batches: string[][]): Promise<void> {
  const waiting = batches.values();
  const state = { lostInARow: 0 };
  const worker = async (most: number) => {
    for (let done = 0; done < most && mayAsk(asking); done++) {
      const next = waiting.next();
      if (next.done) return;
      if (asking.now() >= asking.until) return timeIsUp(asking);
      const answered = await askBatch(asking, next.value);
      state.lostInARow = answered ? 0 : state.lostInARow + 1;
      const nobody = asking.tally.batchesAnswered === 0;
      if (nobody) stop(asking, EXIT.upstream);
      else if (state.lostInARow >= LOST_IN_A_ROW) stop(asking, EXIT.incomplete);
    }
  };
  await worker(1);
  await Promise.all(Array.from({ length: IN_FLIGHT }, () => worker(Infinity)));
}

/** Asks once more for one task, when a file of it was missed. Returns false when that could not be done. */
export async function askAgain(asking: Asking, taskId: string): Promise<boolean> {
  if (!mayAsk(asking)) return false;
  try {
    const matched = matchAnswers([taskId], await asking.api.ask([taskId], { signal: asking.signal, tries: 2 }));
    if (matched.incoming.length > 0)
      asking.save(matched.incoming, { now: asking.now(), nextCheckAt: schedule(asking) });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.followUp === "refused") refuse(asking, error);
    return error.followUp === "absent";
  }
}

function mayAsk({ stopped, signal }: Asking): boolean {
  return !stopped && !signal.aborted;
}

/** False when nobody was there to answer. */
async function askBatch(asking: Asking, ids: string[], tries?: number): Promise<boolean> {
  try {
    const answers = await asking.api.ask(
      ids,
      tries === undefined ? { signal: asking.signal } : { signal: asking.signal, tries },
    );
    asking.tally.batchesAnswered++;
    const notReturned = saveAnswers(asking, ids, answers);
    if (notReturned.length > 0) await askOnceMore(asking, notReturned);
    return true;
  } catch (error) {
    if (asking.signal.aborted) return false;
    if (!(error instanceof ApiError)) throw error;
    return handleFailure(asking, ids, error);
  }
}

function saveAnswers(asking: Asking, ids: string[], answers: Awaited<ReturnType<Api["ask"]>>): string[] {
  const { tally, emit } = asking;
  const matched = matchAnswers(ids, answers);
  const now = asking.now();
  const saved = asking.save(matched.incoming, { now, nextCheckAt: schedule(asking) });
  for (const record of saved) count(tally, record);
  emit({ type: "saved", saved });
  for (const { mapped } of matched.incoming) {
    if (mapped.unknownWords.length > 0)
      emit({ type: "unknownWords", taskId: mapped.task.id, words: mapped.unknownWords });
  }
  for (const { id, why } of matched.unreadable) giveUp(asking, [id], `unreadable record: ${why}`);
  if (matched.unasked > 0) emit({ type: "unasked", count: matched.unasked });
  return matched.notReturned;
}

/** What did not come back is asked for once more in the same run; only then is it counted as not seen. */
async function askOnceMore(asking: Asking, ids: string[]): Promise<void> {
  if (!mayAsk(asking)) return;
  let missing = ids;
  try {
    missing = saveAnswers(asking, ids, await asking.api.ask(ids, { signal: asking.signal }));
  } catch (error) {
    if (asking.signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    if (error.followUp !== "absent") {
      await handleFailure(asking, ids, error);
      return;
    }
  }
  const now = asking.now();
  saveNotSeen(asking.db, missing, now, nextLookAt(now));
  if (missing.length > 0) asking.emit({ type: "notSeen", ids: missing });
}

async function handleFailure(asking: Asking, ids: string[], error: ApiError): Promise<boolean> {
  const { followUp } = error;
  asking.lastError = error;
  if (followUp === "absent" && ids.length > 1) return split(asking, ids, error);
  if (followUp === "absent") {
    asking.tally.batchesAnswered++;
    await askOnceMore(asking, ids);
    return true;
  }
  if (followUp === "refused") refuse(asking, error);
  else if (followUp === "pause") leaveAlone(asking, error);
  else if (followUp === "split" || isTheirs(error)) return split(asking, ids, error);
  else giveUp(asking, ids, `${error.message}; asked again in the next run`);
  return false;
}

/** The service itself failed over this batch; the code says so at any status, an error also comes with 200. */
function isTheirs({ status, code }: ApiError): boolean {
  return status !== null && (status >= 500 || code === "api_error" || code === "timeout");
}

/** Halves the batch until the bad id stands alone; the rest of it is saved. */
async function split(asking: Asking, ids: string[], error: ApiError): Promise<boolean> {
  if (ids.length === 1) {
    giveUp(asking, ids, error.message);
    return error.followUp === "split";
  }
  let answered = error.followUp === "split";
  for (const half of halve(ids)) {
    if (mayAsk(asking)) answered = (await askBatch(asking, half, 3)) || answered;
  }
  return answered;
}

function giveUp(asking: Asking, ids: string[], message: string): void {
  saveTaskErrors(asking.db, ids, message, asking.now());
  asking.tally.troubles.push({ exit: EXIT.incomplete, code: "task_failed", message });
  asking.emit({ type: "taskFailed", ids, message });
}

function refuse(asking: Asking, error: ApiError): void {
  if (asking.stopped) return;
  asking.stopped = true;
  const { message, hint, code } = error;
  asking.tally.troubles.push({ exit: EXIT.refused, code, message, hint });
  asking.emit({ type: "stopped", message, hint });
}

/** The API wants to be left alone for longer than a run waits. */
function leaveAlone(asking: Asking, error: ApiError): void {
  const seconds = error.retryAfterSeconds;
  const until = seconds === null ? undefined : asking.now() + seconds * 1000;
  if (until !== undefined) postponeAll(asking.db, until);
  const rest = until === undefined ? "" : `; it asks to be left alone until ${new Date(until).toISOString()}`;
  stop(asking, EXIT.upstream, rest);
}

function stop(asking: Asking, exit: typeof EXIT.upstream | typeof EXIT.incomplete, rest = ""): void {
  const { lastError, signal, tally } = asking;
  if (asking.stopped || signal.aborted || !lastError) return;
  asking.stopped = true;
  const tries = lastError.tries > 1 ? ` after ${lastError.tries} tries` : "";
  const waiting = tally.tasksAsked - tally.tasksNew - tally.tasksUpdated - tally.tasksUnchanged;
  const left = `${waiting} ${waiting === 1 ? "id waits" : "ids wait"} for the next run`;
  const message = `${lastError.message}${tries}; ${left}${rest}`;
  const hint = "run sync again later, it goes on from here";
  asking.tally.troubles.push({ exit, code: lastError.code, message, hint });
  asking.emit({ type: "stopped", message, hint });
}

function timeIsUp(asking: Asking): void {
  if (asking.stopped) return;
  asking.stopped = true;
  const message = "the time of this run is up, ids wait for the next one";
  asking.tally.troubles.push({ exit: EXIT.incomplete, code: "time_up", message });
}

function schedule({ now }: Asking) {
  return (state: string, createdAt: number | null) => nextCheckAt(state, createdAt, now());
}

function count(tally: Tally, saved: Saved): void {
  if (saved.change === "new") tally.tasksNew++;
  else if (saved.change === "updated") tally.tasksUpdated++;
  else tally.tasksUnchanged++;
  tally.clipsNew += saved.clipsNew;
  tally.clipsUpdated += saved.clipsUpdated;
  tally.assetsAlreadyStored += saved.assetsAlreadyStored;
}

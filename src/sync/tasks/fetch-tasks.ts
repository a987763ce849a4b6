import { ApiError } from "../../api/api-error.ts";
import type { ReceivedRecord } from "../../api/client.ts";
import { BROKEN_RESPONSE } from "../../api/read-error.ts";
import { saveNotSeen } from "../../archive/bookkeeping.ts";
import type { SavedRecord } from "../../archive/records.ts";
import { EXIT } from "../../lib/errors.ts";
import { giveUp, stop, stopForLongWait, stopRefused, stopTimeUp, type TaskContext } from "./task-failures.ts";
import { matchRecords, type MatchedRecords } from "./match-records.ts";
import { halve } from "../plan.ts";
import { nextCheckAt, nextNotSeenCheckAt } from "../../record/schedule.ts";
import type { Tally } from "../tally.ts";

const WORKERS = 4;
/** After so many batches in a row that the network lost, the rest waits for the next run. */
const MOST_LOST_IN_A_ROW = 2;

/**
 * Fetches every batch and saves each as it comes: the first alone, since it shows whether the API can be reached, then
 * four at once. Never throws for failures of the API: they are in `tally.problems`.
 */
export async function fetchTasks(context: TaskContext, batches: string[][]): Promise<void> {
  const waiting = batches.values();
  const state = { lostInARow: 0 };
  const work = async (most: number) => {
    for (let done = 0; done < most && mayFetch(context); done++) {
      const next = waiting.next();
      if (next.done) return;
      if (context.isTimeUp()) return stopTimeUp(context);
      const answered = await fetchBatch(context, next.value);
      state.lostInARow = answered ? 0 : state.lostInARow + 1;
      const isUnreachable = context.tally.batchesAnswered === 0;
      if (isUnreachable) stop(context, EXIT.upstream);
      else if (state.lostInARow >= MOST_LOST_IN_A_ROW) stop(context, EXIT.incomplete);
    }
  };
  await work(1);
  await Promise.all(Array.from({ length: WORKERS }, () => work(Infinity)));
}

/** Fetches one task again after a file of it was missing upstream. Returns false when that was not possible. */
export async function refetchTask(context: TaskContext, taskId: string): Promise<boolean> {
  if (!mayFetch(context)) return false;
  try {
    const received = await context.api.fetchTasks([taskId], { signal: context.signal, tries: 2 });
    const matched = matchRecords([taskId], received);
    if (matched.incoming.length > 0)
      context.save(matched.incoming, { now: context.now(), nextCheckAt: schedule(context) });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.followUp === "refused") stopRefused(context, error);
    return error.followUp === "absent";
  }
}

function mayFetch({ stopped, signal }: TaskContext): boolean {
  return !stopped && !signal.aborted;
}

/** Returns false when the API could not be reached or sent nothing usable. */
async function fetchBatch(context: TaskContext, ids: string[], tries?: number): Promise<boolean> {
  try {
    const { signal } = context;
    const received = await context.api.fetchTasks(ids, tries === undefined ? { signal } : { signal, tries });
    context.tally.batchesAnswered++;
    const notReturned = saveRecords(context, ids, received);
    if (notReturned.length > 0) await refetchMissing(context, notReturned);
    return true;
  } catch (error) {
    if (context.signal.aborted) return false;
    if (!(error instanceof ApiError)) throw error;
    return handleFailure(context, ids, error);
  }
}

/** Saves what was received for `ids` and returns the ids without a record. */
function saveRecords(context: TaskContext, ids: string[], received: ReceivedRecord[]): string[] {
  const { tally, emit } = context;
  const matched = matchRecords(ids, received);
  const now = context.now();
  const saved = context.save(matched.incoming, { now, nextCheckAt: schedule(context) });
  for (const record of saved) {
    count(tally, record);
    context.unreadables.remove(record.taskId);
  }
  emit({ type: "saved", saved });
  for (const { mapped } of matched.incoming) {
    if (mapped.unknownWords.length > 0)
      emit({ type: "unknownWords", taskId: mapped.task.id, words: mapped.unknownWords });
  }
  for (const unreadable of matched.unreadable) saveUnreadable(context, unreadable);
  if (matched.unrequested > 0) emit({ type: "unrequested", count: matched.unrequested });
  return matched.notReturned;
}

function saveUnreadable(context: TaskContext, { id, why, document }: MatchedRecords["unreadable"][number]): void {
  const path = context.unreadables.save(id, document);
  giveUp(context, [id], `unreadable record: ${why}${path === undefined ? "" : `; its text is kept as ${path}`}`);
}

/** Ids without a record are fetched once more in the same run; only then do they count as not seen. */
async function refetchMissing(context: TaskContext, ids: string[]): Promise<void> {
  if (!mayFetch(context)) return;
  let missing = ids;
  try {
    missing = saveRecords(context, ids, await context.api.fetchTasks(ids, { signal: context.signal }));
  } catch (error) {
    if (context.signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    if (error.followUp !== "absent") {
      await handleFailure(context, ids, error);
      return;
    }
  }
  const now = context.now();
  saveNotSeen(context.db, missing, now, { ...nextNotSeenCheckAt(now), newSince: context.newSince });
  if (missing.length > 0) context.emit({ type: "notSeen", ids: missing });
}

async function handleFailure(context: TaskContext, ids: string[], error: ApiError): Promise<boolean> {
  const { followUp } = error;
  context.lastError = error;
  if (followUp === "absent" && ids.length > 1) return split(context, ids, error);
  if (followUp === "absent") {
    context.tally.batchesAnswered++;
    await refetchMissing(context, ids);
    return true;
  }
  if (followUp === "refused") stopRefused(context, error);
  else if (followUp === "pause") stopForLongWait(context, error);
  else if (followUp === "in_front")
    stop(context, context.tally.batchesAnswered === 0 ? EXIT.upstream : EXIT.incomplete);
  else if (followUp === "split" || isServiceFault(error)) return split(context, ids, error);
  else giveUp(context, ids, `${error.message}; asked again in the next run`);
  return false;
}

/** Whether the service itself failed over this batch. The code decides at any status, as errors also come with 200. */
function isServiceFault({ status, code }: ApiError): boolean {
  return status !== null && (status >= 500 || ["api_error", "timeout", BROKEN_RESPONSE].includes(code));
}

/** Halves the batch until the bad id is alone; the rest of it is saved. */
async function split(context: TaskContext, ids: string[], error: ApiError): Promise<boolean> {
  if (ids.length === 1) {
    giveUp(context, ids, error.message);
    return error.followUp === "split";
  }
  let answered = error.followUp === "split";
  for (const half of halve(ids)) {
    if (mayFetch(context)) answered = (await fetchBatch(context, half, 3)) || answered;
  }
  return answered;
}

function schedule({ now }: TaskContext) {
  return (state: string, createdAt: number | null) => nextCheckAt(state, createdAt, now());
}

function count(tally: Tally, saved: SavedRecord): void {
  if (saved.change === "new") tally.tasksNew++;
  else if (saved.change === "updated") tally.tasksUpdated++;
  else tally.tasksUnchanged++;
  tally.clipsNew += saved.clipsNew;
  tally.clipsUpdated += saved.clipsUpdated;
  tally.assetsAlreadyStored += saved.assetsAlreadyStored;
}

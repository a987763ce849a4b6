import { ApiError } from "../../api/api-error.ts";
import type { Api } from "../../api/client.ts";
import { BROKEN_RESPONSE } from "../../api/read-error.ts";
import { saveNotSeen } from "../../archive/bookkeeping.ts";
import type { SavedRecord } from "../../archive/records.ts";
import { EXIT } from "../../lib/errors.ts";
import { giveUp, leaveAlone, refuse, stop, timeIsUp, type TaskContext } from "./task-failures.ts";
import { matchRecords, type MatchedRecords } from "./match-records.ts";
import { halve } from "../plan.ts";
import { nextCheckAt, nextNotSeenCheckAt } from "../../record/schedule.ts";
import type { Tally } from "../tally.ts";

const IN_FLIGHT = 4;
/** Batches in a row that the network lost before the rest is left for the next run. */
const LOST_IN_A_ROW = 2;

/**
 * Asks for every batch and saves each as it comes: the first alone, since it tells whether there is anybody, then four
 * at once. Never throws for what the API does; `tally.troubles` says it.
 */
export async function fetchTasks(asking: TaskContext, batches: string[][]): Promise<void> {
  const waiting = batches.values();
  const state = { lostInARow: 0 };
  const worker = async (most: number) => {
    for (let done = 0; done < most && mayFetch(asking); done++) {
      const next = waiting.next();
      if (next.done) return;
      if (asking.now() >= asking.until) return timeIsUp(asking);
      const answered = await fetchBatch(asking, next.value);
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
export async function refetchTask(asking: TaskContext, taskId: string): Promise<boolean> {
  if (!mayFetch(asking)) return false;
  try {
    const matched = matchRecords([taskId], await asking.api.fetchTasks([taskId], { signal: asking.signal, tries: 2 }));
    if (matched.incoming.length > 0)
      asking.save(matched.incoming, { now: asking.now(), nextCheckAt: schedule(asking) });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.followUp === "refused") refuse(asking, error);
    return error.followUp === "absent";
  }
}

function mayFetch({ stopped, signal }: TaskContext): boolean {
  return !stopped && !signal.aborted;
}

/** False when nobody was there to answer. */
async function fetchBatch(asking: TaskContext, ids: string[], tries?: number): Promise<boolean> {
  try {
    const answers = await asking.api.fetchTasks(
      ids,
      tries === undefined ? { signal: asking.signal } : { signal: asking.signal, tries },
    );
    asking.tally.batchesAnswered++;
    const notReturned = saveRecords(asking, ids, answers);
    if (notReturned.length > 0) await refetchMissing(asking, notReturned);
    return true;
  } catch (error) {
    if (asking.signal.aborted) return false;
    if (!(error instanceof ApiError)) throw error;
    return handleFailure(asking, ids, error);
  }
}

function saveRecords(asking: TaskContext, ids: string[], answers: Awaited<ReturnType<Api["fetchTasks"]>>): string[] {
  const { tally, emit } = asking;
  const matched = matchRecords(ids, answers);
  const now = asking.now();
  const saved = asking.save(matched.incoming, { now, nextCheckAt: schedule(asking) });
  for (const record of saved) {
    count(tally, record);
    asking.unreadables.remove(record.taskId);
  }
  emit({ type: "saved", saved });
  for (const { mapped } of matched.incoming) {
    if (mapped.unknownWords.length > 0)
      emit({ type: "unknownWords", taskId: mapped.task.id, words: mapped.unknownWords });
  }
  for (const unreadable of matched.unreadable) saveUnreadable(asking, unreadable);
  if (matched.unasked > 0) emit({ type: "unasked", count: matched.unasked });
  return matched.notReturned;
}

function saveUnreadable(asking: TaskContext, { id, why, document }: MatchedRecords["unreadable"][number]): void {
  const place = asking.unreadables.save(id, document);
  giveUp(asking, [id], `unreadable record: ${why}${place === undefined ? "" : `; its text is kept as ${place}`}`);
}

/** What did not come back is asked for once more in the same run; only then is it counted as not seen. */
async function refetchMissing(asking: TaskContext, ids: string[]): Promise<void> {
  if (!mayFetch(asking)) return;
  let missing = ids;
  try {
    missing = saveRecords(asking, ids, await asking.api.fetchTasks(ids, { signal: asking.signal }));
  } catch (error) {
    if (asking.signal.aborted) return;
    if (!(error instanceof ApiError)) throw error;
    if (error.followUp !== "absent") {
      await handleFailure(asking, ids, error);
      return;
    }
  }
  const now = asking.now();
  saveNotSeen(asking.db, missing, now, nextNotSeenCheckAt(now));
  if (missing.length > 0) asking.emit({ type: "notSeen", ids: missing });
}

async function handleFailure(asking: TaskContext, ids: string[], error: ApiError): Promise<boolean> {
  const { followUp } = error;
  asking.lastError = error;
  if (followUp === "absent" && ids.length > 1) return split(asking, ids, error);
  if (followUp === "absent") {
    asking.tally.batchesAnswered++;
    await refetchMissing(asking, ids);
    return true;
  }
  if (followUp === "refused") refuse(asking, error);
  else if (followUp === "pause") leaveAlone(asking, error);
  else if (followUp === "split" || isServiceFault(error)) return split(asking, ids, error);
  else giveUp(asking, ids, `${error.message}; asked again in the next run`);
  return false;
}

/** The service itself failed over this batch; the code says so at any status, an error also comes with 200. */
function isServiceFault({ status, code }: ApiError): boolean {
  return status !== null && (status >= 500 || ["api_error", "timeout", BROKEN_RESPONSE].includes(code));
}

/** Halves the batch until the bad id stands alone; the rest of it is saved. */
async function split(asking: TaskContext, ids: string[], error: ApiError): Promise<boolean> {
  if (ids.length === 1) {
    giveUp(asking, ids, error.message);
    return error.followUp === "split";
  }
  let answered = error.followUp === "split";
  for (const half of halve(ids)) {
    if (mayFetch(asking)) answered = (await fetchBatch(asking, half, 3)) || answered;
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

import { countDue, dueTaskIds, meanBytes, type DueAssets } from "../archive/due.ts";
import { createRecordSaver } from "../archive/records.ts";
import { beginRun } from "../archive/runs.ts";
import { countTracked } from "../archive/tracking.ts";
import { openUnreadableStore } from "../archive/unreadable.ts";
import type { Downloader } from "../assets/download/download.ts";
import type { Database } from "../db/connection.ts";
import type { ByKind } from "../lib/asset-kinds.ts";
import { allOrAbort, onceEach } from "../lib/concurrency.ts";
import { deadlineAfter } from "../lib/time/deadline.ts";
import { refetchTask, fetchTasks } from "./tasks/fetch-tasks.ts";
import type { TaskContext } from "./tasks/task-failures.ts";
import { FileQueue } from "./files/file-queue.ts";
import type { Emit } from "./events.ts";
import { fetchDueFiles } from "./files/fetch-due-files.ts";
import { finish } from "./finish-run.ts";
import { findLostFiles } from "./files/find-lost-files.ts";
import { NEW_ID_MS } from "../record/schedule.ts";
import { planBatches } from "./plan.ts";
import type { SyncDeps, SyncOptions, SyncReport } from "./run-types.ts";
import { emptyTally, toProblem, type Tally } from "./tally.ts";

/** What a run would do now: due ids, batches, files. Sends no request and writes nothing. */
export function planRun(
  db: Database,
  options: SyncOptions,
  now: number,
): { ids: string[]; batches: string[][]; wanted: ByKind } {
  const scheduled = options.trigger === "watch" && !options.betweenRuns ? { scheduledFor: now } : {};
  const ids = dueTaskIds(db, { ...scheduled, ...taskFilter(options) });
  return { ids, batches: planBatches(ids, options.batchSize), wanted: countDue(db, dueFiles(options, now)) };
}

/**
 * One run: fetches the due tasks, saves each batch as it comes, fetches files meanwhile, and records the result. Failures
 * are in the report with their exit codes; only a bug throws.
 */
export async function runSync(deps: SyncDeps, options: SyncOptions): Promise<SyncReport> {
  const { db, now, emit } = deps;
  const startedAt = now();
  const id = options.betweenRuns ? 0 : beginRun(db, options.trigger, startedAt);
  const tally = emptyTally();
  if (options.tasksSkipped) tally.problems.push(options.tasksSkipped);
  tally.problems.push(...(options.notRead ?? []));
  if (deps.downloader && !options.betweenRuns)
    await findLost({ ...deps, downloader: deps.downloader }, options, id, tally);
  const plan = deps.api
    ? planRun(db, options, startedAt)
    : { ids: [], batches: [], wanted: countDue(db, dueFiles(options, startedAt)) };
  tally.tasksAsked = plan.ids.length;
  emit({
    type: "planned",
    home: deps.home,
    tracked: countTracked(db),
    due: plan.ids.length,
    requests: plan.batches.length,
    ratePerSecond: options.ratePerSecond,
    wanted: deps.downloader ? plan.wanted : {},
    meanBytes: meanBytes(db),
    freeBytes: deps.freeBytes ?? null,
  });
  try {
    await work(deps, options, tally, plan.batches);
  } catch (error) {
    if (!deps.signal.aborted) tally.problems.push(toProblem(error, deps.home));
  }
  tally.requests = deps.api?.requests ?? 0;
  return finish(deps, options, { id, startedAt, tally, ids: plan.ids });
}

async function findLost(
  deps: SyncDeps & { downloader: Downloader },
  options: SyncOptions,
  id: number,
  tally: Tally,
): Promise<void> {
  try {
    await findLostFiles(deps, dueFiles(options, deps.now()), id);
  } catch (error) {
    tally.problems.push(toProblem(error, deps.home));
  }
}

async function work(deps: SyncDeps, options: SyncOptions, tally: Tally, batches: string[][]): Promise<void> {
  const { db, api, journal, downloader, emit, now } = deps;
  const failed = new AbortController();
  const signal = AbortSignal.any([deps.signal, failed.signal]);
  const save = createRecordSaver(db, journal);
  const queue = new FileQueue(db, dueFiles(options, now()));
  const emitAndWake: Emit = (event) => {
    emit(event);
    if (event.type === "saved") queue.wake();
  };
  // One object for both: once task requests are stopped, missed files send none either.
  const context: TaskContext | undefined = api && {
    db,
    api,
    save,
    unreadables: openUnreadableStore(deps.home, db),
    tally,
    emit: emitAndWake,
    now,
    signal,
    isTimeUp: deadlineAfter(options.maxDurationMs),
    newSince: options.trigger === "watch" ? now() - NEW_ID_MS : undefined,
    stopped: false,
    countOpen: options.refresh ? () => dueTaskIds(db, options.only ? { only: options.only } : {}).length : undefined,
  };
  const tasks = async () => {
    try {
      if (context) await fetchTasks(context, batches);
    } finally {
      queue.close();
    }
  };
  const refetch = onceEach((taskId) => (context ? refetchTask(context, taskId) : Promise.resolve(false)));
  const files = downloader && fetchDueFiles({ ...deps, downloader, signal }, options, tally, queue, refetch);
  await allOrAbort([tasks(), files ?? Promise.resolve()], failed);
}

function dueFiles(options: SyncOptions, now: number): DueAssets {
  const scheduled = options.trigger === "watch" ? { scheduledFor: now } : {};
  return {
    kinds: options.kinds,
    now,
    refresh: options.refresh ?? false,
    ...scheduled,
    ...(options.only && { tasks: options.only }),
  };
}

function taskFilter({ refresh, only, limit }: SyncOptions) {
  return { refresh: refresh ?? false, ...(only && { only }), ...(limit !== undefined && { limit }) };
}

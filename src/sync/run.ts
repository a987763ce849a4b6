import { countDue, dueTaskIds, type DueAssets } from "../archive/due.ts";
import { createRecordSaver } from "../archive/records.ts";
import { beginRun } from "../archive/runs.ts";
import { countTracked } from "../archive/tracking.ts";
import { openUnreadables } from "../archive/unreadable.ts";
import type { Downloader } from "../assets/download/download.ts";
import type { Database } from "../db/connection.ts";
import { allOrAbort, onceEach } from "../lib/concurrency.ts";
import { askAgain, askTasks } from "./tasks/fetch-tasks.ts";
import type { Asking } from "./tasks/task-failures.ts";
import { AssetFeed } from "./files/file-queue.ts";
import type { Emit } from "./events.ts";
import { fetchDue } from "./files/fetch-due-files.ts";
import { finish } from "./finish-run.ts";
import { noticeLost } from "./files/find-lost-files.ts";
import { planBatches } from "./plan.ts";
import type { RunDeps, RunOptions, RunReport } from "./run-types.ts";
import { emptyTally, toTrouble, type Tally } from "./tally.ts";

/** What a run would do now: due ids, requests, files. Asks nothing and writes nothing. */
export function planRun(
  db: Database,
  options: RunOptions,
  now: number,
): { ids: string[]; batches: string[][]; wanted: number } {
  const scheduled = options.trigger === "watch" ? { scheduledFor: now } : {};
  const ids = dueTaskIds(db, { ...scheduled, ...pick(options) });
  return { ids, batches: planBatches(ids, options.batchSize), wanted: countDue(db, dueFiles(options, now)) };
}

/**
 * One run: ask for what is due, save each batch as it comes, fetch files meanwhile, and write down how it went. What
 * goes wrong is in the report, with the exit code it asks for; only a bug throws.
 */
export async function runSync(deps: RunDeps, options: RunOptions): Promise<RunReport> {
  const { db, now, emit } = deps;
  const startedAt = now();
  const id = beginRun(db, options.trigger, startedAt);
  const tally = emptyTally();
  if (options.notAsked) tally.troubles.push(options.notAsked);
  if (deps.downloader) await lookOver({ ...deps, downloader: deps.downloader }, options, id, tally);
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
    wanted: plan.wanted,
    freeBytes: deps.freeBytes ?? null,
  });
  try {
    await work(deps, options, tally, plan.batches);
  } catch (error) {
    if (!deps.signal.aborted) tally.troubles.push(toTrouble(error, deps.home));
  }
  tally.requests = deps.api?.requests ?? 0;
  return finish(deps, options, { id, startedAt, tally, ids: plan.ids });
}

async function lookOver(
  deps: RunDeps & { downloader: Downloader },
  options: RunOptions,
  id: number,
  tally: Tally,
): Promise<void> {
  try {
    await noticeLost(deps, dueFiles(options, deps.now()), id);
  } catch (error) {
    tally.troubles.push(toTrouble(error, deps.home));
  }
}

async function work(deps: RunDeps, options: RunOptions, tally: Tally, batches: string[][]): Promise<void> {
  const { db, api, journal, downloader, emit, now } = deps;
  const broken = new AbortController();
  const signal = AbortSignal.any([deps.signal, broken.signal]);
  const save = createRecordSaver(db, journal);
  const feed = new AssetFeed(db, dueFiles(options, now()));
  const wakeUp: Emit = (event) => {
    emit(event);
    if (event.type === "saved") feed.wake();
  };
  const until = now() + (options.maxDurationMs ?? Infinity);
  // One object for both: once questions are stopped, files that are missed ask none either.
  const asking: Asking | undefined = api && {
    db,
    api,
    save,
    unreadables: openUnreadables(deps.home, db),
    tally,
    emit: wakeUp,
    now,
    signal,
    until,
    stopped: false,
  };
  const ask = async () => {
    try {
      if (asking) await askTasks(asking, batches);
    } finally {
      feed.close();
    }
  };
  const again = onceEach((taskId) => (asking ? askAgain(asking, taskId) : Promise.resolve(false)));
  const fetching = downloader && fetchDue({ ...deps, downloader, signal }, options, tally, feed, again);
  await allOrAbort([ask(), fetching ?? Promise.resolve()], broken);
}

function dueFiles(options: RunOptions, now: number): DueAssets {
  const scheduled = options.trigger === "watch" ? { scheduledFor: now } : {};
  return {
    kinds: options.kinds,
    now,
    refresh: options.refresh ?? false,
    ...scheduled,
    ...(options.only && { tasks: options.only }),
  };
}

function pick({ refresh, only, limit }: RunOptions) {
  return { refresh: refresh ?? false, ...(only && { only }), ...(limit !== undefined && { limit }) };
}

import type { Api } from "../api/client.ts";
import { createAssetWriter } from "../archive/assets.ts";
import { countStates } from "../archive/bookkeeping.ts";
import { countDue, countWaiting, dueTaskIds, type DueAssets } from "../archive/due.ts";
import type { Journal } from "../archive/journal.ts";
import { createRecordSaver } from "../archive/records.ts";
import { beginRun, finishRun, type RunEnd } from "../archive/runs.ts";
import type { Downloader } from "../assets/download.ts";
import type { Database } from "../db/connection.ts";
import type { AssetKind } from "../lib/asset-kinds.ts";
import { EXIT, MirrorError } from "../lib/errors.ts";
import { toStorageError } from "../lib/storage-errors.ts";
import { askAgain, askTasks, type Asking } from "./ask-tasks.ts";
import { AssetFeed } from "./asset-feed.ts";
import type { Emit } from "./events.ts";
import { fetchAssets } from "./fetch-assets.ts";
import { Misses } from "./misses.ts";
import { noticeLost } from "./notice-lost.ts";
import { planBatches } from "./plan.ts";
import { emptyTally, forgive, worstTrouble, type Tally, type Trouble } from "./tally.ts";

export type RunDeps = {
  db: Database;
  home: string;
  /** On the disk of the files, for the line that a person reads; null when it cannot be told. */
  freeBytes?: number | null;
  journal: Journal;
  /** Absent with `--assets-only`. */
  api: Api | undefined;
  /** Absent with `--no-assets`. */
  downloader: Downloader | undefined;
  emit: Emit;
  now: () => number;
  signal: AbortSignal;
};

export type RunOptions = {
  trigger: "manual" | "watch" | "demo";
  kinds: AssetKind[];
  batchSize: number;
  concurrency: number;
  ratePerSecond: number;
  /** Settled and gone ones again. */
  refresh?: boolean;
  /** These ids alone. */
  only?: string[] | undefined;
  limit?: number | undefined;
  maxDurationMs?: number | undefined;
  maxTransferBytes?: number | undefined;
};

export type RunReport = RunEnd & {
  id: number;
  startedAt: number;
  trouble: Trouble | undefined;
  troubles: Trouble[];
  waiting: number;
};

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
  if (deps.downloader) await lookOver({ ...deps, downloader: deps.downloader }, options, id, tally);
  const plan = deps.api
    ? planRun(db, options, startedAt)
    : { ids: [], batches: [], wanted: countDue(db, dueFiles(options, startedAt)) };
  tally.tasksAsked = plan.ids.length;
  emit({
    type: "planned",
    home: deps.home,
    due: plan.ids.length,
    requests: plan.batches.length,
    ratePerSecond: options.ratePerSecond,
    wanted: plan.wanted,
    freeBytes: deps.freeBytes ?? null,
  });
  try {
    await work(deps, options, tally, plan.batches);
  } catch (error) {
    if (!deps.signal.aborted) tally.troubles.push(toTrouble(error));
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
    tally.troubles.push(toTrouble(error));
  }
}

async function work(deps: RunDeps, options: RunOptions, tally: Tally, batches: string[][]): Promise<void> {
  const { db, api, journal, downloader, emit, now } = deps;
  const broken = new AbortController();
  const signal = AbortSignal.any([deps.signal, broken.signal]);
  const save = createRecordSaver(db, journal);
  const asking: Asking | undefined = api && { db, api, save, tally, emit, now, signal, stopped: false };
  const feed = new AssetFeed(db, dueFiles(options, now()));
  const wakeUp: Emit = (event) => {
    emit(event);
    if (event.type === "saved") feed.wake();
  };
  const ask = async () => {
    try {
      if (asking) await askTasks({ ...asking, emit: wakeUp }, batches);
    } finally {
      feed.close();
    }
  };
  const again = onceEach((taskId) => (asking ? askAgain(asking, taskId) : Promise.resolve(false)));
  const fetching = downloader && fetchFiles({ ...deps, downloader, signal }, options, tally, feed, again);
  await allOrAbort([ask(), fetching ?? Promise.resolve()], broken);
}

async function fetchFiles(
  deps: RunDeps & { downloader: Downloader },
  options: RunOptions,
  tally: Tally,
  feed: AssetFeed,
  again: (taskId: string) => Promise<boolean>,
): Promise<void> {
  const { db, downloader, emit, now, signal } = deps;
  const writer = createAssetWriter(db);
  const misses = new Misses();
  const until = options.maxDurationMs === undefined ? Infinity : now() + options.maxDurationMs;
  const mayStart = () => now() < until && tally.assetsBytes < (options.maxTransferBytes ?? Infinity);
  try {
    await fetchAssets(
      { db, downloader, writer, feed, misses, tally, emit, now, signal, askAgain: again, mayStart },
      options.concurrency,
    );
  } finally {
    const { gone, outages } = misses.settle(writer, now(), (event) => {
      if (event.type === "assetGone") forgive(tally, event.asset.id);
      emit(event);
    });
    tally.assetsGone += gone;
    for (const host of outages)
      tally.troubles.push({
        exit: EXIT.incomplete,
        code: "host_outage",
        message: `${host} has an outage: none of its misses counts`,
      });
  }
}

function finish(
  deps: RunDeps,
  options: RunOptions,
  run: { id: number; startedAt: number; tally: Tally; ids: string[] },
): RunReport {
  const { db, signal, now } = deps;
  const { id, startedAt, tally, ids } = run;
  const states = countStates(db, ids);
  const waiting = deps.downloader ? countWaiting(db, options.kinds, options.only) : 0;
  if (waiting > 0)
    tally.troubles.push({ exit: EXIT.incomplete, code: "assets_waiting", message: `${waiting} files still wait` });
  const { batchesAnswered: _answered, troubles, ...counts } = tally;
  Object.assign(counts, {
    tasksPending: states.pending,
    tasksFailed: states.failed,
    tasksMissing: states.missing,
    assetsFailed: waiting,
  });
  const trouble = worstTrouble(troubles);
  const end: RunEnd = {
    finishedAt: now(),
    ...outcomeOf(trouble, signal),
    errorCode: trouble?.code ?? null,
    errorMessage: trouble?.message ?? null,
    counts,
  };
  finishRun(db, id, end);
  return { ...end, id, startedAt, trouble, troubles, waiting };
}

function outcomeOf(trouble: Trouble | undefined, signal: AbortSignal): Pick<RunEnd, "outcome" | "exitCode"> {
  if (signal.aborted) {
    const name = (signal.reason as Error | undefined)?.message;
    return { outcome: "interrupted", exitCode: name === "SIGTERM" ? EXIT.sigterm : EXIT.sigint };
  }
  if (!trouble) return { outcome: "complete", exitCode: EXIT.ok };
  return { outcome: trouble.exit === EXIT.incomplete ? "incomplete" : "failed", exitCode: trouble.exit };
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

function toTrouble(thrown: unknown): Trouble {
  const error = toStorageError(thrown);
  if (error instanceof MirrorError)
    return { exit: error.exit, code: error.code, message: error.message, hint: error.hint };
  return {
    exit: EXIT.unexpected,
    code: "unexpected",
    message: `unexpected: ${(error as Error)?.message ?? String(error)}`,
  };
}

function onceEach<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const result = known.get(key) ?? work(key);
    known.set(key, result);
    return result;
  };
}

/** Waits for all; the first failure makes the others end, and is thrown when they have. */
async function allOrAbort(work: Promise<unknown>[], controller: AbortController): Promise<void> {
  let first: { error: unknown } | undefined;
  const guarded = work.map((promise) =>
    promise.catch((error: unknown) => {
      first ??= { error };
      controller.abort(error);
    }),
  );
  await Promise.all(guarded);
  if (first) throw first.error;
}

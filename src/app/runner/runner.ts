import type { Config } from "../../config.ts";
import { LockedError } from "../../lib/errors.ts";
import { checkSchedule, onSchedule } from "../../sync/on-schedule.ts";
import { toProblem } from "../../sync/tally.ts";
import { openForReading } from "../archive.ts";
import { checkTracked } from "../check-tracked.ts";
import { openLine } from "../connect.ts";
import { lockSchedule } from "../run-archive.ts";
import { refuseDemo, requireToken } from "../run-sync.ts";
import { damageHappening, type Happening } from "./happenings.ts";
import { openHooks, type Hooks } from "./hooks.ts";
import { runOnce, type RunDeps } from "./one-run.ts";
import { startJobs, type Jobs } from "./jobs.ts";
import { askQuestions } from "./questions.ts";
import type { CurrentSettings, EmitRunner, Runner, RunnerOptions, Schedule, SyncJob } from "./runner-types.ts";
import { createSongNotices } from "./song-notices.ts";
import { takeTurns } from "./turns.ts";
import { verifyOnce } from "./verify-once.ts";

/**
 * Starts the runner of an archive. `current` gives the settings of each run. Throws LockedError when a schedule is to run
 * and another one does, UsageError for a bad schedule, a demo archive, no token, or when nothing is tracked for a schedule,
 * and as openForReading does.
 */
export async function startRunner(
  config: Config,
  options: RunnerOptions,
  emit: EmitRunner,
  current: CurrentSettings = () => config,
): Promise<Runner> {
  const { schedule } = options;
  if (schedule) checkSchedule(schedule);
  requireToken(config);
  await using stack = new AsyncDisposableStack();
  const notices = await readArchive(config, schedule !== undefined && options.mayBeEmpty !== true);
  if (schedule) stack.use(lockSchedule(config));
  const note = (message: string) => emit({ type: "note", message });
  const hooks = openHooks(options, note);
  const line = stack.use(openLine());
  const tell = (happening: Happening) => {
    emit({ type: "happened", happening });
    hooks.tell(happening);
  };
  const stopped = new AbortController();
  const { signal } = stopped;
  // Where the archive lies is settled at the start.
  const settings = async () => ({ ...(await current()), home: config.home, assets: config.assets, note });
  const deps: RunDeps = { settings, options, line, notices, refused: { was: undefined }, emit, tell, signal };
  const work = startWork(deps, config.home, (reason) => stopped.abort(reason));
  const resources = stack.move();
  const done = endWith(work.done, hooks, resources);
  done.catch(() => {});
  return {
    ...work,
    done,
    stop: async (reason) => {
      stopped.abort(reason);
      await done.catch(() => {});
    },
  };
}

async function endWith(work: Promise<void>, hooks: Hooks, resources: AsyncDisposable): Promise<void> {
  try {
    await work;
  } finally {
    await hooks.end();
    await resources[Symbol.asyncDispose]();
  }
}

async function readArchive(config: Config, needsTracked: boolean) {
  using archive = await openForReading(config);
  refuseDemo(archive, config.home);
  if (needsTracked) checkTracked(archive, [], config, false);
  return createSongNotices(archive.db);
}

type Work = Pick<Runner, "syncNow" | "verifyNow" | "fetchSoon" | "done">;

function startWork(deps: RunDeps, home: string, end: (reason: unknown) => void): Work {
  const { options, signal } = deps;
  const takeTurn = takeTurns();
  const run = (job: SyncJob) => takeTurn(() => runOnce(deps, job));
  const jobs = startJobs(signal);
  const ticks = options.schedule ? runTicks(deps, options.schedule, jobs, () => run("tick")) : aborted(signal);
  // After the first run of the schedule, which asks for all that is open.
  const questions = askQuestions({
    ...deps,
    home,
    onlyAdded: !options.schedule,
    takeTurn,
    ask: (ids) => runOnce(deps, "question", ids),
  });
  const ended = async () => {
    await ticks.catch((error: unknown) => {
      end(error);
      throw error;
    });
    await Promise.all([questions.done, jobs.ended()]);
  };
  return {
    syncNow: () => jobs.begin("sync", () => run("sync")),
    verifyNow: (mode) => jobs.begin("verify", () => runVerify(deps, mode)),
    fetchSoon: questions.add,
    done: ended(),
  };
}

/** A run that is asked for while one is going on is skipped; the first one may have to run. */
function runTicks({ options, emit, signal }: RunDeps, schedule: Schedule, jobs: Jobs, run: () => Promise<unknown>) {
  const note = (message: string) => emit({ type: "note", message });
  let mustRun = options.firstMustRun === true;
  const tick = async () => {
    let failure: unknown;
    const begun = jobs.begin("sync", () => run().catch((error: unknown) => (failure = error)));
    if ("busy" in begun) note("skipped: the run before is still going");
    await jobs.ended("sync");
    if (mustRun && failure instanceof LockedError) throw failure;
    mustRun = false;
  };
  return onSchedule({ ...schedule, signal, tick, note });
}

async function runVerify({ settings, emit, tell, signal }: RunDeps, mode: "quick" | "full"): Promise<void> {
  let home = "";
  emit({ type: "began", job: "verify", at: Date.now() });
  try {
    const config = await settings();
    home = config.home;
    const report = await verifyOnce(config, mode, signal);
    emit({ type: "verified", report, at: Date.now() });
    const happening = damageHappening(report, Date.now());
    if (happening) tell(happening);
  } catch (error) {
    emit({ type: "failed", job: "verify", problem: toProblem(error, home), at: Date.now() });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

import { validateDetailed } from "node-cron";
import { sleep } from "../lib/net/backoff.ts";
import { UsageError } from "../lib/errors.ts";
import { isTimeZone } from "../lib/time/time-zone.ts";
import { nextRuns, type NextRun } from "./next-run.ts";

export type ScheduleOptions = {
  /** Five fields, or six with seconds first. */
  cron: string;
  /** An IANA name. */
  timezone: string;
  /** Each run but the first comes up to so much later, so that many machines do not ask at the same second. */
  jitterMs?: number;
  signal: AbortSignal;
  /** Does one run and reports its own failures. */
  tick: () => Promise<void>;
  /** Prints a line for the person. */
  note: (line: string) => void;
};

const CLOCK_CHECK_MS = 30_000;
const LATE_MS = 1000;

/** Throws UsageError for a schedule or time zone that does not exist. */
export function checkSchedule({ cron, timezone }: Pick<ScheduleOptions, "cron" | "timezone">): void {
  const { valid, errors } = validateDetailed(cron);
  if (!valid)
    throw new UsageError(`--cron is "${cron}": ${errors[0]?.message ?? "not a schedule"}`, {
      hint: 'it takes five fields, or six with seconds first, such as "*/15 * * * *"',
    });
  if (!isTimeZone(timezone)) throw new UsageError(`--timezone is "${timezone}"; it takes a name such as Europe/Berlin`);
}

/**
 * Runs `tick` at once and then on the schedule, one at a time, until the signal aborts; then waits for the current one to
 * end. Follows the wall clock and checks it twice a minute: when the clock is set or the machine slept, at most one run is
 * late. Rejects when the very first tick does.
 */
export async function onSchedule(options: ScheduleOptions): Promise<void> {
  const { cron, timezone, jitterMs = 0, tick, note } = options;
  const firstFailed = new AbortController();
  const signal = AbortSignal.any([options.signal, firstFailed.signal]);
  const nextOf = nextRuns(cron, timezone);
  const nextRun = () => nextOf() + Math.floor(Math.random() * jitterMs);
  let isBusy = true;
  const run = async (onFailure: (error: unknown) => void) => {
    isBusy = true;
    await tick().catch(onFailure);
    isBusy = false;
  };
  let current = run((error) => firstFailed.abort(error));
  while (await waitForNext(nextRun, signal, note)) {
    if (isBusy) note("skipped: the run before is still going");
    else current = run((error) => note(`a run failed: ${(error as Error)?.message ?? String(error)}`));
  }
  await current;
  if (firstFailed.signal.aborted) throw firstFailed.signal.reason;
}

/** Waits for the next run; false when the signal aborts first. */
async function waitForNext(nextRun: NextRun, signal: AbortSignal, note: (line: string) => void): Promise<boolean> {
  let due = nextRun();
  for (let last = Date.now(); Date.now() < due; last = Date.now()) {
    const isAborted = await sleep(Math.min(due - last, CLOCK_CHECK_MS), signal).then(
      () => false,
      () => true,
    );
    if (isAborted) return false;
    // The clock was set back: with the old time nothing would run until it has caught up.
    if (Date.now() < last) due = nextRun();
  }
  if (Date.now() - due > LATE_MS) note("a run came late: this machine was asleep or busy");
  return !signal.aborted;
}

import { validateDetailed } from "node-cron";
import { sleep } from "../lib/net/backoff.ts";
import { UsageError } from "../lib/errors.ts";
import { isTimeZone } from "../lib/time/time-zone.ts";
import { nextRuns, type NextRun } from "./next-run.ts";

export type ScheduleOptions = {
  /** Five fields, or six with seconds first. */
  cron: string;
  /** An IANA name; UTC unless said. */
  timezone: string;
  signal: AbortSignal;
  /** Must not throw: what goes wrong in a tick is the tick's to tell. */
  tick: () => Promise<void>;
  say: (line: string) => void;
};

const LONGEST_LOOK_MS = 30_000;
const LATE_MS = 1000;

/** Throws UsageError for a schedule or time zone that does not exist. */
export function checkSchedule({ cron, timezone }: Pick<ScheduleOptions, "cron" | "timezone">): void {
  const { valid, errors } = validateDetailed(cron);
  if (!valid)
    throw new UsageError(`--cron is "${cron}": ${errors[0]?.message ?? "not a schedule"}`, {
      hint: 'it takes five fields, such as "*/15 * * * *"',
    });
  if (!isTimeZone(timezone)) throw new UsageError(`--timezone is "${timezone}"; it takes a name such as Europe/Berlin`);
}

/**
 * Runs `tick` at once and then on the schedule, one at a time, until the signal aborts; waits for the one in hand. Goes
 * by the clock of the wall and looks at it twice a minute: one that is set, or a machine that slept, costs one late run
 * at most. Rejects when the very first tick does.
 */
export async function onSchedule(options: ScheduleOptions): Promise<void> {
  const { cron, timezone, tick, say } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const nextRun = nextRuns(cron, timezone);
  let isBusy = true;
  const run = async (failed: (error: unknown) => void) => {
    isBusy = true;
    await tick().catch(failed);
    isBusy = false;
  };
  let current = run((error) => broken.abort(error));
  while (await reached(nextRun, signal, say)) {
    if (isBusy) say("skipped: the run before is still going");
    else current = run((error) => say(`a run failed: ${(error as Error)?.message ?? String(error)}`));
  }
  await current;
  if (broken.signal.aborted) throw broken.signal.reason;
}

/** Waits for the next run; false when the signal aborts first. */
async function reached(nextRun: NextRun, signal: AbortSignal, say: (line: string) => void): Promise<boolean> {
  let due = nextRun();
  for (let last = Date.now(); Date.now() < due; last = Date.now()) {
    const isOver = await sleep(Math.min(due - last, LONGEST_LOOK_MS), signal).then(
      () => false,
      () => true,
    );
    if (isOver) return false;
    // The clock was set back: by the old plan nothing would run until it has caught up.
    if (Date.now() < last) due = nextRun();
  }
  if (Date.now() - due > LATE_MS) say("a run came late: this machine was asleep or busy");
  return !signal.aborted;
}

import { schedule, validateDetailed, type Logger } from "node-cron";
import { UsageError } from "../lib/errors.ts";

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

/** Throws UsageError for a schedule or time zone that does not exist. */
export function checkSchedule({ cron, timezone }: Pick<ScheduleOptions, "cron" | "timezone">): void {
  const { valid, errors } = validateDetailed(cron);
  if (!valid)
    throw new UsageError(`--cron is "${cron}": ${errors[0]?.message ?? "not a schedule"}`, {
      hint: 'it takes five fields, such as "*/15 * * * *"',
    });
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch (cause) {
    throw new UsageError(`--timezone is "${timezone}"; it takes a name such as Europe/Berlin`, { cause });
  }
}

/** Runs `tick` at once and then on the schedule, one at a time, until the signal aborts; waits for the one in hand. */
export async function onSchedule({ cron, timezone, signal, tick, say }: ScheduleOptions): Promise<void> {
  let current: Promise<void> | undefined;
  const once = async () => {
    if (current) return say("skipped: the run before is still going");
    current = tick();
    try {
      await current;
    } finally {
      current = undefined;
    }
  };
  const task = schedule(cron, once, { timezone, noOverlap: true, logger: silent });
  task.on("execution:overlap", () => say("skipped: the run before is still going"));
  task.on("execution:missed", () => say("a run came late: this machine was asleep or busy"));
  try {
    await once();
    await aborted(signal);
  } finally {
    await task.destroy();
    await current;
  }
}

/** node-cron would print by itself; its events say the same. */
const silent: Logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

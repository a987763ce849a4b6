import { createTask, type Logger } from "node-cron";

/** The next time of a schedule after now, in milliseconds UTC. */
export type NextRun = () => number;

/**
 * The times of a schedule in a time zone. node-cron leaves out a time of day that the change to summer time skips. Such a
 * run comes at that time by the clock of the day before.
 */
export function nextRuns(cron: string, timezone: string): NextRun {
  return () => {
    const next = nextIn(cron, timezone);
    const offset = offsetAt(timezone, Date.now());
    return minutes(offsetAt(timezone, next)) > minutes(offset) ? Math.min(next, nextIn(cron, offset)) : next;
  };
}

/** `timezone` may be an offset, such as `-05:00`. */
function nextIn(cron: string, timezone: string): number {
  const task = createTask(cron, () => {}, { timezone, logger: silent });
  try {
    return task.getNextRuns(1)[0]?.getTime() ?? Infinity;
  } finally {
    void task.destroy();
  }
}

/** The offset of a time zone, such as `-05:00`, which Intl and node-cron accept as a time zone. */
function offsetAt(timezone: string, at: number): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" }).formatToParts(at);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  return name.slice(3, 9) || "+00:00";
}

function minutes(offset: string): number {
  const [hours = 0, rest = 0] = offset.slice(1).split(":").map(Number);
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + rest);
}

/** Without it node-cron prints messages of its own. */
const silent: Logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

import { createTask, type Logger } from "node-cron";

/** When a schedule is due next after this moment, in milliseconds UTC. */
export type NextRun = () => number;

/**
 * The runs of a schedule in a time zone. node-cron leaves out a time of day that the change to summer time skips: such a
 * run comes when that time would have been on the clock of the day before.
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

/** `-05:00`, as Intl and node-cron take it for a time zone. */
function offsetAt(timezone: string, at: number): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone: timezone, timeZoneName: "longOffset" }).formatToParts(at);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  return name.slice(3, 9) || "+00:00";
}

function minutes(offset: string): number {
  const [hours = 0, rest = 0] = offset.slice(1).split(":").map(Number);
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + rest);
}

/** node-cron would print by itself. */
const silent: Logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

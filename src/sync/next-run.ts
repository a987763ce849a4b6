import { createTask, type Logger } from "node-cron";
import { nextChange, zoneOffset } from "../lib/time/time-zone.ts";

/** The next time of a schedule after now, in milliseconds UTC. */
export type NextRun = () => number;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** The runs that are listed at first; four times as many while none of them is late enough. */
const SOME = 16;
/** As many runs as a schedule of every hour on weekdays has in a week. */
const GAPS = 170;
const MANY = 20_000;

type Schedule = { cron: string; offsetAt: (moment: number) => number; everyHour: boolean; everyMinute: boolean };

/**
 * The times of a schedule in a time zone. When the clocks go forward, a run in the time that is skipped comes as by the
 * clock of before; one that comes each hour (`*`) has nothing to catch up. When they go back, what comes at certain hours
 * comes once, the first time; what comes each hour, or each so many minutes, comes in the repeated time too.
 */
export function nextRuns(cron: string, timezone: string): NextRun {
  const [hour = "", minute = ""] = cron.trim().split(/\s+/).toReversed().slice(3);
  const schedule: Schedule = {
    cron,
    offsetAt: zoneOffset(timezone),
    everyHour: hour === "*",
    everyMinute: hour === "*" || minute.startsWith("*"),
  };
  return () => nextOf(schedule, Date.now());
}

/** From one change of the clocks to the next the zone is a fixed offset, which node-cron gets right. */
function nextOf(schedule: Schedule, now: number): number {
  const { cron, offsetAt } = schedule;
  let changedAt = lastChange(schedule, now);
  for (let start = now; ;) {
    const offset = offsetAt(start);
    const next = firstRun(cron, offset, (at) => at >= start && !isRepeated(schedule, changedAt, at));
    const change = next === Infinity ? undefined : nextChange(offsetAt, start, next);
    const skipped = skippedRun(schedule, changedAt, now);
    if (skipped !== undefined && skipped <= next) return skipped;
    if (change === undefined) return next;
    changedAt = change;
    start = change;
  }
}

/** A change so short a time ago that its effects go on. */
function lastChange({ offsetAt }: Schedule, now: number): number | undefined {
  return nextChange(offsetAt, now - DAY, now);
}

/** Whether a run after a change comes in the time that the clocks have shown before. */
function isRepeated({ offsetAt, everyMinute }: Schedule, changedAt: number | undefined, at: number): boolean {
  if (everyMinute || changedAt === undefined) return false;
  return at < changedAt + offsetAt(changedAt - MINUTE) - offsetAt(changedAt);
}

/** The first run after now in the time that the clocks have skipped, by the clock of before. */
function skippedRun({ cron, offsetAt, everyHour }: Schedule, changedAt: number | undefined, now: number) {
  if (everyHour || changedAt === undefined) return undefined;
  const before = offsetAt(changedAt - MINUTE);
  const end = changedAt + offsetAt(changedAt) - before;
  if (end <= Math.max(changedAt, now)) return undefined;
  const run = firstRun(cron, before, (at) => at >= changedAt);
  return run < end ? run : undefined;
}

/** The first run after now by a clock with this offset that is `wanted`; Infinity when there is none. */
function firstRun(cron: string, offset: number, wanted: (at: number) => boolean): number {
  const task = createTask(cron, () => {}, { timezone: offsetName(offset), logger: silent });
  try {
    for (let count = SOME; count <= MANY; count *= 4) {
      const runs = task.getNextRuns(count).map((run) => run.getTime());
      const found = runs.find(wanted);
      if (found !== undefined) return found;
      if (runs.length < count) return Infinity;
    }
    return Infinity;
  } finally {
    void task.destroy();
  }
}

/** `-05:00`, which node-cron takes as a time zone. */
function offsetName(offset: number): string {
  const minutes = Math.abs(Math.round(offset / MINUTE));
  const two = (part: number) => String(part).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Without it node-cron prints messages of its own. */
const silent: Logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** The longest time between two of the next runs, in milliseconds: of a schedule by day and week, its longest pause. */
export function longestGap(cron: string, timezone: string): number {
  const task = createTask(cron, () => {}, { timezone, logger: silent });
  try {
    const runs = task.getNextRuns(GAPS).map((run) => run.getTime());
    return runs.slice(1).reduce((most, run, index) => Math.max(most, run - (runs[index] ?? run)), MINUTE);
  } finally {
    void task.destroy();
  }
}

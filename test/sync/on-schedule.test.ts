import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { onSchedule } from "../../src/sync/on-schedule.ts";

const EVERY_SECOND = "* * * * * *";
const DAY = 24 * 3600_000;

type Watched = { ticks: number[]; lines: string[]; most: number; stop: () => Promise<void> };

/** A schedule whose ticks are counted; `work` is what a tick does. */
function watch(cron: string, work: (nth: number) => Promise<void>, timezone = "UTC"): Watched {
  const stop = new AbortController();
  const watched: Watched = { ticks: [], lines: [], most: 0, stop: async () => {} };
  let running = 0;
  const tick = async () => {
    watched.most = Math.max(watched.most, ++running);
    watched.ticks.push(Date.now());
    try {
      await work(watched.ticks.length);
    } finally {
      running--;
    }
  };
  const done = onSchedule({ cron, timezone, signal: stop.signal, tick, note: (line) => watched.lines.push(line) });
  watched.stop = () => {
    stop.abort();
    return done;
  };
  return watched;
}

describe.concurrent("a schedule by the second", () => {
  test("L133: a tick that takes three intervals: one runs at a time, and skipped ones are reported", async () => {
    const watched = watch(EVERY_SECOND, () => sleep(3200));
    await sleep(4500);
    await watched.stop();
    expect(watched.most).toBe(1);
    expect(watched.ticks.length).toBeLessThanOrEqual(2);
    expect(watched.lines).toContain("skipped: the run before is still going");
  });

  test("L134: runs at once when it starts: what was missed while it was down is caught up", async () => {
    const watched = watch("0 0 1 1 *", async () => {});
    await sleep(50);
    await watched.stop();
    expect(watched.ticks).toHaveLength(1);
  });

  test("L139: a tick that throws an error or anything else does not end it", async () => {
    const watched = watch(EVERY_SECOND, async (nth) => {
      await Promise.resolve();
      if (nth === 2) throw new Error("broken");
      if (nth === 3) return Promise.reject("text");
    });
    await sleep(4300);
    await watched.stop();
    expect(watched.ticks.length).toBeGreaterThanOrEqual(4);
    // A busy machine may also skip one.
    const failures = watched.lines.filter((line) => line.startsWith("a run failed"));
    expect(failures).toEqual(["a run failed: broken", "a run failed: text"]);
  });

  test("L139: but the very first that fails ends it with its error", async () => {
    const fails = () => Promise.reject(new Error("locked"));
    const signal = new AbortController().signal;
    const done = onSchedule({ cron: EVERY_SECOND, timezone: "UTC", signal, tick: fails, note: () => {} });
    await expect(done).rejects.toThrow("locked");
  });
});

test("L134: a blocked event loop is reported, and one run follows", async () => {
  const watched = watch(EVERY_SECOND, async () => {});
  await sleep(300);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3300);
  const before = watched.ticks.length;
  await sleep(1500);
  await watched.stop();
  expect(watched.lines).toContain("a run came late: this machine was asleep or busy");
  expect(watched.ticks.length - before).toBeGreaterThanOrEqual(1);
  expect(watched.ticks.length - before).toBeLessThanOrEqual(3);
});

describe("by a clock that is turned", () => {
  afterEach(() => void vi.useRealTimers());

  /** Days on which a daily run at 02:30 came, as local dates. */
  async function daily(timezone: string, from: string, days: number): Promise<string[]> {
    vi.useFakeTimers({ now: new Date(from) });
    const watched = watch("30 2 * * *", async () => {}, timezone);
    await vi.advanceTimersByTimeAsync(days * DAY);
    await watched.stop();
    const name = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" });
    return watched.ticks.slice(1).map((at) => name.format(at));
  }

  test.for([
    ["New York, autumn 2026: the hour that comes twice", "America/New_York", "2026-10-30T12:00:00Z"],
    ["Lord Howe, autumn 2026", "Australia/Lord_Howe", "2026-04-03T12:00:00Z"],
    ["UTC", "UTC", "2026-03-06T12:00:00Z"],
  ] as const)("L135: %s: one run a day", async ([, timezone, from]) => {
    const days = await daily(timezone, from, 4);
    expect(days).toHaveLength(4);
    expect(new Set(days).size).toBe(4);
  });

  test.for([
    ["New York, spring 2026: 02:30 does not exist on one day", "America/New_York", "2026-03-06T12:00:00Z"],
    ["Lord Howe, spring 2026: neither there", "Australia/Lord_Howe", "2026-10-02T12:00:00Z"],
  ] as const)("L135: %s: one run a day all the same", async ([, timezone, from]) => {
    const days = await daily(timezone, from, 4);
    expect(days).toHaveLength(4);
    expect(new Set(days).size).toBe(4);
  });

  test.for([
    ["a year ahead", 365 * DAY],
    ["a day back", -DAY],
  ] as const)("L136: the clock jumps %s: no storm of runs, and they go on", async ([, jump]) => {
    vi.useFakeTimers({ now: new Date("2026-05-05T12:00:30Z") });
    const watched = watch("* * * * *", async () => {});
    await vi.advanceTimersByTimeAsync(3 * 60_000);
    const before = watched.ticks.length;
    vi.setSystemTime(Date.now() + jump);
    await vi.advanceTimersByTimeAsync(60_000);
    const after = watched.ticks.length;
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    await watched.stop();
    expect(after - before).toBeLessThanOrEqual(2);
    expect(watched.ticks.length - after).toBeGreaterThanOrEqual(8);
    expect(watched.ticks.length - after).toBeLessThanOrEqual(11);
  });
});

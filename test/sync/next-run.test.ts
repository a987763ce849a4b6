import { afterEach, describe, expect, it, vi } from "vitest";
import { longestGap, nextRuns } from "../../src/sync/next-run.ts";
import { checkSchedule } from "../../src/sync/on-schedule.ts";

afterEach(() => void vi.useRealTimers());

/** The times of a schedule between two moments, each found from the one before, as local times with their offsets. */
function runs(cron: string, timezone: string, from: string, until: string): string[] {
  vi.useFakeTimers({ now: new Date(from), toFake: ["Date"] });
  const next = nextRuns(cron, timezone);
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "short" });
  const found: string[] = [];
  for (let at = next(); at < Date.parse(until); at = next()) {
    found.push(format.format(at));
    vi.setSystemTime(at);
  }
  return found;
}

/** Minutes between runs that follow one another. */
function steps(cron: string, timezone: string, from: string, until: string): number[] {
  vi.useFakeTimers({ now: new Date(from), toFake: ["Date"] });
  const next = nextRuns(cron, timezone);
  const found: number[] = [];
  for (let at = next(); at < Date.parse(until); at = next()) {
    found.push((at - Date.now()) / 60_000);
    vi.setSystemTime(at);
  }
  return found;
}

const NIGHTS = [
  ["Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z"],
  ["Europe/Berlin", "2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z"],
  ["Europe/Dublin", "2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z"],
  ["Europe/Dublin", "2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z"],
  ["America/New_York", "2026-11-01T03:00:00Z", "2026-11-01T09:00:00Z"],
  ["America/St_Johns", "2026-11-01T03:00:00Z", "2026-11-01T09:00:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T12:00:00Z", "2026-04-04T18:00:00Z"],
  ["Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-03T18:00:00Z"],
  ["Africa/Casablanca", "2026-02-14T22:00:00Z", "2026-02-15T06:00:00Z"],
  ["Pacific/Apia", "2011-12-30T06:00:00Z", "2011-12-30T14:00:00Z"],
  ["UTC", "2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z"],
] as const;

describe("the night in which the clocks change", () => {
  it.each(NIGHTS)("31: %s, from %s: each quarter of an hour, none twice", (timezone, from, until) => {
    const found = steps("*/15 * * * *", timezone, from, until);
    expect(found).toEqual(Array.from({ length: (Date.parse(until) - Date.parse(from)) / 900_000 - 1 }, () => 15));
  });

  it.each([
    ["the hour that comes twice", "Europe/Berlin", "2026-10-23T12:00:00Z", "2026-10-27T12:00:00Z"],
    ["the hour that does not come", "Europe/Berlin", "2026-03-27T12:00:00Z", "2026-03-31T12:00:00Z"],
    ["half an hour twice", "Australia/Lord_Howe", "2026-04-03T00:00:00Z", "2026-04-07T00:00:00Z"],
    ["no half hour", "Australia/Lord_Howe", "2026-10-02T00:00:00Z", "2026-10-06T00:00:00Z"],
  ])("31: %s: a daily run comes once a day", (_what, timezone, from, until) => {
    const days = runs("15 2 * * *", timezone, from, until).map((time) => time.slice(0, 10));
    expect(days).toHaveLength(4);
    expect(new Set(days).size).toBe(4);
  });

  it("31: a daily run in the skipped hour comes as by the clock of before, one in the repeated hour the first time", () => {
    expect(runs("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z")).toEqual([
      "2026-03-29 03:30",
      "2026-03-30 02:30",
    ]);
    vi.useFakeTimers({ now: new Date("2026-10-24T12:00:00Z"), toFake: ["Date"] });
    expect(new Date(nextRuns("30 2 * * *", "Europe/Berlin")()).toISOString()).toBe("2026-10-25T00:30:00.000Z");
    // Started between the two, it does not run again in this night.
    vi.setSystemTime(new Date("2026-10-25T01:10:00Z"));
    expect(new Date(nextRuns("30 2 * * *", "Europe/Berlin")()).toISOString()).toBe("2026-10-26T01:30:00.000Z");
    // Also when more runs lie in the repeated hour than are listed at first.
    expect(new Date(nextRuns("0-59 2 * * *", "Europe/Berlin")()).toISOString()).toBe("2026-10-26T01:00:00.000Z");
  });

  it.each([
    ["0 * * * *", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z", [60, 60, 60, 60, 60]],
    ["0 * * * *", "Europe/Berlin", "2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z", [60, 60, 60, 60, 60]],
    ["0 */2 * * *", "Europe/Berlin", "2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z", [60, 120, 180, 120]],
    ["*/20 1-3 * * *", "Europe/Berlin", "2026-10-24T22:30:00Z", "2026-10-25T02:50:00Z", Array(12).fill(20).with(0, 30)],
    ["*/30 2 * * *", "Europe/Berlin", "2026-03-28T22:00:00Z", "2026-03-29T06:00:00Z", [180, 30]],
    ["*/20 * * * * *", "Europe/Berlin", "2026-10-25T00:59:00Z", "2026-10-25T01:01:00Z", Array(5).fill(1 / 3)],
  ])("31: %s in %s from %s", (cron, timezone, from, until, minutes) => {
    expect(steps(cron, timezone, from, until)).toEqual(minutes);
  });

  it.each([
    ["0 0 1 * *", ["2026-11-01 00:00", "2026-12-01 00:00", "2027-01-01 00:00"]],
    ["30 2 29 3 *", ["2027-03-29 02:30"]],
    ["0 12 25 10 0", ["2026-10-25 12:00", "2026-11-01 12:00"].slice(0, 1)],
  ])("31: %s: weeks and months are counted by the wall clock", (cron, times) => {
    const found = runs(cron, "Europe/Berlin", "2026-10-20T00:00:00Z", "2027-04-01T00:00:00Z");
    expect(found.slice(0, times.length)).toEqual(times);
  });

  /** The minutes of a field such as `*`, `*\/20`, `1-3` or `0,30`. */
  function listed(field: string, most: number): number[] {
    return field.split(",").flatMap((part) => {
      const [, from, to, step] = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [];
      const [first, last] = from === undefined ? [0, most] : [Number(from), Number(to ?? from)];
      const all = Array.from({ length: last - first + 1 }, (_, at) => first + at);
      return all.filter((value) => (value - first) % Number(step ?? 1) === 0);
    });
  }

  /** What the clocks of a zone show from minute to minute. */
  function clocks(timezone: string, from: number, until: number): [at: number, clock: number][] {
    const local = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "short" });
    const minutes = Array.from({ length: (until - from) / 60_000 }, (_, at) => from + at * 60_000);
    return minutes.map((at) => [at, Date.parse(`${local.format(at).replace(" ", "T")}Z`)]);
  }

  /** The runs by the definition: what the clocks show, what they show again, and what they leave out. */
  function expected(minute: string, hour: string, shown: [at: number, clock: number][]): number[] {
    const [minutes, hours] = [new Set(listed(minute, 59)), new Set(listed(hour, 23))];
    const isDue = (clock: number) => minutes.has((clock / 60_000) % 60) && hours.has(new Date(clock).getUTCHours());
    const [isHourly, isEvenly] = [hour === "*", hour === "*" || minute.startsWith("*")];
    const [found, before] = [new Set<number>(), new Set<number>()];
    let last = Infinity;
    for (const [at, clock] of shown) {
      if (isDue(clock) && (isEvenly || !before.has(clock))) found.add(at);
      for (let missing = last + 60_000; !isHourly && missing < clock; missing += 60_000)
        if (isDue(missing)) found.add(at + missing - last - 60_000);
      before.add(clock);
      last = clock;
    }
    return [...found].toSorted((one, other) => one - other);
  }

  it.each(NIGHTS.filter(([timezone]) => /Berlin|New_York|Howe|Casablanca/.test(timezone)))(
    "31: %s, from %s: every schedule comes as it is defined",
    (timezone, from, until) => {
      const shown = clocks(timezone, Date.parse(from) - 3 * 3600_000, Date.parse(until));
      for (const minute of ["0", "30", "15,45", "*/20"])
        for (const hour of ["*", "2", "1-3", "*/2", "0,2,3", "1"]) {
          const cron = `${minute} ${hour} * * *`;
          vi.useFakeTimers({ now: new Date(from), toFake: ["Date"] });
          const next = nextRuns(cron, timezone);
          const found: number[] = [];
          for (let at = next(); at < Date.parse(until); at = next()) {
            found.push(at);
            vi.setSystemTime(at);
          }
          vi.useRealTimers();
          const times = expected(minute, hour, shown).filter((at) => at > Date.parse(from) && at < Date.parse(until));
          expect([cron, found.map((at) => new Date(at).toISOString())]).toEqual([
            cron,
            times.map((at) => new Date(at).toISOString()),
          ]);
        }
    },
  );

  it("blanks around and between the fields change nothing", () => {
    const days = ["2026-03-28T12:00:00Z", "2026-03-31T12:00:00Z"] as const;
    const night = ["2026-10-24T22:30:00Z", "2026-10-25T02:50:00Z"] as const;
    expect(runs("*/20  1-3 * * *", "Europe/Berlin", ...night)).toHaveLength(12);
    for (const cron of [" 30 2 * * * ", "30  2 * * *", "0 30 2 * * *"])
      expect(runs(cron, "Europe/Berlin", ...days)).toEqual([
        "2026-03-29 03:30",
        "2026-03-30 02:30",
        "2026-03-31 02:30",
      ]);
  });

  it("a schedule years away costs little", () => {
    vi.useFakeTimers({ now: new Date("2026-10-20T00:00:00Z"), toFake: ["Date"] });
    expect(new Date(nextRuns("0 6 29 2 *", "Europe/Berlin")()).toISOString()).toBe("2028-02-29T05:00:00.000Z");
  });
});

describe("the longest time between two runs", () => {
  const HOUR = 3600_000;
  it.each([
    ["*/15 * * * *", 0.25 * HOUR],
    ["0 6 * * 1-5", 72 * HOUR],
    ["0 6,7,20 * * *", 13 * HOUR],
    ["0 0 1 1 *", 366 * 24 * HOUR],
    ["*/20 * * * * *", 60_000],
  ])("of %s, but a minute at least", (cron, gap) => expect(longestGap(cron, "UTC")).toBe(gap));

  it("goes by the clocks of its time zone", () => {
    vi.useFakeTimers({ now: new Date("2026-10-20T00:00:00Z"), toFake: ["Date"] });
    expect(longestGap("0 12 * * *", "Europe/Berlin")).toBe(25 * HOUR);
    expect(longestGap("0 12 * * *", "UTC")).toBe(24 * HOUR);
  });
});

describe("a schedule that cannot be", () => {
  const HINT = 'it takes five fields, or six with seconds first, such as "*/15 * * * *"';
  it.each([
    ["x", "UTC", '--cron is "x": expected 5 or 6 fields but got 1', HINT],
    ["61 * * * *", "UTC", '--cron is "61 * * * *": 61 is a invalid expression for minute', HINT],
    ["0 0 30 2 *", "UTC", '--cron is "0 0 30 2 *": 30 2 is an impossible day', HINT],
    ["* * * * *", "Mars/Base", '--timezone is "Mars/Base"; it takes a name such as Europe/Berlin', undefined],
  ])("%s in %s is named", (cron, timezone, message, hint) => {
    const check = () => checkSchedule({ cron, timezone });
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ exit: 2, hint }));
  });

  it("others are taken", () => {
    for (const cron of ["*/15 * * * *", "0 */15 * * * *", "0 0 29 2 *"])
      expect(() => checkSchedule({ cron, timezone: "Europe/Berlin" })).not.toThrow();
  });
});

import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { configOf, run, type Running } from "../../app/runner/running.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { mayMount } from "../../helpers/needs.ts";
import { growDisk, smallDisk } from "../../helpers/small-disk.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { makeRecord, taskIdOf } from "../../stand-in/make-record.ts";

vi.setConfig({ testTimeout: 1_800_000 });
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NIGHT = 8 * HOUR;
const DAY = 24 * HOUR;
const HOURLY = { cron: "0 * * * *", timezone: "Europe/Berlin" };
const NIGHTLY = { cron: "30 2 * * *", timezone: "Europe/Berlin" };

/** From here on the clock goes only as `live` turns it. */
function stopClock(now: string): void {
  vi.useFakeTimers({ now: new Date(now), toFake: ["Date", "setTimeout", "clearTimeout"] });
}

/** Turns the clock on by so much; while a run is at work, slowly. */
async function live(running: Running, ms: number, step = MINUTE / 2): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end;) {
    for (let turns = 0; turns < 400 && isAtWork(running); turns++) await turn();
    vi.advanceTimersByTime(isAtWork(running) ? 500 : step);
    for (let turns = 0; turns < 5; turns++) await turn();
  }
}

function isAtWork({ events }: Running): boolean {
  const count = (...types: string[]) => events.filter(({ type }) => types.includes(type)).length;
  return count("began") > count("ran", "failed", "verified");
}

/** When the runs of the schedule began that ended so. */
const runsOf = ({ events }: Running, outcome: string): string[] =>
  events.flatMap((event) =>
    event.type === "ran" && event.job !== "question" && event.report.outcome === outcome
      ? [new Date(event.report.startedAt).toISOString()]
      : [],
  );

/** A task that the service has from now on, and its id in the archive. */
async function addTask(world: World, n: number): Promise<() => unknown> {
  const id = taskIdOf(n);
  world.standIn.records.set(id, makeRecord(n, {}, { assetBase: world.standIn.assetUrl }));
  await world.mirror("track", id);
  return () => rowsOf(world.home, `select state from tracked_tasks where task_id = '${id}'`)[0]?.["state"];
}

test("a week by the hour: an hour that comes twice, a service that is away for a night, a token that expires, a machine that sleeps", async () => {
  stopClock("2026-10-24T10:00:30Z");
  await using world = await makeWorld({ tasks: 3 });
  let token = configOf(world).token ?? "";
  await using running = await run(world, { schedule: HOURLY }, () => configOf(world, { token }));
  await live(running, 2 * DAY);
  // At once, and then each hour, also in both of the hour that comes twice.
  expect(runsOf(running, "complete")).toHaveLength(1 + 2 * 24);

  world.standIn.fault("api", { kind: "status", status: 503 }, "forever");
  const first = await addTask(world, 50);
  await live(running, NIGHT);
  expect(runsOf(running, "failed").length).toBeGreaterThanOrEqual(7);
  expect(world.standIn.apiRequests().length).toBeLessThan(1000);
  world.standIn.clearFaults();
  await live(running, HOUR);
  expect(first()).toBe("succeeded");

  const right = token;
  token = "an-expired-token-000000";
  const second = await addTask(world, 51);
  const before = world.standIn.apiRequests().length;
  await live(running, NIGHT);
  const refused = world.standIn.apiRequests().length - before;
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThan(10);
  token = right;
  await live(running, 2 * HOUR);
  expect(second()).toBe("succeeded");

  const awake = running.events.length;
  vi.setSystemTime(Date.now() + 8 * HOUR);
  await live(running, 5 * MINUTE);
  expect(runsOf({ ...running, events: running.events.slice(awake) }, "complete")).toHaveLength(1);
  vi.setSystemTime(Date.now() - 3 * DAY);
  await live(running, 2 * HOUR);
  expect(runsOf({ ...running, events: running.events.slice(awake) }, "complete").length).toBeGreaterThanOrEqual(2);
  expect(world.problems().filter((problem) => problem !== "forbidden request: another token")).toEqual([]);
});

test("a month of nights: a leap day, and the night without the hour of the run", async () => {
  stopClock("2028-02-27T12:00:00Z");
  await using world = await makeWorld({ tasks: 2 });
  await using running = await run(world, { schedule: NIGHTLY });
  await live(running, 30 * DAY, 5 * MINUTE);
  const [first, ...nights] = runsOf(running, "complete");
  expect(first).toMatch(/^2028-02-27T12:0/);
  const days = nights.map((at) => at.slice(0, 10));
  expect(days).toHaveLength(30);
  expect(new Set(days).size).toBe(30);
  expect(days).toContain("2028-02-29");
  // 01:30 in UTC in winter; 02:30 does not exist on the 26th of March, and is 00:30 in summer.
  expect(nights.filter((at) => at.slice(11, 14) !== "01:").map((at) => at.slice(0, 10))).toEqual(
    ["2028-03-27"].concat(days.slice(29)),
  );
  expect(world.problems()).toEqual([]);
});

test("a disk that is full for half a day and then has room again", async (context) => {
  context.skip(!mayMount(), "needs root and the right to mount");
  await using world = await makeWorld({ tasks: 12, standIn: { padTo: 200_000 } });
  const assets = join(world.folder, "disk");
  using _disk = smallDisk(assets, 1500);
  stopClock("2026-11-02T10:00:30Z");
  await using running = await run(world, { schedule: HOURLY }, () => configOf(world, { assets }));
  await live(running, 12 * HOUR);
  const asked = world.standIn.assetRequests().length;
  expect(running.reported()).toContain("run.failed");
  expect(runsOf(running, "complete")).toEqual([]);
  // Each hour it is tried, and not more.
  expect(asked).toBeLessThan(24 + 14 * 13);
  growDisk(assets, 20_000);
  await live(running, 2 * HOUR);
  expect(rowsOf(world.home, "select 1 from assets where state <> 'stored'")).toEqual([]);
  expect(runsOf(running, "complete").length).toBeGreaterThan(0);
});

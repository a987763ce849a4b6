import { expect, it } from "vitest";
import { isClockSteady } from "../../src/archive/clock.ts";
import { beginRun } from "../../src/archive/runs.ts";
import { temporaryArchive } from "../helpers/temporary-archive.ts";

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 29);

it.each<[what: string, runs: number[], steady: boolean]>([
  ["no run yet", [], true],
  ["runs every day", [3, 2, 1].map((days) => NOW - days * DAY), true],
  ["a week without a run", [NOW - 7 * DAY], true],
  ["a clock that is 40 days ahead of the last run", [NOW - 40 * DAY], false],
  ["the second run by such a clock, an hour later", [NOW - 40 * DAY, NOW - HOUR], false],
  ["a run by such a clock a day later", [NOW - 40 * DAY, NOW - DAY, NOW - HOUR], true],
  ["runs ahead of the clock, which was set back", [NOW - DAY, NOW + 300 * DAY], true],
])("69: the clock is steady after %s: %j", (_what, runs, steady) => {
  using archive = temporaryArchive();
  for (const at of runs) beginRun(archive.db, "manual", at);
  expect(isClockSteady(archive.db, NOW)).toBe(steady);
});

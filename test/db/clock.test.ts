import { expect, it } from "vitest";
import { beginRun } from "../../src/archive/runs.ts";
import { steadySince, timeGoneBy } from "../../src/db/clock.ts";
import { temporaryArchive } from "../helpers/temporary-archive.ts";

const HOUR = 3600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 29);

it.each<[what: string, runs: number[], since: number]>([
  ["no run yet", [], -Infinity],
  ["runs every day", [3, 2, 1].map((days) => NOW - days * DAY), -Infinity],
  ["a week without a run", [NOW - 7 * DAY], -Infinity],
  ["a clock that is 40 days ahead of the last run", [NOW - 40 * DAY], NOW],
  ["the second run by such a clock, an hour later", [NOW - 40 * DAY, NOW - HOUR], NOW - HOUR],
  ["a run by such a clock a day later", [NOW - 40 * DAY, NOW - DAY, NOW - HOUR], NOW - DAY],
  ["runs ahead of the clock, which was set back", [NOW - DAY, NOW + 300 * DAY], -Infinity],
  ["a run in 1970 among others", [NOW - 60 * DAY, NOW - DAY, 5000, NOW - HOUR], NOW - HOUR],
  ["a run a year ahead, then the clock was right again", [NOW - 2 * DAY, NOW + 365 * DAY, NOW - DAY], -Infinity],
  [
    "runs every month: after the first step it is a habit",
    [90, 60, 30].map((days) => NOW - days * DAY),
    NOW - 60 * DAY,
  ],
  ["a year ahead after a habit of months", [395, 365].map((days) => NOW - days * DAY), NOW],
])("28: the clock is steady after %s: %j", (_what, runs, since) => {
  using archive = temporaryArchive();
  for (const at of runs) beginRun(archive.db, "manual", at);
  expect(steadySince(archive.db, NOW)).toBe(since);
});

it("28: a moment is never longer ago than the clock has been steady, and one ahead of it is not over", () => {
  expect(timeGoneBy(NOW - DAY, NOW, -Infinity)).toBe(DAY);
  expect(timeGoneBy(NOW - DAY, NOW, NOW - HOUR)).toBe(HOUR);
  expect(timeGoneBy(NOW + DAY, NOW, -Infinity)).toBe(0);
});

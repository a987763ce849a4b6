import { describe, expect, it } from "vitest";
import {
  GONE_AFTER_MS,
  nextAttemptAt,
  nextCheckAt,
  nextGoneCheckAt,
  nextNotSeenCheckAt,
  refusedBackoffMs,
  STALE_AFTER_MS,
} from "../../src/record/schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 22);

describe("when watch asks again", () => {
  it.each<[string, number | null, number | null]>([
    ["succeeded", NOW - MINUTE, null],
    ["partial", NOW - MINUTE, null],
    ["failed", NOW - MINUTE, null],
    ["missing", NOW - MINUTE, DAY],
    ["pending", null, 10_000],
    ["pending", NOW, 10_000],
    ["pending", NOW - 400_000, 10_000],
    ["pending", NOW - 10 * MINUTE, 15_000],
    ["pending", NOW - HOUR, 90_000],
    ["pending", NOW - DAY + 1, 36 * MINUTE - 1],
    ["pending", NOW - DAY, DAY],
    ["pending", NOW - 40 * DAY, DAY],
    ["pending", NOW + HOUR, 10_000],
  ])("for a task that is %s, made at %s: in %s ms", (state, createdAt, wait) => {
    expect(nextCheckAt(state, createdAt, NOW)).toBe(wait === null ? null : NOW + wait);
  });

  it("for an id that is unknown: in 10 minutes, and every day once it is missing; in 10 seconds while it is new", () => {
    expect(nextNotSeenCheckAt(NOW)).toEqual({ soon: NOW + 10 * MINUTE, late: NOW + DAY, new: NOW + 10_000 });
  });

  it.each([
    [1, 5 * MINUTE],
    [2, 10 * MINUTE],
    [3, 20 * MINUTE],
    [8, 640 * MINUTE],
    [9, 1280 * MINUTE],
    [10, DAY],
    [5000, DAY],
  ])("for a file after %i failures: in %i ms", (attempts, wait) => {
    expect(nextAttemptAt(attempts, NOW)).toBe(NOW + wait);
  });

  it.each([
    [1, HOUR],
    [2, 2 * HOUR],
    [5, 16 * HOUR],
    [6, DAY],
    [5000, DAY],
  ])("after %i refusals in a row: in %i ms", (refusals, wait) => {
    expect(refusedBackoffMs(refusals)).toBe(wait);
  });

  it("for a file that is gone: every 30 days", () => {
    expect(nextGoneCheckAt(NOW)).toBe(NOW + 30 * DAY);
  });

  it("a day makes a pending task stale, and two misses a file gone", () => {
    expect([STALE_AFTER_MS, GONE_AFTER_MS]).toEqual([DAY, DAY]);
  });
});

import { expect, it } from "vitest";
import { UsageError } from "../../../src/lib/errors.ts";
import { clockTime, parseDuration } from "../../../src/lib/time/durations.ts";

it.each([
  ["90", 90],
  ["1.5", 1.5],
  ["0", 0],
  ["3:05", 185],
  ["1:02:03", 3723],
  ["90s", 90],
  ["250ms", 0.25],
  ["1h30m", 5400],
  ["1h 30m", 5400],
  ["2D", 172_800],
  ["1w", 604_800],
])("%s is %d seconds", (text, seconds) => {
  expect(parseDuration(text, "--max-age")).toBe(seconds);
});

it.each(["", "two days", "-1", "1x", "1h-", "3:99", "Infinity", "1e3"])(
  "refuses %j by the name of its flag",
  (text) => {
    expect(() => parseDuration(text, "--max-age")).toThrow(UsageError);
    expect(() => parseDuration(text, "--max-age")).toThrow(/^--max-age is /);
  },
);

it.each([
  [135.233, "2:15"],
  [59.6, "1:00"],
  [3723, "1:02:03"],
  [0, "0:00"],
  [null, ""],
])("shows %s as %j", (seconds, text) => {
  expect(clockTime(seconds)).toBe(text);
});

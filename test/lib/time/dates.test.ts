import { expect, it } from "vitest";
import { UsageError } from "../../../src/lib/errors.ts";
import { isoTime, parseSince, parseUntil } from "../../../src/lib/time/dates.ts";

it.each([
  ["2026", "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
  ["2026-11", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
  ["2026-12", "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
  ["2024-02-29", "2024-02-29T00:00:00.000Z", "2024-03-01T00:00:00.000Z"],
  ["2026-11-22T18:30", "2026-11-22T18:30:00.000Z", "2026-11-22T18:31:00.000Z"],
  ["2026-11-22 18:30:05", "2026-11-22T18:30:05.000Z", "2026-11-22T18:30:06.000Z"],
  ["2026-11-22T18:30:05Z", "2026-11-22T18:30:05.000Z", "2026-11-22T18:30:06.000Z"],
  ["2026-11-22T18:30:05.5Z", "2026-11-22T18:30:05.500Z", "2026-11-22T18:30:05.501Z"],
  ["2025-12-30T18:36:00.994141Z", "2025-12-30T18:36:00.994Z", "2025-12-30T18:36:00.995Z"],
  ["2026-11-22T00:30+02:00", "2026-11-21T22:30:00.000Z", "2026-11-21T22:31:00.000Z"],
  ["2026-11-22T00:30:00-0530", "2026-11-22T06:00:00.000Z", "2026-11-22T06:00:01.000Z"],
])("%s begins at %s and ends before %s", (text, start, end) => {
  expect(isoTime(parseSince(text))).toBe(start);
  expect(isoTime(parseUntil(text))).toBe(end);
});

it.each([
  "",
  "soon",
  "2026-13",
  "2026-02-30",
  "2023-02-29",
  "2026-11-22T25:00",
  "2026-11-22T10:61",
  "26-11-22",
  "2026-11-22Z",
  "22.11.2026",
  "1767119745",
])("refuses %j and says what it takes", (text) => {
  expect(() => parseSince(text)).toThrow(UsageError);
  expect(() => parseUntil(text)).toThrow(/^--until is .* such as 2026/);
});

it("writes no time for what is none", () => {
  expect([isoTime(null), isoTime(undefined), isoTime(1e300)]).toEqual([null, null, null]);
});

const NOW = Date.UTC(2026, 2, 31, 15, 30, 20, 7); // a Tuesday

it.each([
  ["now", "2026-03-31T15:30:20.007Z", "2026-03-31T15:30:20.007Z"],
  ["today", "2026-03-31T00:00:00.000Z", "2026-04-01T00:00:00.000Z"],
  ["Yesterday ", "2026-03-30T00:00:00.000Z", "2026-03-31T00:00:00.000Z"],
  ["this week", "2026-03-30T00:00:00.000Z", "2026-04-06T00:00:00.000Z"],
  ["last week", "2026-03-23T00:00:00.000Z", "2026-03-30T00:00:00.000Z"],
  ["last  month", "2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"],
  ["this quarter", "2026-01-01T00:00:00.000Z", "2026-04-01T00:00:00.000Z"],
  ["last quarter", "2025-10-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"],
  ["last year", "2025-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"],
  ["last hour", "2026-03-31T14:00:00.000Z", "2026-03-31T15:00:00.000Z"],
  ["last 7 days", "2026-03-24T15:30:20.007Z", "2026-03-31T15:30:20.007Z"],
  ["past 2 weeks", "2026-03-17T15:30:20.007Z", "2026-03-31T15:30:20.007Z"],
  ["last 1 month", "2026-02-28T15:30:20.007Z", "2026-03-31T15:30:20.007Z"],
  ["7d", "2026-03-24T15:30:20.007Z", "2026-03-24T15:30:20.007Z"],
  ["36h", "2026-03-30T03:30:20.007Z", "2026-03-30T03:30:20.007Z"],
  ["13 months ago", "2025-02-28T15:30:20.007Z", "2025-02-28T15:30:20.007Z"],
  ["2 years", "2024-03-31T15:30:20.007Z", "2024-03-31T15:30:20.007Z"],
])("%j on 31 March begins at %s and ends before %s", (text, start, end) => {
  expect(isoTime(parseSince(text, "--since", NOW))).toBe(start);
  expect(isoTime(parseUntil(text, "--until", NOW))).toBe(end);
});

it.each([
  "last",
  "7",
  "7x",
  "last days",
  "last 7 days ago",
  "d",
  "tomorrow",
  "last 9999999 days",
  "999999 years",
  "-7d",
  "7 d d",
])("knows no time by %j", (text) => {
  expect(() => parseSince(text, "--since", NOW)).toThrow(`--since is "${text}"`);
});

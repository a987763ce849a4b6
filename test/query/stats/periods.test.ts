import { expect, it } from "vitest";
import { periodsIn } from "../../../src/query/stats/periods.ts";

it.each([
  ["2026-01-01T00:00:00Z", "2026-W01"],
  ["2024-12-30T00:00:00Z", "2025-W01"],
  ["2023-01-01T12:00:00Z", "2022-W52"],
  ["2020-12-31T23:59:59Z", "2020-W53"],
  ["2021-01-03T23:59:59Z", "2020-W53"],
  ["2021-01-04T00:00:00Z", "2021-W01"],
])("the week of %s is %s by ISO 8601", (time, week) => {
  expect(periodsIn("UTC")(Date.parse(time), "week")).toBe(week);
});

it("names day, month and hour by the clocks of a zone", () => {
  const [utc, tokyo] = [periodsIn("UTC"), periodsIn("Asia/Tokyo")];
  const at = Date.parse("2026-01-31T15:30:00Z");
  expect((["day", "month", "hour"] as const).map((period) => utc(at, period))).toEqual(["2026-01-31", "2026-01", "15"]);
  expect((["day", "month", "hour"] as const).map((period) => tokyo(at, period))).toEqual([
    "2026-02-01",
    "2026-02",
    "00",
  ]);
});

it.each([null, NaN, Infinity, 8.64e15, -1e300])("%s is no time", (moment) => {
  expect(periodsIn("Europe/Berlin")(moment, "day")).toBeNull();
});

it("goes on before the year 0 and beyond 9999", () => {
  expect(periodsIn("UTC")(-1e14, "month")).toBe("-001199-02");
  expect(periodsIn("UTC")(8e15, "day")).toMatch(/^\+\d{6}-\d\d-\d\d$/);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTimeZone, wallClock } from "../../../src/lib/time/time-zone.ts";

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"];

describe("wallClock", () => {
  it.each(ZONES)("shows what Intl shows in %s, to the minute, whatever moment", (zone) => {
    const clock = wallClock(zone);
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
    const moment = fc.integer({ min: Date.UTC(1970), max: Date.UTC(2036) });
    fc.assert(
      fc.property(moment, (at) => {
        expect(new Date(clock(at)).toISOString().slice(0, 19).replace("T", " ")).toBe(format.format(at));
      }),
      { numRuns: 300 },
    );
  });

  it("changes at the very minute at which the clocks do", () => {
    const clock = wallClock("Europe/Berlin");
    const shown = (text: string) => new Date(clock(Date.parse(text))).toISOString().slice(0, 19);
    expect(shown("2026-03-29T00:59:59Z")).toBe("2026-03-29T01:59:59");
    expect(shown("2026-03-29T01:00:00Z")).toBe("2026-03-29T03:00:00");
    expect(shown("2026-10-25T00:59:59Z")).toBe("2026-10-25T02:59:59");
    expect(shown("2026-10-25T01:00:00Z")).toBe("2026-10-25T02:00:00");
  });
});

it("knows which names are zones", () => {
  expect(["UTC", "Europe/Berlin", "Asia/Tokyo"].map(isTimeZone)).toEqual([true, true, true]);
  expect(["", "Mars/Base", "Berlin", "\u001b[2J", "../../etc"].map(isTimeZone)).toEqual(Array(5).fill(false));
});

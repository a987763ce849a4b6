import { describe, expect, it, test } from "vitest";
import { retryAfterSeconds } from "../../../src/lib/net/retry-after.ts";

const NOW = Date.UTC(2026, 10, 22, 12);

describe("retryAfterSeconds", () => {
  test.each([
    [undefined, null],
    ["2", 2],
    [" 7 ", 7],
    ["0", 0],
    ["999999", 86_400],
    ["3600.5", 3601],
    ["3600.", 3600],
    ["60, 120", 120],
    ["1e9", null],
    ["Infinity", null],
    ["9".repeat(40), 86_400],
    ["-5", null],
    ["1.5", 2],
    ["abc", null],
    ["Foo 12", null],
    ["", null],
    [["2", "30"], 30],
    [["abc", "4"], 4],
    [[], null],
    ["Sun, 22 Nov 2026 12:00:30 GMT", 30],
    ["Sun, 22 Nov 2026 11:00:00 GMT", 0],
    ["Sunday, 22-Nov-26 12:00:05 GMT", 5],
    ["Sun Nov 22 12:00:09 2026", 9],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 86_400],
    ["2026-11-22T12:00:00Z", null],
  ])("D44: %j asks for %s seconds, in any time zone", (header, seconds) => {
    expect(retryAfterSeconds(header, NOW)).toBe(seconds);
  });

  it("D44: goes by the clock when no time is given", () => {
    expect(retryAfterSeconds(new Date(Date.now() + 60_000).toUTCString())).toBeGreaterThan(57);
  });
});

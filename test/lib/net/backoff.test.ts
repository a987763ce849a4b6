import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullJitterMs, sleep } from "../../../src/lib/net/backoff.ts";

describe("fullJitterMs", () => {
  it("D45: lies between 0 and a cap that doubles and ends", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, chance) => {
        const wait = fullJitterMs(attempt, () => chance);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(Math.min(20_000, 500 * 2 ** attempt));
      }),
    );
    expect([0, 1, 2, 10].map((attempt) => fullJitterMs(attempt, () => 0.999_999))).toEqual([499, 999, 1999, 19_999]);
  });

  it("D45: spreads 20 clients that failed at once", () => {
    const waits = Array.from({ length: 20 }, () => fullJitterMs(4));
    expect(new Set(waits.map((wait) => Math.floor(wait / 100))).size).toBeGreaterThan(10);
  });
});

describe("sleep", () => {
  it("ends at once when it is aborted, before or meanwhile, and leaves nothing behind", async () => {
    const reason = new Error("SIGINT");
    const controller = new AbortController();
    const asleep = sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(asleep).rejects.toBe(reason);
    await expect(sleep(60_000, controller.signal)).rejects.toBe(reason);
  });

  it("does not wake at once from a wait that is too long for a timer", async () => {
    const controller = new AbortController();
    const race = await Promise.race([
      sleep(1e12, controller.signal).then(() => "woke"),
      sleep(50, controller.signal).then(() => "slept"),
    ]);
    expect(race).toBe("slept");
    controller.abort();
  });
});

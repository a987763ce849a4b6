import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { halve, planBatches } from "../../src/sync/plan.ts";
import { nextAttemptAt, nextCheckAt, nextGoneCheckAt, refusedBackoffMs } from "../../src/record/schedule.ts";
import { emptyTally, worstProblem, type RunProblem } from "../../src/sync/tally.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe("planBatches", () => {
  test.each([
    [0, []],
    [1, [1]],
    [50, [50]],
    [51, [50, 1]],
    [500, Array(10).fill(50)],
  ])("D62: puts %i ids into batches of %j", (count, sizes) => {
    const ids = Array.from({ length: count }, (_, n) => String(n));
    expect(planBatches(ids, 50).map((batch) => batch.length)).toEqual(sizes);
  });

  it("D62: asks for each id once, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 50 }), (ids, size) => {
        expect(planBatches(ids, size).flat()).toEqual([...new Set(ids)]);
      }),
    );
  });
});

describe("halve", () => {
  it("D62: finds the one bad id of 50 in at most 12 more questions", () => {
    for (let bad = 0; bad < 50; bad++) {
      let asked = 0;
      const saved: number[] = [];
      const ask = (ids: string[]): void => {
        asked++;
        if (!ids.includes(String(bad))) return void saved.push(...ids.map(Number));
        if (ids.length > 1) halve(ids).forEach(ask);
      };
      ask(Array.from({ length: 50 }, (_, n) => String(n)));
      expect(saved).toHaveLength(49);
      expect(asked - 1).toBeLessThanOrEqual(12);
    }
  });

  it("loses none", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (ids) => {
        expect(halve(ids).flat()).toEqual(ids);
      }),
    );
    expect(halve(["a"])).toEqual([["a"]]);
  });
});

describe("schedule", () => {
  const now = Date.UTC(2026, 10, 22);

  test.each([
    ["succeeded", now, null],
    ["partial", now, null],
    ["failed", null, null],
    ["pending", null, 10_000],
    ["pending", now - 1000, 10_000],
    ["pending", now - 400_000, 10_000],
    ["pending", now - 440_000, 11_000],
    ["pending", now + DAY, 10_000],
    ["pending", now - 2 * HOUR, 3 * 60_000],
    ["pending", now - 2 * DAY, DAY],
    ["missing", null, DAY],
  ])("D53: a task that is %s, made at %s, is asked again in %s ms", (state, createdAt, wait) => {
    expect(nextCheckAt(state, createdAt, now)).toBe(wait === null ? null : now + wait);
  });

  it("doubles the wait for a file to a day, and for a refused token too", () => {
    expect([1, 2, 3, 10, 1000].map((attempt) => nextAttemptAt(attempt, 0) / 60_000)).toEqual([5, 10, 20, 1440, 1440]);
    expect([1, 2, 3, 6, 1000].map((count) => refusedBackoffMs(count) / HOUR)).toEqual([1, 2, 4, 24, 24]);
    expect(nextGoneCheckAt(0)).toBe(30 * DAY);
  });
});

describe("worstTrouble", () => {
  it("is of 1, 4, 9, 7, 6, 5, 3 in that order", () => {
    const problems = [3, 5, 6, 7, 9, 4, 1].map((exit) => ({ exit, code: "x", message: "x" }) as RunProblem);
    const ranked: number[] = [];
    for (let left = problems; left.length > 0; left = left.filter((one) => one !== worstProblem(left)))
      ranked.push(worstProblem(left)?.exit ?? 0);
    expect(ranked).toEqual([1, 4, 9, 7, 6, 5, 3]);
    expect(worstProblem(emptyTally().problems)).toBeUndefined();
  });

  it("is the first of equals", () => {
    const of = (message: string) => ({ exit: 3, code: "x", message }) as RunProblem;
    expect(worstProblem([of("first"), of("second")])?.message).toBe("first");
  });
});

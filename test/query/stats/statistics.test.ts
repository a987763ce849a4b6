import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { breakdown, totals } from "../../../src/query/stats/breakdown.ts";
import { statistics } from "../../../src/query/stats/statistics.ts";
import { makeLibrary, type Library } from "../library.ts";

let library: Library;
beforeEach(() => void (library = makeLibrary()));
afterEach(() => library[Symbol.dispose]());

const MAY = Date.UTC(2026, 4, 31, 23, 30);
const ask = (more: Partial<Parameters<typeof statistics>[1]> = {}) =>
  statistics(library.db, { filter: {}, timezone: "UTC", ...more });

function fill(): void {
  library.task("t1", { createdAt: MAY, startedAt: MAY + 100, finishedAt: MAY + 40_100, prompt: "rain" });
  library.clip("a", { taskId: "t1", createdAt: MAY, durationSeconds: 90, model: "FUZZ-1.0", seed: "7" });
  library.task("t2", {
    createdAt: MAY,
    startedAt: MAY + 300,
    finishedAt: MAY + 20_300,
    prompt: "rain",
    state: "partial",
  });
  library.clip("b", { taskId: "t2", createdAt: MAY + 3_600_000, durationSeconds: 60, action: "cover", seed: "7" });
  library.clip("c", { createdAt: null, durationSeconds: null, model: "", state: "pending", seed: "8" });
  library.clip("out", { removedAt: 1, createdAt: MAY, durationSeconds: 1000, seed: "7" });
  library.task("f1", { state: "failed", errorCode: "api_error", createdAt: MAY, finishedAt: MAY - 5000 });
  library.task("f2", { state: "failed", createdAt: null });
  library.task("open", { state: "pending" });
  const storedAt = Date.UTC(2026, 5, 30, 23);
  library.file("a", { taskId: "t1", bytes: 500, sha256: "same", storedAt });
  library.file("b", { taskId: "t2", bytes: 300, sha256: "same", storedAt });
  library.file("b", { taskId: "t2", kind: "image", bytes: 30, sha256: "same", storedAt: null });
  library.file(null, { taskId: "f2", kind: "wav", bytes: 7, storedAt });
}

describe("statistics", () => {
  it("has the totals and groups that --by has", () => {
    fill();
    const reported = ask();
    expect(reported.totals).toEqual(totals(library.db));
    for (const by of ["model", "action", "state", "month"] as const) {
      const groups = breakdown(library.db, by).filter(({ clips }) => clips > 0);
      expect(reported.by[by]).toEqual(groups.map(({ key, clips, minutes }) => ({ key, clips, minutes })));
    }
    for (const by of ["day", "week"] as const)
      expect(reported.music[by].map(({ key, minutes }) => [key, minutes])).toEqual(
        breakdown(library.db, by)
          .filter(({ clips }) => clips > 0)
          .map(({ key, minutes }) => [key, minutes]),
      );
  });

  it("tells the success rate, errors by code, and how long tasks took", () => {
    fill();
    const { tasks } = ask();
    expect(tasks).toMatchObject({ total: 7, succeeded: 3, partial: 1, failed: 2, pending: 1, successRate: 0.5 });
    expect(tasks.errors).toEqual([
      { code: null, tasks: 1 },
      { code: "api_error", tasks: 1 },
    ]);
    expect(tasks.latency.waiting).toEqual({ count: 2, p50: 0.1, p90: 0.3, p95: 0.3, p99: 0.3, max: 0.3 });
    expect(tasks.latency.processing).toMatchObject({ count: 2, p50: 20, max: 40 });
    expect(tasks.latency.whole).toMatchObject({ count: 3, p50: 20.3, max: 40.1 });
  });

  it("takes percentiles by the nearest rank", () => {
    for (let at = 1; at <= 100; at++) library.task(`t${at}`, { createdAt: 0, startedAt: at * 1000 });
    expect(ask().tasks.latency.waiting).toEqual({ count: 100, p50: 50, p90: 90, p95: 95, p99: 99, max: 100 });
  });

  it("goes by the clocks of a zone", () => {
    fill();
    const tokyo = ask({ timezone: "Asia/Tokyo" });
    expect(tokyo).toMatchObject({
      timezone: "Asia/Tokyo",
      by: { month: [{ key: null }, { key: "2026-06", clips: 2 }] },
    });
    expect(ask().by.month.map(({ key }) => key)).toEqual([null, "2026-05", "2026-06"]);
    expect(tokyo.hours.filter(({ clips }) => clips > 0)).toEqual([
      { hour: 8, clips: 1, minutes: 1.5 },
      { hour: 9, clips: 1, minutes: 1 },
    ]);
    expect(tokyo.hours).toHaveLength(24);
    expect(breakdown(library.db, "hour", {}, "Asia/Tokyo").map(({ key }) => key)).toEqual([null, "08", "09"]);
  });

  it("has models and actions month by month, files by kind and month, and what occurs again", () => {
    fill();
    const reported = ask({ storageMonths: true, repeats: 10 });
    expect(reported.mix[1]).toEqual({
      month: "2026-05",
      models: [{ key: "FUZZ-1.0", clips: 1, minutes: 1.5 }],
      actions: [{ key: "generate", clips: 1, minutes: 1.5 }],
    });
    expect(reported.storage.kinds).toEqual([
      { kind: "audio", files: 2, bytes: 800 },
      { kind: "image", files: 1, bytes: 30 },
      { kind: "wav", files: 1, bytes: 7 },
    ]);
    expect(reported.storage.months).toEqual([
      { month: null, kind: "image", files: 1, bytes: 30 },
      { month: "2026-06", kind: "audio", files: 2, bytes: 800 },
      { month: "2026-06", kind: "wav", files: 1, bytes: 7 },
    ]);
    expect(reported.repeats).toEqual({
      seeds: [{ seed: "7", clips: 2, example: "a" }],
      prompts: [{ prompt: "rain", tasks: 2 }],
      audio: [{ sha256: "same", clips: 2, clipIds: ["a", "b"] }],
    });
  });

  it("counts only what the filter lets through, everywhere", () => {
    fill();
    const reported = ask({ filter: { model: ["FUZZ-1.0"] }, repeats: 10, storageMonths: true });
    expect(reported.totals).toMatchObject({ clips: 1, minutes: 1.5, files: 1, bytes: 500 });
    expect(reported.totals).toEqual(totals(library.db, { model: ["FUZZ-1.0"] }));
    expect(reported.repeats).toEqual({ seeds: [], prompts: [], audio: [] });
    expect(reported.storage).toEqual({
      kinds: [{ kind: "audio", files: 1, bytes: 500 }],
      months: [{ month: "2026-06", kind: "audio", files: 1, bytes: 500 }],
    });
    expect(ask({ filter: { since: MAY + 1 } }).by.action).toEqual([{ key: "cover", clips: 1, minutes: 1 }]);
    expect(ask({ filter: { state: ["failed"] } }).tasks).toMatchObject({
      total: 2,
      succeeded: 0,
      failed: 2,
      successRate: 0,
    });
  });

  it("gives zeros for an empty archive, and no NaN anywhere", () => {
    const reported = ask({ storageMonths: true, repeats: 5, timezone: "Europe/Berlin" });
    expect(reported.totals).toEqual(totals(library.db));
    expect(reported.totals).toMatchObject({ clips: 0, minutes: 0, firstCreatedAt: null });
    expect(reported.tasks).toMatchObject({
      total: 0,
      successRate: 0,
      errors: [],
      latency: { waiting: { count: 0, p50: 0, max: 0 } },
    });
    expect([
      reported.by.model,
      reported.music.day,
      reported.mix,
      reported.storage.kinds,
      reported.storage.months,
    ]).toEqual([[], [], [], [], []]);
    expect(reported.hours.every(({ clips, minutes }) => clips === 0 && minutes === 0)).toBe(true);
    expect(JSON.parse(JSON.stringify(reported))).toEqual(reported);
  });

  it("takes a time that is no time for unknown", () => {
    library.clip("a", { createdAt: 0 });
    library.db.run(sql`update clips set created_at = 9e17`);
    expect(ask().by.month).toEqual([{ key: null, clips: 1, minutes: 1.67 }]);
  });
});

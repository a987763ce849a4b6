import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVerifyResults, unfinishedVerify } from "../../src/archive/verify-results.ts";
import { planVerify, type VerifyOptions } from "../../src/verify/plan.ts";
import { verify } from "../../src/verify/verify.ts";
import type { VerifyProgress } from "../../src/verify/walk-files.ts";
import { makeLibrary, songId, songPath, type Library } from "../archive/library.ts";
import { NOW, rows, value } from "../archive/saving.ts";

const FILES = 50;

let archive: Library;
let assets: string;
let stop: AbortController;

beforeEach(async () => {
  archive = await makeLibrary(FILES);
  assets = archive.store.root;
  stop = new AbortController();
});
afterEach(() => archive[Symbol.dispose]());

const check = (options: VerifyOptions, onProgress: (progress: VerifyProgress) => void = () => {}) =>
  verify(
    {
      ...archive,
      results: createVerifyResults(archive.db),
      now: () => NOW,
      signal: stop.signal,
      onProgress,
    },
    options,
  );
const runs = () => rows(archive, "select mode, checked, ok, missing from verify_runs");
const lost = () => rows(archive, "select id from assets where state <> 'stored'");

describe("what verify records", () => {
  it.each(["quick", "full"] as const)("%s: each missing file, as one that is wanted again", async (mode) => {
    rmSync(join(assets, songPath(7)));
    const report = await check({ mode });
    expect(report).toMatchObject({ checked: FILES, ok: FILES - 1, missing: [{ clipId: songId(7) }] });
    expect(lost()).toEqual([{ id: 7 }]);
    expect(runs()).toEqual([{ mode, checked: FILES, ok: FILES - 1, missing: 1 }]);
  });

  it.each(["quick", "full"] as const)("%s: nothing of files whose whole folder went away meanwhile", async (mode) => {
    const go = ({ checked }: VerifyProgress) => checked === 3 && renameSync(assets, `${assets}-away`);
    await expect(check({ mode }, go)).rejects.toMatchObject({ code: "assets_not_ours", exit: 7 });
    expect([lost(), runs()]).toEqual([[], []]);
    renameSync(`${assets}-away`, assets);
    expect(await check({ mode })).toMatchObject({ checked: FILES, ok: FILES, missing: [] });
  });

  it("a verify whose folder went away goes on where it was", async () => {
    const go = ({ checked }: VerifyProgress) => checked === 20 && renameSync(assets, `${assets}-away`);
    await expect(check({ mode: "full" }, go)).rejects.toMatchObject({ exit: 7 });
    expect(unfinishedVerify(archive.db, "full")?.after).toBeGreaterThan(0);
    renameSync(`${assets}-away`, assets);
    expect(await check({ mode: "full" })).toMatchObject({ checked: FILES, ok: FILES, left: 0 });
    expect(unfinishedVerify(archive.db, "full")).toBeUndefined();
  });

  it.each([
    ["before its last file", 10],
    ["after its last file", FILES],
  ])("no run of a verify that was stopped %s", async (_when, at) => {
    const report = await check({ mode: "full" }, ({ checked }) => void (checked === at && stop.abort()));
    expect(report.interrupted).toBe(true);
    expect(runs()).toEqual([]);
  });

  it("no run of a verify whose time was up", async () => {
    expect(await check({ mode: "full", maxDurationMs: 0 })).toMatchObject({ left: FILES, interrupted: false });
    expect(runs()).toEqual([]);
    expect(await check({ mode: "full" })).toMatchObject({ checked: FILES, left: 0 });
    expect(runs()).toHaveLength(1);
  });
});

describe("a share of the files", () => {
  it("is rounded up: of 50 files even a thousandth is one", () => {
    const files = (subsetPercent: number) => {
      const plan = planVerify(archive.db, { mode: "full", subsetPercent });
      expect([...plan.files()]).toHaveLength(plan.totals.files);
      return plan.totals.files;
    };
    expect([0.001, 1, 2, 2.1, 5, 99, 100].map(files)).toEqual([1, 1, 1, 2, 3, 50, 50]);
  });

  it("takes turns: a share and then the same share again read different files, until all were read", async () => {
    for (let round = 0; round < 4; round++) await check({ mode: "full", subsetPercent: 25 });
    expect(value(archive, "select count(*) from assets where verified_at is not null")).toBe(FILES);
  });
});

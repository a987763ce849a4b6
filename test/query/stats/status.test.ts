import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { proofLine } from "../../../src/print/views/proof-line.ts";
import { syncRuns, verifyRuns } from "../../../src/db/schema.ts";
import { ASSET_KINDS } from "../../../src/lib/asset-kinds.ts";
import { lastCompleteRunAt } from "../../../src/query/history/runs.ts";
import { status } from "../../../src/query/stats/status.ts";
import { failedTasks, missingFiles, nextDue } from "../../../src/query/stats/problems.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

const NOW = CREATED + 25 * 3600 * 1000;
const KINDS = [...ASSET_KINDS];
let library: Library;
beforeEach(() => void (library = makeLibrary()));
afterEach(() => library[Symbol.dispose]());

describe("status", () => {
  it("is zeros for an empty archive, in the fields of the contract", () => {
    expect(status(library.db, { kinds: KINDS, now: NOW })).toEqual({
      tracked: { total: 0, pending: 0, succeeded: 0, partial: 0, failed: 0, missing: 0, stale: 0 },
      tasks: 0,
      clips: 0,
      removed: 0,
      assets: { wanted: 0, stored: 0, failed: 0, gone: 0, bytes: 0 },
      safe: 0,
      underTwoCopies: 0,
      vanished: 0,
      lastRun: null,
      lastVerify: null,
      lastBackup: null,
    });
  });

  it("a song has two copies while its file here is stored and a backup has its digest; a lost one has not", () => {
    const copied = (digest: string) => library.db.run(sql`insert into copies values (${digest}, '/backups', ${NOW})`);
    for (const name of ["both", "here", "lost", "gone"]) {
      library.task(name, { state: "succeeded" });
      library.clip(name, { taskId: name });
      library.file(name, { taskId: name, kind: "audio", state: "stored", sha256: name, path: `aa/${name}.m4a` });
    }
    const count = () => status(library.db, { kinds: KINDS, now: NOW }).underTwoCopies;
    expect(count()).toBe(4);
    for (const digest of ["both", "lost", "gone", "another"]) copied(digest);
    expect(count()).toBe(1);
    library.db.run(sql`update assets set state = 'wanted' where clip_id = 'lost'`);
    expect(count()).toBe(2);
    library.db.run(sql`update assets set state = 'gone' where clip_id = 'gone'`);
    expect(count()).toBe(3);
    library.db.run(sql`update assets set sha256 = 'changed' where clip_id = 'both'`);
    expect(count()).toBe(4);
  });

  it("counts what is tracked by state; stale is what waits for over 24 hours", () => {
    library.tracked("old", { addedAt: CREATED });
    library.tracked("young", { addedAt: NOW - 3600 * 1000 });
    library.tracked("lost", { state: "missing" });
    library.tracked("left", { untrackedAt: CREATED });
    library.task("slow", { state: "pending", createdAt: CREATED });
    library.task("fresh", { state: "pending", createdAt: NOW - 1000 });
    for (const state of ["succeeded", "partial", "failed"]) library.task(state, { state });
    expect(status(library.db, { kinds: KINDS, now: NOW }).tracked).toEqual({
      total: 8,
      pending: 4,
      succeeded: 1,
      partial: 1,
      failed: 1,
      missing: 1,
      stale: 2,
    });
  });

  it("counts mirrored tasks that are unknown upstream by now, and the line of proof names them", () => {
    library.task("kept", { state: "succeeded" });
    library.task("here", { state: "succeeded" });
    library.db.run(sql`update tracked_tasks set missing_since = ${NOW} where task_id = 'kept'`);
    library.tracked("never", { state: "missing", missingSince: NOW });
    const counts = status(library.db, { kinds: KINDS, now: NOW });
    expect(counts).toMatchObject({ vanished: 1, tracked: { missing: 1, succeeded: 2 } });
    expect(proofLine(counts, [], NOW)).toContain("1 unknown upstream · 1 no longer known upstream");
  });

  it("calls a clip safe whose every wanted file is stored", () => {
    for (const id of ["whole", "no-cover-yet", "cover-gone", "no-file", "no-wav"]) library.clip(id);
    for (const id of ["whole", "no-cover-yet", "cover-gone", "no-wav"]) library.file(id, { bytes: 10 });
    library.file("whole", { kind: "image", bytes: 5 });
    library.file("no-cover-yet", { kind: "image", state: "wanted" });
    library.file("cover-gone", { kind: "image", state: "gone" });
    library.file("no-wav", { kind: "wav", state: "failed" });
    const all = status(library.db, { kinds: KINDS, now: NOW });
    expect(all).toMatchObject({ clips: 5, safe: 1, assets: { wanted: 1, stored: 5, failed: 1, gone: 1, bytes: 45 } });
    const withoutWav = status(library.db, { kinds: ["audio", "image"], now: NOW });
    expect(withoutWav).toMatchObject({ safe: 2, assets: { wanted: 1, stored: 5, failed: 0, gone: 1 } });
    expect(status(library.db, { kinds: ["audio"], now: NOW }).safe).toBe(4);
  });

  it("tells of the last run and the last verify", () => {
    const run = { trigger: "manual", pid: 1, host: "h" };
    library.db
      .insert(syncRuns)
      .values([
        {
          ...run,
          startedAt: CREATED,
          finishedAt: CREATED + 5,
          outcome: "complete",
          exitCode: 0,
          tasksNew: 3,
          assetsBytes: 9,
        },
      ])
      .run();
    library.db
      .insert(syncRuns)
      .values([{ ...run, startedAt: CREATED + 10, outcome: null }])
      .run();
    library.db
      .insert(verifyRuns)
      .values({
        mode: "full",
        startedAt: CREATED,
        finishedAt: CREATED,
        checked: 2,
        ok: 1,
        missing: 1,
        corrupt: 0,
        extra: 0,
      })
      .run();
    const { lastRun, lastVerify } = status(library.db, { kinds: KINDS, now: NOW });
    expect(lastRun).toMatchObject({
      outcome: null,
      startedAt: new Date(CREATED + 10).toISOString(),
      finishedAt: null,
      error: null,
    });
    expect(lastVerify).toMatchObject({
      mode: "full",
      checked: 2,
      ok: 1,
      missing: 1,
      finishedAt: new Date(CREATED).toISOString(),
    });
    expect(lastCompleteRunAt(library.db)).toBe(CREATED + 5);
  });
});

describe("troubles", () => {
  it("names missing files, audio first", () => {
    library.clip("a", { title: "Neon" });
    library.file("a", { kind: "image", state: "failed", httpStatus: 503, nextAttemptAt: NOW });
    library.file("a", { kind: "audio", state: "gone" });
    library.file("a", { kind: "wav", state: "wanted" });
    expect(missingFiles(library.db, KINDS, 5)).toMatchObject([
      { kind: "audio", state: "gone", title: "Neon" },
      { kind: "image", state: "failed", clipId: "a", httpStatus: 503, nextAttemptAt: new Date(NOW).toISOString() },
    ]);
    expect(missingFiles(library.db, ["image"], 5)).toHaveLength(1);
  });

  it("names failed and unknown tasks", () => {
    library.task("f", { state: "failed", errorMessage: "fetch failed", title: "T" });
    library.tracked("m", { state: "missing", addedAt: CREATED - 1 });
    library.tracked("u", { state: "failed", untrackedAt: 1 });
    expect(failedTasks(library.db, 5)).toEqual([
      { id: "f", state: "failed", title: "T", message: "fetch failed" },
      { id: "m", state: "missing", title: null, message: null },
    ]);
  });

  it("tells what is due and when the next will be", () => {
    library.tracked("now");
    library.tracked("later", { nextCheckAt: NOW + 5000 });
    library.clip("a");
    library.file("a", { kind: "image", state: "failed", nextAttemptAt: NOW + 1000 });
    library.file("a", { kind: "audio", state: "wanted" });
    expect(nextDue(library.db, KINDS, NOW)).toEqual({
      tasksDue: 1,
      filesDue: 1,
      nextAt: new Date(NOW + 1000).toISOString(),
    });
    expect(nextDue(library.db, [], NOW)).toEqual({
      tasksDue: 1,
      filesDue: 0,
      nextAt: new Date(NOW + 5000).toISOString(),
    });
  });
});

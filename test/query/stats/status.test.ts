import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { proofLine } from "../../../src/print/views/proof-line.ts";
import { syncRuns, verifyRuns } from "../../../src/db/schema.ts";
import { ASSET_KINDS } from "../../../src/lib/asset-kinds.ts";
import { lastCompleteRunAt } from "../../../src/query/history/runs.ts";
import { status } from "../../../src/query/stats/status.ts";
import { show } from "../../../src/query/explain/show.ts";
import { why } from "../../../src/query/explain/why.ts";
import { listTasks } from "../../../src/query/lists/tasks.ts";
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
      open: { neverAsked: 0, running: 0, stale: 0, unknown: 0, notAnswered: 0 },
      tasks: 0,
      clips: 0,
      removed: 0,
      assets: { wanted: 0, stored: 0, failed: 0, gone: 0, bytes: 0 },
      waiting: {},
      safe: 0,
      here: 0,
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

describe("what is known of an id that has not ended", () => {
  const proof = () => proofLine(status(library.db, { kinds: KINDS, now: NOW }), [], NOW);

  it("is one of four words, the same in every list, count and explanation", () => {
    library.tracked("never");
    library.tracked("refused", { attempts: 1, lastError: "500" });
    library.tracked("once", { attempts: 1, notSeen: 1 });
    library.tracked("lost", { state: "missing", attempts: 3, notSeen: 3 });
    library.task("runs", { state: "pending", createdAt: NOW - 1000 });
    library.task("stale", { state: "pending" });
    const counts = status(library.db, { kinds: KINDS, now: NOW });
    expect(counts.open).toEqual({ neverAsked: 1, running: 2, stale: 1, unknown: 2, notAnswered: 1 });
    expect(counts.tracked).toMatchObject({ pending: 5, missing: 1 });
    expect(proof()).toBe("no songs yet · 1 never asked · 2 running (1 stale) · 1 not answered · 2 unknown upstream");
    const words = { never: "never asked", refused: "not answered", once: "unknown upstream", lost: "unknown upstream" };
    for (const [id, word] of Object.entries({ ...words, runs: "running", stale: "running" })) {
      expect(listTasks(library.db, {}).find((task) => task.id === id)?.shownState).toBe(word);
      expect(why(library.db, id, { kinds: KINDS, now: NOW }).shownState).toBe(word);
      expect(show(library.db, id, library.assetsRoot)).toMatchObject({ shownState: word });
    }
    expect(failedTasks(library.db, 5).map(({ id }) => id)).toEqual(["lost", "once"]);
  });

  it("a record that only a callback brought says what it says, although nothing was asked for", () => {
    library.task("given");
    expect(status(library.db, { kinds: KINDS, now: NOW }).open.neverAsked).toBe(0);
    expect(nextDue(library.db, KINDS, NOW).tasks).toBe(1);
  });

  it("songs whose covers wait are here, and never called 0 songs", () => {
    for (const id of ["a", "b"]) {
      library.clip(id);
      library.file(id, { bytes: 1000 });
      library.file(id, { kind: "image", state: "wanted" });
    }
    library.file(null, { taskId: "task-of-a", kind: "audio", bytes: 1 });
    expect(proof()).toBe("2 songs here, 2 covers wait · 2.0 kB");
    library.db.run(sql`update assets set state = 'stored' where kind = 'image' and clip_id = 'a'`);
    expect(proof()).toBe("2 songs here, 1 cover waits · 1 song safe · 2.0 kB");
    library.db.run(sql`update assets set state = 'failed' where kind = 'image'`);
    expect(proof()).toMatch(/^2 songs here, none with all of its files · 2.0 kB · 2 /);
    library.db.run(sql`update assets set state = 'wanted' where clip_id is not null`);
    expect(proof()).toBe("0 songs here, 2 songs and 2 covers wait · 1 B");
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
      { id: "m", state: "unknown upstream", title: null, message: null },
    ]);
  });

  it("tells what is due and when the next will be", () => {
    library.tracked("now");
    library.tracked("later", { nextCheckAt: NOW + 5000 });
    // Its task was never asked for: only a callback brought it.
    library.clip("a");
    library.file("a", { kind: "image", state: "failed", nextAttemptAt: NOW + 1000 });
    library.file("a", { kind: "audio", state: "wanted" });
    expect(nextDue(library.db, KINDS, NOW)).toEqual({
      tasks: 3,
      files: 2,
      tasksDue: 2,
      filesDue: 1,
      nextAt: new Date(NOW + 1000).toISOString(),
    });
    expect(nextDue(library.db, [], NOW)).toEqual({
      tasks: 3,
      files: 0,
      tasksDue: 2,
      filesDue: 0,
      nextAt: new Date(NOW + 5000).toISOString(),
    });
  });
});

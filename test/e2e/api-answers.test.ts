import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { Fault } from "../stand-in/faults/faults.ts";
import { demoLibrary } from "../../src/demo/library/library.ts";
import { demoTaskId } from "../../src/demo/library/song-task.ts";
import { makeRecord, taskIdOf } from "../stand-in/make-record.ts";
import { dumpTables, rowsOf, type Row } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { digestTree } from "../helpers/folder-tree.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000, maxConcurrency: 10 });

function tracking({ home }: World, id: string): Row | undefined {
  return rowsOf(home, "select * from tracked_tasks where task_id = ?", id)[0];
}

describe.concurrent("D50: answers that do not fit the question", () => {
  test.for<[string, Fault]>([
    ["an id left out is asked for once more in the same run", { kind: "items", missing: 1 }],
    ["records that nobody asked for are ignored", { kind: "items", unrequested: 3 }],
    ["duplicates", { kind: "items", duplicates: true }],
    ["another order", { kind: "items", reversed: true }],
    ["another count", { kind: "items", count: 4711 }],
    ["empty objects among the items", { kind: "items", emptyObjects: 2 }],
    [
      "all of it at once",
      { kind: "items", missing: 1, unrequested: 2, duplicates: true, reversed: true, emptyObjects: 1, count: 0 },
    ],
  ])("D50: %s", async ([, fault]) => {
    await using world = await makeWorld({ tasks: 5 });
    world.standIn.fault("api", fault);
    const end = expectCode(await world.mirror("sync", "--json"), 0);
    expect(end.json).toMatchObject({
      outcome: "complete",
      tasks: { asked: 5, new: 5, missing: 0 },
      assets: { stored: 10 },
    });
    expect(rowsOf(world.home, "select id from tasks").map((row) => row["id"])).toHaveLength(5);
    expect(world.problems()).toEqual([]);
  });

  test("D50: an id that never comes back is counted, and missing after 3 runs; no error", async () => {
    await using world = await makeWorld({ tasks: 3 });
    const lost = world.ids[1] ?? "";
    world.standIn.fault("api", { kind: "items", missing: [lost] }, "forever");
    world.standIn.remove(lost);
    for (const seen of [1, 2, 3]) {
      expectCode(await world.mirror("sync", "--no-assets", "--json"), 0);
      expect(tracking(world, lost)).toMatchObject({ not_seen: seen, state: seen < 3 ? "pending" : "missing" });
    }
    expect((await world.mirror("sync", "--no-assets")).stdout).toMatch(/1 unknown upstream/);
    world.standIn.clearFaults();
    world.standIn.records.set(lost, makeRecord(1, {}, { assetBase: world.standIn.assetUrl }));
    expectCode(await world.mirror("sync"), 0);
    expect(tracking(world, lost)).toMatchObject({ not_seen: 0, state: "succeeded", missing_since: null });
    expect(world.problems()).toEqual([]);
  });
});

describe.concurrent("D51: a task that vanishes upstream", () => {
  test.for<[string, Fault | undefined]>([
    ["absent", undefined],
    ["404 task_not_found", { kind: "status", status: 404, code: "task_not_found" }],
    ["an answer without items", { kind: "body", body: '{"items":[],"count":0}' }],
  ])("D51: %s: row, clips and files are kept, missing_since says so, a return clears it", async ([, fault]) => {
    await using world = await makeWorld({ tasks: 1 });
    const [id = ""] = world.ids;
    expectCode(await world.mirror("sync"), 0);
    const before = dumpTables(world.home);
    const files = digestTree(join(world.home, "assets"));
    world.standIn.remove(id);
    if (fault) world.standIn.fault("api", fault, "forever");
    const end = expectCode(await world.mirror("sync", "--refresh", "--json"), 0);
    expect(end.json).toMatchObject({ outcome: "complete", tasks: { asked: 1, new: 0, updated: 0 } });
    expect(tracking(world, id)).toMatchObject({ state: "succeeded", missing_since: expect.any(Number) as unknown });
    const after = dumpTables(world.home);
    for (const table of ["tasks", "task_documents", "clips", "task_clips", "assets"])
      expect(after[table]).toEqual(before[table]);
    expect(digestTree(join(world.home, "assets"))).toEqual(files);
    world.standIn.clearFaults();
    world.standIn.records.set(id, makeRecord(0, {}, { assetBase: world.standIn.assetUrl }));
    expectCode(await world.mirror("sync", "--refresh"), 0);
    expect(tracking(world, id)).toMatchObject({ missing_since: null, not_seen: 0 });
    expect(world.problems()).toEqual([]);
  });
});

test.concurrent(
  "D52: what is archived never goes back: poorer answers are kept as versions and change nothing",
  async () => {
    await using world = await makeWorld({ tasks: 3 });
    expectCode(await world.mirror("sync"), 0);
    const before = dumpTables(world.home);
    const options = { assetBase: world.standIn.assetUrl };
    const [open = "", bare = "", empty = ""] = world.ids;
    world.standIn.records.set(open, without(makeRecord(0, {}, options), "response", "finished_at"));
    world.standIn.records.set(bare, makeRecord(1, { clip: { title: null, lyric: null, audio_url: null } }, options));
    world.standIn.records.set(empty, makeRecord(2, { response: { data: [] } }, options));
    expectCode(await world.mirror("sync", "--refresh"), 0);
    const after = dumpTables(world.home);
    expect(words(after["clips"])).toEqual(words(before["clips"]));
    expect(after["tasks"]?.map((row) => row["state"])).toEqual(["succeeded", "succeeded", "succeeded"]);
    expect(after["assets"]).toEqual(before["assets"]);
    expect(rowsOf(world.home, "select task_id from task_documents where version = 2")).toHaveLength(3);
    expect(world.problems()).toEqual([]);
  },
);

test.concurrent("D53: a preview is never downloaded; the finished song is, with its own bytes", async () => {
  const now = Date.now();
  const id = demoTaskId("running");
  await using world = await makeWorld({
    library: (assetBase) => demoLibrary({ assetBase, now, pendingResponses: 2 }),
    tracked: false,
  });
  expectCode(await world.mirror("track", id), 0);
  for (let run = 0; run < 2; run++) {
    const end = expectCode(await world.mirror("sync", "--json"), 0);
    expect(end.json).toMatchObject({ outcome: "complete", tasks: { pending: 1 }, assets: { stored: 0 } });
    expect(world.standIn.assetConnections()).toBe(0);
    expect(rowsOf(world.home, "select * from assets")).toEqual([]);
    expect(rowsOf(world.home, "select state from clips")).toEqual([{ state: "pending" }]);
  }
  expectCode(await world.mirror("sync", "--json"), 0);
  const urls = world.standIn.assetRequests().map((request) => request.url);
  expect(urls.filter((url) => url.includes("/stream/"))).toEqual([]);
  expect(urls.filter((url) => url.includes("/audio/"))).toHaveLength(1);
  expect(rowsOf(world.home, "select state from assets where kind = 'audio'")).toEqual([{ state: "stored" }]);
  expect(world.problems()).toEqual([]);
});

test.concurrent("a record that cannot be read: the others are saved, its last_error says why, exit 3", async () => {
  await using world = await makeWorld({ tasks: 4 });
  const [id = ""] = world.ids;
  world.standIn.records.set(id, `{"id":"${id}","response":${"[".repeat(80)}${"]".repeat(80)}}`);
  const end = expectCode(await world.mirror("sync", "--json"), 3);
  expect(end.json).toMatchObject({ outcome: "incomplete", tasks: { new: 3 }, error: { exit: 3 } });
  expect(tracking(world, id)).toMatchObject({
    state: "pending",
    last_error: expect.stringMatching(/unreadable/) as unknown,
  });
  expect(rowsOf(world.home, "select 1 from tasks")).toHaveLength(3);
  expect(world.problems()).toEqual([]);
});

describe.concurrent("D62: batches", () => {
  test.for<[number, number[]]>([
    [1, [1]],
    [50, [50]],
    [51, [50, 1]],
    [500, [50, 50, 50, 50, 50, 50, 50, 50, 50, 50]],
  ])("D62: %i ids are asked for in batches of at most 50", async ([tasks, sizes]) => {
    await using world = await makeWorld({ tasks });
    const end = expectCode(await world.mirror("sync", "--no-assets", "--json"), 0);
    expect(world.standIn.apiRequests().map((request) => request.ids.length)).toEqual(sizes);
    expect(end.json).toMatchObject({ tasks: { asked: tasks, new: tasks }, requests: sizes.length });
    expect(world.standIn.peak.api).toBeLessThanOrEqual(4);
    expect(world.problems()).toEqual([]);
  });

  test("D62: 0 ids: nothing is tracked, exit 2", async () => {
    await using world = await makeWorld({ tasks: 1 });
    expectCode(await world.mirror("untrack", ...world.ids), 0);
    expect(expectCode(await world.mirror("sync", "--json"), 2).json).toMatchObject({
      error: { code: "nothing_tracked", exit: 2 },
    });
  });

  test.for([400, 413])(
    "D62: one id that makes a batch of 50 fail with %i is found by halving, the others are stored",
    async (status) => {
      await using world = await makeWorld({ tasks: 50 });
      const bad = taskIdOf(17);
      world.standIn.poison(bad, status);
      const end = expectCode(await world.mirror("sync", "--no-assets"), 3);
      expect(world.standIn.apiRequests().length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(50)));
      expect(rowsOf(world.home, "select 1 from tasks")).toHaveLength(49);
      expect(tracking(world, bad)).toMatchObject({
        state: "pending",
        last_error: expect.stringContaining(String(status)) as unknown,
      });
      expect(rowsOf(world.home, "select 1 from tracked_tasks where last_error is not null")).toHaveLength(1);
      expect(end.stdout + end.stderr).toContain(bad);
      expect(world.problems()).toEqual([]);
      world.standIn.clearFaults();
      expectCode(await world.mirror("sync", "--no-assets"), 0);
    },
  );

  test("D62: one id that makes a batch fail with 500", async () => {
    await using world = await makeWorld({ tasks: 20 });
    world.standIn.poison(taskIdOf(7), 500);
    const end = expectCode(await world.mirror("sync", "--no-assets", "--json"), 3);
    expect(end.json).toMatchObject({
      outcome: "incomplete",
      tasks: { new: 19 },
      error: { exit: 3, message: expect.stringContaining("500 api_error") as unknown },
    });
    expect(tracking(world, taskIdOf(7))).toMatchObject({ last_error: expect.stringContaining("500") as unknown });
    expect(world.problems()).toEqual([]);
  });

  test("D62: one id that makes a batch fail with an api_error in a body with status 200", async () => {
    await using world = await makeWorld({ tasks: 8 });
    const [bad, error] = [taskIdOf(3), { code: "api_error", message: "fetch failed" }];
    const step = { kind: "body", status: 200, body: JSON.stringify({ success: false, error }) } as const;
    world.standIn.fault({ id: bad }, step, "forever");
    const end = expectCode(await world.mirror("sync", "--no-assets", "--json"), 3);
    expect(end.json).toMatchObject({ outcome: "incomplete", tasks: { new: 7 }, error: { exit: 3 } });
    expect(tracking(world, bad)).toMatchObject({ last_error: expect.stringContaining("api_error") as unknown });
    expect(world.problems()).toEqual([]);
  });

  test("D62: when the first batch fails down to every single id, the run ends with 5 and asks no more", async () => {
    await using world = await makeWorld({ tasks: 60 });
    world.standIn.fault("api", { kind: "status", status: 400 }, "forever");
    const end = expectCode(await world.mirror("sync", "--no-assets", "--json"), 5);
    expect(end.json).toMatchObject({ outcome: "failed", tasks: { new: 0 }, error: { exit: 5 } });
    expect(world.standIn.apiRequests().length).toBeLessThanOrEqual(99);
    expect(world.problems()).toEqual([]);
  });
});

function without(record: object, ...names: string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));
}

/** Rows without the time of their last change. */
function words(rows: Row[] | undefined): object[] {
  return (rows ?? []).map((row) => without(row, "updated_at"));
}

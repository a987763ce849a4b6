import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { demoLibrary } from "../../src/demo/library/library.ts";
import { makeRecord } from "../stand-in/make-record.ts";
import { dumpTables, rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { digestTree } from "../helpers/folder-tree.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const STRANGER = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";

function stored({ home }: World): Record<string, number> {
  const rows = rowsOf(home, "select kind, count(*) as count from assets where state = 'stored' group by kind");
  return Object.fromEntries(rows.map((row) => [String(row["kind"]), Number(row["count"])]));
}

function but(tables: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(tables).filter(([name]) => !names.includes(name)));
}

test.concurrent(
  "the demo library, whole: every state, every kind of file, and exit 0 for what failed upstream",
  async () => {
    await using world = await makeWorld({
      library: (assetBase) => demoLibrary({ assetBase, now: Date.now(), pendingResponses: 9 }),
    });
    const end = expectCode(await world.mirror("sync"), 0);
    expect(end.stdout.split("\n")[0]).toBe(world.home);
    expect(end.stdout).toMatch(/songs safe.*1 running.*1 unknown upstream.*2 failed upstream/);
    expect(Object.keys(stored(world))).toEqual(["audio", "image", "stems", "video", "wav"]);
    expect(
      rowsOf(
        world.home,
        "select state, count(*) as count from tracked_tasks where state in ('failed', 'partial') group by state",
      ),
    ).toEqual([
      { state: "failed", count: 2 },
      { state: "partial", count: 1 },
    ]);
    expect(world.problems()).toEqual([]);
  },
);

test.concurrent("I9: a second sync of settled tasks asks nothing, fetches nothing and changes nothing", async () => {
  await using world = await makeWorld({ tasks: 12 });
  expectCode(await world.mirror("sync"), 0);
  const [tables, files] = [dumpTables(world.home), digestTree(world.home, (path) => !/^(assets|journal)\//.test(path))];
  world.standIn.reset();
  const end = expectCode(await world.mirror("sync", "--json"), 0);
  expect(end.json).toMatchObject({
    outcome: "complete",
    tasks: { asked: 0 },
    assets: { stored: 0, alreadyStored: 0, bytes: 0 },
    requests: 0,
  });
  expect(world.standIn.requests).toHaveLength(0);
  expect(but(dumpTables(world.home), "sync_runs")).toEqual(but(tables, "sync_runs"));
  const refreshed = expectCode(await world.mirror("sync", "--refresh", "--json"), 0);
  expect(refreshed.json).toMatchObject({
    tasks: { asked: 12, new: 0, updated: 0, unchanged: 12 },
    assets: { stored: 0, alreadyStored: 24 },
    requests: 1,
  });
  expect(world.standIn.assetRequests()).toHaveLength(0);
  expect(but(dumpTables(world.home), "sync_runs", "tracked_tasks")).toEqual(but(tables, "sync_runs", "tracked_tasks"));
  expect(digestTree(world.home, (path) => !/^(assets|journal)\//.test(path))).toEqual(files);
});

test.concurrent(
  "--no-assets: complete without files; --assets-only brings them without a token and asks nothing",
  async () => {
    await using world = await makeWorld({ tasks: 3 });
    expect(expectCode(await world.mirror("sync", "--no-assets", "--json"), 0).json).toMatchObject({
      outcome: "complete",
      tasks: { new: 3 },
      assets: { stored: 0, failed: 0 },
    });
    expect(world.standIn.assetConnections()).toBe(0);
    const asked = world.standIn.apiRequests().length;
    const env = { ACEDATACLOUD_API_TOKEN: "" };
    const end = expectCode(await world.mirrorWith({ env }, "sync", "--assets-only", "--json"), 0);
    expect(end.json).toMatchObject({ outcome: "complete", tasks: { asked: 0 }, assets: { stored: 6 }, requests: 0 });
    expect(world.standIn.apiRequests().length).toBe(asked);
    expect(world.problems()).toEqual([]);
    expect(expectCode(await world.mirrorWith({ env }, "sync", "--json"), 2).json).toMatchObject({
      error: { code: "no_token", hint: expect.stringContaining("never a flag") as unknown },
    });
  },
);

test.concurrent("sync id…: these alone; an id that is not tracked: 2, and nothing is asked", async () => {
  await using world = await makeWorld({ tasks: 4 });
  const [one = "", two = ""] = world.ids;
  const end = expectCode(await world.mirror("sync", one.toUpperCase(), two, "--json"), 0);
  expect(end.json).toMatchObject({ tasks: { asked: 2, new: 2 }, assets: { stored: 4 } });
  expect(
    world.standIn
      .apiRequests()
      .flatMap((request) => request.ids)
      .toSorted(),
  ).toEqual([one, two].toSorted());
  world.standIn.reset();
  expect(expectCode(await world.mirror("sync", one, STRANGER, "--json"), 2).json).toMatchObject({
    error: { code: "not_tracked", message: expect.stringContaining(STRANGER) as unknown },
  });
  expect(world.standIn.requests).toHaveLength(0);
});

test.concurrent("a refused token: the files that are wanted are still fetched, then 6", async () => {
  await using world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync", "--no-assets", "--limit", "2"), 0);
  const end = expectCode(await world.mirrorWith({ env: { ACEDATACLOUD_API_TOKEN: "another" } }, "sync", "--json"), 6);
  expect(end.json).toMatchObject({
    outcome: "failed",
    assets: { stored: 4 },
    error: { code: "invalid_token", exit: 6 },
  });
  expect(stored(world)).toEqual({ audio: 2, image: 2 });
});

test.concurrent(
  "untrack stops the questions and keeps what is mirrored; only track takes it back, no file does",
  async () => {
    await using world = await makeWorld({ tasks: 2 });
    const [id = ""] = world.ids;
    expectCode(await world.mirror("sync"), 0);
    const before = but(dumpTables(world.home), "tracked_tasks", "sync_runs", "journal_files");
    expectCode(await world.mirror("untrack", id), 0);
    world.standIn.reset();
    writeFileSync(join(world.folder, "ids.txt"), world.ids.join("\n"));
    expectCode(await world.mirror("sync", "--refresh", "--from", "ids.txt"), 0);
    expect(world.standIn.apiRequests().flatMap((request) => request.ids)).toEqual([world.ids[1]]);
    expect(but(dumpTables(world.home), "tracked_tasks", "sync_runs", "journal_files")).toEqual(before);
    expectCode(await world.mirror("sync", id), 2);
    expectCode(await world.mirror("track", id), 0);
    expectCode(await world.mirror("sync", "--refresh", id), 0);
    expect(world.problems()).toEqual([]);
  },
);

test.concurrent("import works offline, tracks the ids, and --assets-only brings the files", async () => {
  await using world = await makeWorld({ tasks: 3, tracked: false });
  const { standIn, folder } = world;
  writeFileSync(
    join(folder, "saved.json"),
    JSON.stringify({ items: world.ids.map((id) => standIn.records.get(id)), count: 3 }),
  );
  const env = { ACEDATACLOUD_API_TOKEN: "" };
  expect(expectCode(await world.mirrorWith({ env }, "import", "saved.json", "--json"), 0).json).toMatchObject({
    records: 3,
    new: 3,
    clips: 3,
    added: 3,
  });
  expect(standIn.connections()).toBe(0);
  expect(expectCode(await world.mirrorWith({ env }, "sync", "--assets-only", "--json"), 0).json).toMatchObject({
    outcome: "complete",
    assets: { stored: 6 },
  });
  expect(standIn.apiRequests()).toHaveLength(0);
  expect(expectCode(await world.mirrorWith({ env }, "import", "saved.json", "--json"), 0).json).toMatchObject({
    new: 0,
    updated: 0,
    unchanged: 3,
    added: 0,
    alreadyTracked: 3,
  });
  expect(world.problems()).toEqual([]);
});

test.concurrent("--from is read at the start of each run: ids are tracked, whole records imported", async () => {
  await using world = await makeWorld({ tasks: 3, tracked: false });
  const [one = "", two = "", three = ""] = world.ids;
  expectCode(await world.mirror("track", one), 0);
  writeFileSync(join(world.folder, "app.log"), `2026-11-01 task ${two} submitted\n`);
  writeFileSync(join(world.folder, "saved.json"), JSON.stringify(world.standIn.records.get(three)));
  const env = { PRODUCER_MIRROR_FROM: "app.log,saved.json" };
  expect(expectCode(await world.mirrorWith({ env }, "sync", "--json"), 0).json).toMatchObject({
    outcome: "complete",
    assets: { stored: 6 },
  });
  expect(
    world.standIn
      .apiRequests()
      .flatMap((request) => request.ids)
      .toSorted(),
  ).toEqual([one, two].toSorted());
  expect(world.problems()).toEqual([]);
});

test.concurrent("one song in two tasks: both tasks have it, one file is kept", async () => {
  await using world = await makeWorld({ tasks: 2 });
  const [, two = ""] = world.ids;
  const options = { assetBase: world.standIn.assetUrl };
  const first = makeRecord(0, {}, options) as unknown as { response: { data: object[] } };
  world.standIn.records.set(two, makeRecord(1, { response: { data: first.response.data } }, options));
  expectCode(await world.mirror("sync"), 0);
  expect(rowsOf(world.home, "select count(*) as clips from clips")).toEqual([{ clips: 1 }]);
  expect(rowsOf(world.home, "select count(*) as paths from task_clips")).toEqual([{ paths: 2 }]);
  expect(stored(world)).toEqual({ audio: 1, image: 1 });
  expect(world.problems()).toEqual([]);
});

test.concurrent("a --refresh that fails leaves nothing to do, and says the same as status afterwards", async () => {
  await using world = await makeWorld({ tasks: 4 });
  expectCode(await world.mirror("sync"), 0);
  world.standIn.fault("api", { kind: "status", status: 401 }, "forever");
  expectCode(await world.mirror("sync", "--refresh"), 6);
  expect((await world.mirror("status")).stdout).toMatch(/^next +nothing to do$/m);
  world.standIn.clearFaults();
  world.standIn.fault("api", { kind: "status", status: 429, headers: [["Retry-After", "999"]] }, "forever");
  const { stdout, stderr } = expectCode(await world.mirror("sync", "--refresh"), 5);
  expect(stdout + stderr).toContain("4 ended tasks were not asked again");
  expect(stdout + stderr).not.toContain("for the next run");
  expect((await world.mirror("status")).stdout).toMatch(/^next +nothing to do$/m);
  expect((await world.mirror("sync", "-n")).stdout).toContain("would request 0 tasks");
  expectCode(await world.mirror("track", STRANGER), 0);
  expect((await world.mirror("sync", "--refresh")).stderr).toContain("1 id waits for the next run, 4 ended tasks were");
  expect((await world.mirror("status")).stdout).toMatch(/^next +1 task to request/m);
  expect((await world.mirror("sync", "-n")).stdout).toContain("would request 1 task ");
});

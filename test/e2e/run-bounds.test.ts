import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { digestTree, listTree } from "../helpers/folder-tree.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

function stored({ home }: World): Record<string, number> {
  const rows = rowsOf(home, "select kind, count(*) as count from assets where state = 'stored' group by kind");
  return Object.fromEntries(rows.map((row) => [String(row["kind"]), Number(row["count"])]));
}

describe.concurrent("sync --dry-run", () => {
  test("asks nothing, makes no file, begins no run, takes no lock and needs no token", async () => {
    await using world = await makeWorld({ tasks: 60 });
    const skip = (path: string) => /-(wal|shm)$/.test(path);
    const before = digestTree(world.home, skip);
    const names = listTree(world.home)
      .map((found) => found.path)
      .filter((path) => !skip(path));
    const env = { ACEDATACLOUD_API_TOKEN: "" };
    const end = expectCode(await world.mirrorWith({ env }, "sync", "--dry-run", "--json"), 0);
    expect(end.json).toEqual({ dryRun: true, tasks: { due: 60 }, requests: 2, assets: { wanted: 0 } });
    expectCode(await world.mirrorWith({ env }, "sync", "-n"), 0);
    expect(digestTree(world.home, skip)).toEqual(before);
    expect(
      listTree(world.home)
        .map((found) => found.path)
        .filter((path) => !skip(path)),
    ).toEqual(names);
    expect(world.standIn.connections()).toBe(0);
    world.standIn.fault("api", { kind: "hang" }, "forever");
    world.start(["sync"]);
    while (world.standIn.apiRequests().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expectCode(await world.mirror("sync", "-n"), 0);
  });

  test("knows the files that wait, and --from", async () => {
    await using world = await makeWorld({ tasks: 2 });
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    writeFileSync(join(world.folder, "more.txt"), `1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad\n${world.ids.join("\n")}`);
    const end = expectCode(await world.mirror("sync", "-n", "--from", "more.txt", "--json"), 0);
    expect(end.json).toEqual({ dryRun: true, tasks: { due: 1 }, requests: 1, assets: { wanted: 4 } });
    expect(rowsOf(world.home, "select count(*) as count from tracked_tasks")).toEqual([{ count: 2 }]);
  });
});

test.concurrent("--limit asks for so many tasks, never-mirrored first; the next run goes on", async () => {
  await using world = await makeWorld({ tasks: 5 });
  for (const [left, asked] of [
    [5, 2],
    [3, 2],
    [1, 1],
    [0, 0],
  ] as const) {
    expect(rowsOf(world.home, "select 1 from tracked_tasks where state = 'pending'")).toHaveLength(left);
    expect(expectCode(await world.mirror("sync", "--limit", "2", "--json"), 0).json).toMatchObject({
      tasks: { asked, new: asked },
    });
  }
});

test.concurrent("--max-transfer: starts no download after so many bytes, and ends with 3", async () => {
  await using world = await makeWorld({
    tasks: 10,
    standIn: { padTo: 100_000 },
    env: { PRODUCER_MIRROR_CONCURRENCY: "1" },
  });
  const end = expectCode(await world.mirror("sync", "--max-transfer", "250k", "--json"), 3);
  expect(world.standIn.assetRequests().length).toBeLessThan(20);
  const { assets } = end.json as { assets: { stored: number; bytes: number; failed: number } };
  expect(assets.bytes).toBeGreaterThanOrEqual(250_000);
  expect(assets.bytes).toBeLessThan(360_000);
  expect(assets.failed).toBe(0);
  expect(assets.stored).toBeLessThan(20);
  expectCode(await world.mirror("sync"), 0);
  expect(world.problems()).toEqual([]);
});

test.concurrent("--max-duration: starts nothing new after so long, and ends with 3", async () => {
  await using world = await makeWorld({ tasks: 20, env: { PRODUCER_MIRROR_CONCURRENCY: "1" } });
  world.standIn.fault("assets", { kind: "delay", ms: 300 }, "forever");
  expectCode(await world.mirror("sync", "--max-duration", "1s"), 3);
  expect(world.standIn.assetRequests().length).toBeLessThan(10);
  expect(world.problems()).toEqual([]);
});

test.concurrent("--max-duration: asks no more either, what was answered is kept", async () => {
  await using world = await makeWorld({ tasks: 20, env: { PRODUCER_MIRROR_RATE: "2" } });
  const bounds = ["--batch-size", "1", "--max-duration", "2s", "--no-assets"];
  const end = expectCode(await world.mirror("sync", ...bounds, "--json"), 3);
  expect(end.json).toMatchObject({ outcome: "incomplete", error: { code: "time_up", exit: 3 } });
  expect(world.standIn.apiRequests().length).toBeLessThan(12);
  expect(rowsOf(world.home, "select 1 from tasks")).toHaveLength(world.standIn.apiRequests().length);
  expectCode(await world.mirrorWith({ env: { PRODUCER_MIRROR_RATE: "0" } }, "sync"), 0);
  expect(world.problems()).toEqual([]);
});

test.concurrent("--kinds: only these; a kind turned on later fetches the files of old clips too", async () => {
  await using world = await makeWorld({ tasks: 4 });
  expect(expectCode(await world.mirror("sync", "--kinds", "image", "--json"), 0).json).toMatchObject({
    outcome: "complete",
    assets: { stored: 4 },
  });
  expect(stored(world)).toEqual({ image: 4 });
  const asked = world.standIn.apiRequests().length;
  expect(expectCode(await world.mirror("sync", "--json"), 0).json).toMatchObject({
    tasks: { asked: 0 },
    assets: { stored: 4 },
  });
  expect(stored(world)).toEqual({ audio: 4, image: 4 });
  expect(world.standIn.apiRequests().length).toBe(asked);
});

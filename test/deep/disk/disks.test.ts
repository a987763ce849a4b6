import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { editArchive, rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree, listTree } from "../../helpers/folder-tree.ts";
import { examine } from "../../helpers/oracle/oracle.ts";
import { asNobody, growDisk, smallDisk } from "../../helpers/small-disk.ts";
import { makeWorld, servedBy, type World } from "../../helpers/world.ts";
import { mayMount } from "../../helpers/needs.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const NO_MOUNT = "needs root and the right to mount";
const PAD = 200_000;

function problems(world: World, assets: string): string[] {
  const { home, standIn } = world;
  return examine({
    home,
    assets,
    bytesOf: servedBy(standIn),
    requests: standIn.requests,
    violations: standIn.violations,
  });
}

test.concurrent(
  "B13: files on a disk that is full: 7, each file tried once at most, the archive whole; with room it goes on",
  async (ctx) => {
    ctx.skip(!mayMount(), NO_MOUNT);
    await using world = await makeWorld({ tasks: 20, standIn: { padTo: PAD } });
    const assets = join(world.folder, "disk");
    using _disk = smallDisk(assets, 1500);
    const env = { PRODUCER_MIRROR_ASSETS: assets };
    const end = expectCode(await world.mirrorWith({ env }, "sync", "--json"), 7);
    expect(end.json).toMatchObject({
      outcome: "failed",
      error: {
        code: "disk_full",
        exit: 7,
        message: expect.stringMatching(/^no space left on .*disk: need .* MB, have .* MB/) as unknown,
      },
    });
    const tries = world.standIn.assetRequests().map((request) => request.url);
    expect(tries).toHaveLength(new Set(tries).size);
    expect(
      rowsOf(world.home, "select count(*) as count from assets where state = 'stored'")[0]?.["count"],
    ).toBeGreaterThan(0);
    expect(problems(world, assets)).toEqual([]);
    expectCode(await world.mirrorWith({ env }, "sync"), 7);
    growDisk(assets, 20_000);
    expectCode(await world.mirrorWith({ env }, "sync"), 0);
    expect(rowsOf(world.home, "select 1 from assets where state <> 'stored'")).toEqual([]);
    expect(listTree(assets).filter((found) => found.path.includes(".part"))).toEqual([]);
    expect(problems(world, assets)).toEqual([]);
  },
);

test.concurrent(
  "B14: the database on a disk that is full: 7 in plain words, what was committed is kept; with room it goes on",
  async (ctx) => {
    ctx.skip(!mayMount(), NO_MOUNT);
    await using world = await makeWorld({ tasks: 300, tracked: false });
    const home = join(world.folder, "disk");
    const assets = join(world.folder, "elsewhere");
    using _disk = smallDisk(home, 1500);
    const env = { PRODUCER_MIRROR_HOME: home, PRODUCER_MIRROR_ASSETS: assets };
    expectCode(await world.mirrorWith({ env, input: world.ids.join("\n") }, "track", "-"), 0);
    const end = expectCode(await world.mirrorWith({ env }, "sync", "--no-assets", "--json"), 7);
    expect(end.json).toMatchObject({
      error: {
        code: "disk_full",
        exit: 7,
        message: expect.stringMatching(/^no space left on the disk of /) as unknown,
      },
    });
    expect(end.stderr).not.toMatch(/SQLITE|Error:|at .*\.js/);
    expect(examine({ home, assets })).toEqual([]);
    expectCode(await world.mirrorWith({ env }, "status"), 0);
    growDisk(home, 50_000);
    expectCode(await world.mirrorWith({ env }, "sync"), 0);
    expect(rowsOf(home, "select count(*) as count from tasks")).toEqual([{ count: 300 }]);
    expect(examine({ home, assets, bytesOf: servedBy(world.standIn) })).toEqual([]);
  },
);

test.concurrent("B14: the very first track on a full disk: 7, and nothing half made stays in the way", async (ctx) => {
  ctx.skip(!mayMount(), NO_MOUNT);
  await using world = await makeWorld({ tasks: 5, tracked: false });
  const home = join(world.folder, "disk");
  using _disk = smallDisk(home, 60);
  const env = { PRODUCER_MIRROR_HOME: home };
  expectCode(await world.mirrorWith({ env }, "track", ...world.ids), 7);
  expect(existsSync(join(home, "archive.db"))).toBe(false);
  growDisk(home, 20_000);
  expectCode(await world.mirrorWith({ env }, "track", ...world.ids), 0);
  expectCode(await world.mirrorWith({ env }, "sync"), 0);
  expect(examine({ home, bytesOf: servedBy(world.standIn) })).toEqual([]);
});

describe.concurrent("B17: folders that may not be written", () => {
  /** A world that belongs to nobody, and what starts the program as nobody. */
  async function given(skip: (when: boolean, why: string) => void) {
    const wrapper = asNobody();
    skip(wrapper === undefined, "needs setpriv");
    const world = await makeWorld({ tasks: 2 });
    if (process.getuid?.() === 0) execFileSync("chown", ["-R", "65534:65534", world.folder]);
    return { world, options: { wrapper: wrapper ?? [] } };
  }

  test("B17: the assets folder is read-only: 7 before any API call, the path named", async (ctx) => {
    const { world, options } = await given((when, why) => ctx.skip(when, why));
    await using _world = world;
    expectCode(await world.mirrorWith(options, "sync"), 0);
    editArchive(world.home, "update assets set state = 'wanted', path = null where kind = 'image'");
    const asked = world.standIn.requests.length;
    const assets = join(world.home, "assets");
    for (const found of listTree(assets)) if (found.path.endsWith(".jpg")) rmSync(found.fullPath);
    for (const found of [
      assets,
      ...listTree(assets)
        .filter((one) => one.type === "folder")
        .map((one) => one.fullPath),
    ])
      chmodSync(found, 0o555);
    const end = expectCode(await world.mirrorWith(options, "sync", "--refresh", "--json"), 7);
    expect(end.json).toMatchObject({ error: { exit: 7, message: expect.stringContaining(assets) as unknown } });
    expect(world.standIn.requests.length).toBe(asked);
  });

  test("B17: the archive's folder is read-only: 7 before any API call, the path named; reading still works or says why", async (ctx) => {
    const { world, options } = await given((when, why) => ctx.skip(when, why));
    await using _world = world;
    expectCode(await world.mirrorWith(options, "sync"), 0);
    const asked = world.standIn.requests.length;
    const before = digestTree(world.home);
    chmodSync(world.home, 0o555);
    const end = expectCode(await world.mirrorWith(options, "sync", "--refresh", "--json"), 7);
    expect(end.json).toMatchObject({ error: { exit: 7, message: expect.stringContaining(world.home) as unknown } });
    expect(world.standIn.requests.length).toBe(asked);
    const listed = await world.mirrorWith(options, "clips", "--json");
    expect([0, 7]).toContain(listed.code);
    chmodSync(world.home, 0o700);
    expect(digestTree(world.home, (path) => /^lock|-(wal|shm)$/.test(path))).toEqual(
      Object.fromEntries(Object.entries(before).filter(([path]) => !/^lock|-(wal|shm)$/.test(path))),
    );
  });

  test("B17: a home that may not be made: 7, the path named", async (ctx) => {
    const { world, options } = await given((when, why) => ctx.skip(when, why));
    await using _world = world;
    mkdirSync(join(world.folder, "closed"), { mode: 0o555 });
    const home = join(world.folder, "closed", "mirror");
    const end = expectCode(await world.mirrorWith(options, "track", ...world.ids, "--home", home, "--json"), 7);
    expect(end.json).toMatchObject({
      error: { exit: 7, message: expect.stringContaining(join(world.folder, "closed")) as unknown },
    });
  });
});

describe.concurrent("B22: an assets folder that is not this archive's", () => {
  const CASES: [string, (assets: string) => void][] = [
    ["gone", (assets) => renameSync(assets, `${assets}-away`)],
    [
      "an empty mount point",
      (assets) => {
        renameSync(assets, `${assets}-away`);
        mkdirSync(assets, { mode: 0o700 });
      },
    ],
    [
      "another archive's",
      (assets) => writeFileSync(join(assets, ".producer-mirror"), "11111111-1111-4111-8111-111111111111\n"),
    ],
    ["without a marker", (assets) => rmSync(join(assets, ".producer-mirror"))],
  ];
  test.for(CASES)(
    "B22: %s: 7 naming --adopt-assets, nothing counted as lost, nothing asked, nothing fetched",
    async ([, damage]) => {
      await using world = await makeWorld({ tasks: 3 });
      expectCode(await world.mirror("sync"), 0);
      const before = rowsOf(world.home, "select * from assets");
      const asked = world.standIn.requests.length;
      damage(join(world.home, "assets"));
      const end = expectCode(await world.mirror("sync", "--refresh", "--json"), 7);
      expect(end.json).toMatchObject({
        error: { code: "assets_not_ours", exit: 7, hint: expect.stringContaining("--adopt-assets") as unknown },
      });
      expect(rowsOf(world.home, "select * from assets")).toEqual(before);
      expect(world.standIn.requests.length).toBe(asked);
      expect(
        listTree(world.home).filter((found) => found.path.startsWith("assets/") && found.path.includes(".part")),
      ).toEqual([]);
      expectCode(await world.mirror("sync", "--refresh", "--no-assets"), 0);
    },
  );

  test("B22: --adopt-assets takes the folder for ours, once", async () => {
    await using world = await makeWorld({ tasks: 2 });
    expectCode(await world.mirror("sync"), 0);
    rmSync(join(world.home, "assets", ".producer-mirror"));
    expectCode(await world.mirror("sync"), 7);
    expectCode(await world.mirror("sync", "--adopt-assets"), 0);
    expectCode(await world.mirror("sync"), 0);
    expect(world.standIn.assetRequests()).toHaveLength(4);
    expect(world.problems()).toEqual([]);
  });
});

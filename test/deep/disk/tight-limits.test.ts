import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree } from "../../helpers/folder-tree.ts";
import { examine } from "../../helpers/oracle/oracle.ts";
import { growDisk, smallDisk } from "../../helpers/small-disk.ts";
import { makeWorld, servedBy, type World } from "../../helpers/world.ts";
import { claim } from "../kill/claim.ts";
import { mayMount } from "../../helpers/needs.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const NO_MOUNT = "needs root and the right to mount";
const INSIDES = /SQLITE_|Error:|\bat .*\.js:\d/;

function storedFiles(home: string): number {
  return rowsOf(home, "select 1 from assets where state = 'stored'").length;
}

function problems(world: World, home: string, assets = join(home, "assets")): string[] {
  return examine({ home, assets, bytesOf: servedBy(world.standIn) });
}

describe.concurrent("little room", () => {
  test("A11: a kill, then a full disk in the run that repairs, then room: nothing is lost and all is there", async (ctx) => {
    ctx.skip(!mayMount(), NO_MOUNT);
    await using world = await makeWorld({ tasks: 20, tracked: false, standIn: { padTo: 200_000 } });
    const home = join(world.folder, "disk");
    using _disk = smallDisk(home, 20_000);
    const env = { PRODUCER_MIRROR_HOME: home };
    expectCode(await world.mirrorWith({ env, input: world.ids.join("\n") }, "track", "-"), 0);
    const child = world.start(["sync"], { env });
    while (world.standIn.assetRequests().length < 10 && child.child.exitCode === null) await sleep(2);
    child.kill("SIGKILL");
    await child.done;
    const kept = storedFiles(home);
    const used = Number(execFileSync("du", ["-sk", home], { encoding: "utf8" }).split("\t")[0]);
    growDisk(home, used + 700);
    expectCode(await world.mirrorWith({ env }, "sync"), 7);
    expect(problems(world, home)).toEqual([]);
    expect(storedFiles(home)).toBeGreaterThanOrEqual(kept);
    growDisk(home, 40_000);
    expectCode(await world.mirrorWith({ env }, "sync"), 0);
    expect(problems(world, home)).toEqual([]);
    expect(storedFiles(home)).toBe(40);
  });

  test("B20: a disk without names left for files: 7, and with more it goes on", async (ctx) => {
    ctx.skip(!mayMount(), NO_MOUNT);
    await using world = await makeWorld({ tasks: 30 });
    const assets = join(world.folder, "disk");
    using _disk = smallDisk(assets, 20_000);
    execFileSync("mount", ["-o", "remount,nr_inodes=30", assets]);
    const env = { PRODUCER_MIRROR_ASSETS: assets };
    const end = expectCode(await world.mirrorWith({ env }, "sync", "--json"), 7);
    expect(end.json).toMatchObject({
      error: { code: "disk_full", message: expect.stringContaining(assets) as unknown },
    });
    expect(end.stderr).not.toMatch(INSIDES);
    expect(problems(world, world.home, assets)).toEqual([]);
    execFileSync("mount", ["-o", "remount,nr_inodes=1000", assets]);
    expectCode(await world.mirrorWith({ env }, "sync"), 0);
    expect(problems(world, world.home, assets)).toEqual([]);
  });

  test("B21: 30 to 48 descriptors and 16 downloads at once: finishes, or says so with 7; the next sync has it all", async (ctx) => {
    ctx.skip(spawnSync("prlimit", ["--version"]).status !== 0, "needs prlimit");
    await using world = await makeWorld({ tasks: 40, standIn: { padTo: 100_000 } });
    for (let most = 30; most <= 48; most += 6) {
      const wrapper = ["prlimit", `--nofile=${most}`];
      const end = await world.mirrorWith({ wrapper }, "sync", "--concurrency", "16", "--json");
      const output = { most, code: end.code, signal: end.signal, stderr: end.stderr };
      claim([0, 3, 5, 7].includes(end.code ?? -1) && !INSIDES.test(end.stderr), "does not end in our words", output);
      expect({ most, problems: world.problems() }).toEqual({ most, problems: [] });
    }
    expectCode(await world.mirror("sync"), 0);
    expect(world.problems()).toEqual([]);
    expect(storedFiles(world.home)).toBe(80);
  });

  test.for([16, 24, 40])(
    "A12: a heap of %i MB: it may die, nothing is lost, the next sync has it all",
    async (megabytes) => {
      await using world = await makeWorld({ tasks: 300 });
      const env = { NODE_OPTIONS: `--max-old-space-size=${megabytes}` };
      await world.mirrorWith({ env }, "sync", "--no-assets");
      expect(world.problems()).toEqual([]);
      expectCode(await world.mirror("sync", "--no-assets"), 0);
      expect(world.problems()).toEqual([]);
      expect(rowsOf(world.home, "select count(*) as count from tasks")).toEqual([{ count: 300 }]);
    },
  );
});

describe("B18: an archive on a medium that cannot be written", () => {
  const READING = [
    ["status"],
    ["clips"],
    ["tasks"],
    ["search", "the"],
    ["stats"],
    ["sql", "select count(*) from clips"],
    ["verify"],
  ];

  test("B18: every reading command works, or says with 7 how it would; nothing changes", async (ctx) => {
    ctx.skip(!mayMount(), NO_MOUNT);
    await using world = await makeWorld({ tasks: 3, tracked: false });
    const home = join(world.folder, "disk");
    using _disk = smallDisk(home, 20_000);
    const env = { PRODUCER_MIRROR_HOME: home };
    expectCode(await world.mirrorWith({ env, input: world.ids.join("\n") }, "track", "-"), 0);
    expectCode(await world.mirrorWith({ env }, "sync"), 0);
    const copy = join(world.folder, "copy");
    expectCode(await world.mirrorWith({ env }, "backup", copy), 0);
    const other = join(world.folder, "other");
    expectCode(await world.mirror("restore", copy, "--home", other), 0);
    const before = digestTree(home);
    execFileSync("mount", ["-o", "remount,ro", home]);
    const ends: Record<string, number | null> = {};
    for (const command of READING) {
      const end = await world.mirrorWith({ env }, ...command, "--json");
      ends[command[0] ?? ""] = end.code;
      expect(end.stderr).not.toMatch(INSIDES);
      claim(end.code === 0 || end.code === 7, "ends with another code", {
        command,
        code: end.code,
        stderr: end.stderr,
      });
      const error = end.code === 7 ? (end.json as { error: { message: string; hint: string } }).error : undefined;
      claim(
        !error || (error.message.includes(home) && /copy|writable|read-only/.test(error.hint)),
        "does not say how",
        { command, ...error },
      );
    }
    console.log(`B18: ${JSON.stringify(ends)}`);
    const sync = expectCode(await world.mirrorWith({ env }, "sync", "--json"), 7);
    expect(sync.json).toMatchObject({ error: { message: expect.stringContaining(home) as unknown } });
    const below = join(home, "below");
    for (const words of [
      ["backup", below, "--home", other],
      ["track", world.ids[0]!, "--home", below],
      ["restore", copy, "--home", below],
    ])
      expect(expectCode(await world.mirrorWith({ env }, ...words), 7).stderr).toMatch(
        new RegExp(`${below}.*read-only`),
      );
    expect(digestTree(home)).toEqual(before);
  });
});

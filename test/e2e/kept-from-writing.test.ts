import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { expectCode } from "../helpers/expect-code.ts";
import { digestTree, listTree } from "../helpers/folder-tree.ts";
import { mayMount } from "../helpers/needs.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let world: World;
let backups: string;
let generation: string;
let id: string;

beforeAll(async () => {
  world = await makeWorld({ tasks: 3 });
  id = world.ids[0] ?? "";
  expectCode(await world.mirror("sync"), 0);
  backups = join(world.folder, "backups");
  expectCode(await world.mirror("backup", backups), 0);
  generation = join(backups, readdirSync(backups).find((name) => /^\d{8}T/.test(name)) ?? "");
});
afterAll(() => world[Symbol.asyncDispose]());

const READING = [
  ["clips"],
  ["tasks"],
  ["search", "song"],
  ["stats"],
  ["status"],
  ["sql", "select count(*) from songs"],
  ["changes"],
];

/** Commands that write into the home, each with what it needs. */
const writing = () => [
  ["track", id],
  ["untrack", id],
  ["tag", id, "+x"],
  ["sync"],
  ["sync", "--refresh"],
  ["rm", id],
  ["rm", id, "--purge", "--yes"],
  ["rebuild"],
  ["verify", "--repair"],
  ["backup", join(world.folder, "more")],
  ["watch", "--cron", "* * * * *"],
  ["search", "--rebuild-index"],
];

describe("a backup as the home", () => {
  test("is read without a change: no byte, no lock, no log of the database", async () => {
    const before = [listTree(backups), digestTree(backups)];
    for (const words of [...READING, ["history", id], ["show", id], ["verify"], ["verify", "--full"], ["doctor"]])
      expectCode(await world.mirror(...words, "--home", generation), 0);
    const exported = join(world.folder, "from-backup");
    expectCode(await world.mirror("export", "songs", exported, "--home", generation), 0);
    expect([listTree(backups), digestTree(backups)]).toEqual(before);
  });

  test("is not written into: 7 and what to do, nothing is changed, nobody is asked", async () => {
    const before = [listTree(backups), digestTree(backups)];
    const asked = world.standIn.requests.length;
    for (const words of writing()) {
      const { stderr } = expectCode(await world.mirror(...words, "--home", generation), 7);
      expect(stderr).toContain(`${generation} is a backup: it can be read`);
      expect(stderr).toContain("restore");
    }
    expectCode(await world.mirror("restore", backups, "--home", generation), 7);
    expect([listTree(backups), digestTree(backups)]).toEqual(before);
    expect(world.standIn.requests.length).toBe(asked);
    expectCode(await world.mirror("backup", backups, "--verify"), 0);
  });

  test("of an older program is read too", async () => {
    const old = join(world.folder, "old");
    cpSync(generation, old, { recursive: true });
    cpSync(join(import.meta.dirname, "../fixtures/archives/schema-1.db"), join(old, "archive.db"));
    rmSync(join(old, "journal"), { recursive: true });
    const before = [listTree(old), digestTree(old)];
    for (const words of READING) expectCode(await world.mirror(...words, "--home", old), 0);
    expect([listTree(old), digestTree(old)]).toEqual(before);
  });
});

describe("a home that cannot be written", () => {
  test("is read by lists, reports, queries and exports; writing is 7 in plain words", async (ctx) => {
    ctx.skip(!mayMount(), "needs root and the right to mount");
    const home = join(world.folder, "read-only");
    cpSync(world.home, home, { recursive: true });
    execFileSync("mount", ["--bind", home, home]);
    try {
      execFileSync("mount", ["-o", "remount,bind,ro", home]);
      for (const words of [...READING, ["show", id]]) expectCode(await world.mirror(...words, "--home", home), 0);
      expectCode(await world.mirror("export", "songs", join(world.folder, "from-read-only"), "--home", home), 0);
      for (const words of writing()) {
        const { stderr } = expectCode(await world.mirror(...words, "--home", home), 7);
        expect(stderr).toContain(`error: cannot use ${home}`);
        expect(stderr).not.toMatch(/unable to open|SQLITE/);
      }
    } finally {
      execFileSync("umount", [home]);
    }
  });
});

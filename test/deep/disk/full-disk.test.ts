import { cpSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { smallDisk } from "../../helpers/small-disk.ts";
import { makeWorld } from "../../helpers/world.ts";
import { mayMount } from "../../helpers/needs.ts";

vi.setConfig({ testTimeout: 60_000 });

test("B14: a disk without a byte left: every command says so, a backup too, and with room both go on", async (ctx) => {
  ctx.skip(!mayMount(), "needs root and the right to mount");
  await using world = await makeWorld({ tasks: 2 });
  expectCode(await world.mirror("sync"), 0);
  const disk = join(world.folder, "disk");
  using _disk = smallDisk(disk, 2000);
  cpSync(world.home, join(disk, "home"), { recursive: true });
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, "filler"), Buffer.alloc(bavail * bsize));
  const onDisk = ["--home", join(disk, "home")];
  const [id = ""] = world.ids;
  const commands = [["status"], ["sql", "select 1"], ["tag", id, "+x"], ["rm", id], ["verify"], ["sync"], ["rebuild"]];
  for (const words of commands) {
    const { stderr } = expectCode(await world.mirror(...words, ...onDisk), 7);
    expect(stderr).toMatch(/^error: no space left on the disk of [^\n]+\n {2}free some space[^\n]+\n$/);
  }
  const backup = ["backup", join(disk, "backups")];
  expect(expectCode(await world.mirror(...backup), 7).stderr).toContain("no space left");
  rmSync(join(disk, "filler"));
  expectCode(await world.mirror(...backup), 0);
  expectCode(await world.mirror("verify", "--full", ...onDisk), 0);
});

test("a change that a full disk cuts short leaves no part of itself in the journal, and none of it comes later", async (ctx) => {
  ctx.skip(!mayMount(), "needs root and the right to mount");
  await using world = await makeWorld({ tasks: 2 });
  expectCode(await world.mirror("sync"), 0);
  const disk = join(world.folder, "disk");
  using _disk = smallDisk(disk, 2500);
  const home = join(disk, "home");
  cpSync(world.home, home, { recursive: true });
  const [name = ""] = readdirSync(join(home, "journal"));
  const journal = () => readFileSync(join(home, "journal", name), "utf8");
  const before = journal();
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, "filler"), Buffer.alloc(bavail * bsize - 120_000));
  const file = join(world.folder, "ids.txt");
  const id = (number: number) => `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`;
  writeFileSync(file, Array.from({ length: 20_000 }, (_, number) => id(number)).join("\n"));
  expectCode(await world.mirror("track", "--file", file, "--home", home), 7);
  expect(journal()).toBe(before);
  rmSync(join(disk, "filler"));
  expectCode(await world.mirror("track", id(1), "--home", home), 0);
  expect(rowsOf(home, "select count(*) as count from tracked_tasks")).toEqual([{ count: 3 }]);
  expectCode(await world.mirror("verify", "--full", "--home", home), 0);
});

import { cpSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
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

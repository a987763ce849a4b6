import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree } from "../../helpers/folder-tree.ts";
import { mayMount } from "../../helpers/needs.ts";
import { asNobody, smallDisk } from "../../helpers/small-disk.ts";
import { makeImage, mountImage, whyNoDisk } from "./disk-image.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let world: World;
let backups: string;
beforeAll(async () => {
  world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
  backups = join(world.folder, "backups");
  expectCode(await world.mirror("backup", backups), 0);
});
afterAll(() => world[Symbol.asyncDispose]());

const songs = (home: string) => digestTree(join(home, "assets"));

test("a backup on a disk that does not answer holds up neither status nor doctor, and does not count as a copy", async (ctx) => {
  const why = whyNoDisk("exfat");
  ctx.skip(why !== "", why);
  const share = join(world.folder, "share");
  using _disk = mountImage(makeImage("exfat", join(world.folder, "share.img")), share);
  const isOfShare = (pid: string) => {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return words.some((word) => word.includes("exfat")) && words.includes(share);
  };
  const driver = Number(
    readdirSync("/proc").find((pid) => /^\d+$/.test(pid) && existsSync(`/proc/${pid}/cmdline`) && isOfShare(pid)),
  );
  expectCode(await world.mirror("backup", join(share, "backups")), 0);
  process.kill(driver, "SIGSTOP");
  try {
    const status = expectCode(await world.start(["status"]).done, 0);
    expect(status.stdout).toMatch(
      /share\/backups · not seen since .*: its disk does not answer, so it was not looked at/,
    );
    expect((await world.start(["doctor"]).done).stdout).toContain("its disk does not answer");
  } finally {
    process.kill(driver, "SIGCONT");
  }
  expect((await world.mirror("status")).stdout).toMatch(/share\/backups · seen now/);
});

describe.skipIf(!mayMount())("a restore where disks are mounted", () => {
  test("into a mount point puts the contents into it, whatever its disk brings along; again, the old ones are moved to a folder in it", async () => {
    const home = join(world.folder, "disk");
    using _disk = smallDisk(home, 20_000);
    mkdirSync(join(home, "lost+found"));
    writeFileSync(join(home, ".env"), "# mine\n");
    expectCode(await world.mirror("restore", backups, "--home", home), 0);
    expect(readdirSync(home).toSorted()).toEqual([".env", "archive.db", "assets", "journal", "lock.db", "lost+found"]);
    expect(songs(home)).toEqual(songs(world.home));
    expectCode(await world.mirror("verify", "--full", "--home", home), 0);
    expectCode(await world.mirror("tag", world.ids[0] ?? "", "+newer", "--home", home), 0);
    expect(expectCode(await world.mirror("restore", backups, "--home", home), 7).stderr).toContain(
      "what the backup lacks",
    );
    const { json } = expectCode(await world.mirror("restore", backups, "--home", home, "--force", "--json"), 0);
    const { before } = json as { before: string };
    expect(before).toMatch(new RegExp(`^${home}/before-restore-`));
    expect(readdirSync(before).toSorted()).toEqual(expect.arrayContaining(["archive.db", "assets", "journal"]));
    expectCode(await world.mirror("clips", "--tag", "newer", "--home", before), 0);
    expectCode(await world.mirror("verify", "--full", "--home", home), 0);
    expect(readdirSync(world.folder).filter((name) => name.startsWith("disk."))).toEqual([]);
  });

  test("into one where a disk is mounted for the files puts them on that disk, which stays where it is", async () => {
    const home = join(world.folder, "home");
    const assets = join(home, "assets");
    using _disk = smallDisk(assets, 20_000);
    const disk = statSync(assets).dev;
    expectCode(await world.mirror("restore", backups, "--home", home), 0);
    expect(statSync(assets).dev).toBe(disk);
    expect(songs(home)).toEqual(songs(world.home));
    expectCode(await world.mirror("restore", backups, "--home", home, "--force"), 0);
    expect(statSync(assets).dev).toBe(disk);
    expectCode(await world.mirror("verify", "--full", "--home", home), 0);
  });

  test("a folder that is mounted a second time is the same folder: no backup or export goes into the archive", async () => {
    const second = join(world.folder, "second");
    mkdirSync(second);
    execFileSync("mount", ["--bind", world.home, second]);
    try {
      for (const words of [
        ["backup", join(second, "backups")],
        ["export", "songs", join(second, "songs")],
      ])
        expectCode(await world.mirror(...words), 2);
      expect(readdirSync(second).toSorted()).toEqual(readdirSync(world.home).toSorted());
      expect(readdirSync(second)).not.toContain("backups");
    } finally {
      execFileSync("umount", [second]);
    }
  });

  test("onto a disk for the files that is another archive's is refused before anything is copied", async () => {
    const home = join(world.folder, "other");
    const assets = join(home, "assets");
    using _disk = smallDisk(assets, 20_000);
    writeFileSync(join(assets, ".producer-mirror"), "11111111-1111-4111-8111-111111111111\n");
    expectCode(await world.mirror("restore", backups, "--home", home), 2);
    expect(readdirSync(home)).toEqual(["assets"]);
    expect(readdirSync(assets)).toEqual([".producer-mirror"]);
  });

  test("into a folder whose own folder takes no other goes into it too", async (ctx) => {
    const wrapper = asNobody();
    ctx.skip(wrapper === undefined, "needs setpriv");
    const home = join(world.folder, "closed", "mirror");
    mkdirSync(home, { recursive: true });
    execFileSync("chown", ["-R", "65534:65534", home, backups]);
    execFileSync("chmod", ["755", world.folder]);
    expectCode(await world.mirrorWith({ wrapper: wrapper ?? [] }, "restore", backups, "--home", home), 0);
    expect(songs(home)).toEqual(songs(world.home));
  });
});

import { execFileSync } from "node:child_process";
import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { expectCode } from "../helpers/expect-code.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
beforeAll(async () => {
  world = await makeWorld({ tasks: 1 });
  writeFileSync(join(world.folder, "file"), "");
  execFileSync("mkfifo", [join(world.folder, "fifo")]);
  symlinkSync("loop", join(world.folder, "loop"));
});
afterAll(() => world[Symbol.asyncDispose]());

const UNFIT = ["file", "fifo", "file/below", "loop", "x".repeat(300)].map((name) => [name.slice(0, 12), name] as const);

describe("a home that can be none", () => {
  test.concurrent.each(UNFIT)("%s: 7, one line and a hint, whatever is asked", async (_what, name) => {
    const [id = ""] = world.ids;
    const home = ["--home", join(world.folder, name)];
    for (const words of [
      ["status"],
      ["track", id],
      ["sync"],
      ["tag", id, "+x"],
      ["rm", id],
      ["rebuild"],
      ["sql", "select 1"],
    ]) {
      const { stdout, stderr } = expectCode(await world.mirror(...words, ...home), 7);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^error: cannot use \/[^\n]+\n {2}(check|its disk takes no names) [^\n]+\n$/);
    }
  });

  test.each(["/proc/self", "/proc/self/fd"])("%s takes no files: 7", async (home) => {
    const { stdout, stderr } = expectCode(await world.mirror("track", world.ids[0] ?? "", "--home", home), 7);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error: \/proc\/self(\/fd)? is gone, or takes no files\n {2}name [^\n]+\n$/);
  });
});

/** Each part of a path that some program on the way could take for something else. */
const ODD_NAMES = [
  "my  mirror",
  "a\nb",
  "-x",
  "a'b\"c;$(touch canary)",
  "%2e%2e",
  "file:x?mode=memory#y",
  "\u{1f3b5}e\u0301",
];

describe("a home with an odd name", () => {
  test.concurrent.each(ODD_NAMES)("%j: songs come, are kept, go and come back", async (name) => {
    const home = `--home=${join(world.folder, "odd", name)}`;
    const backups = join(world.folder, "kept", name);
    const [id = ""] = world.ids;
    for (const words of [["track", id], ["sync"], ["backup", backups], ["rebuild"], ["verify", "--full"]])
      expectCode(await world.mirror(...words, home), 0);
    rmSync(join(world.folder, "odd", name), { recursive: true });
    expectCode(await world.mirror("restore", backups, home), 0);
    expect(expectCode(await world.mirror("verify", "--full", "--json", home), 0).json).toMatchObject({ ok: 2 });
    const rows = await world.mirror("sql", "select count(*) as n from songs", "--json", home);
    expect(expectCode(rows, 0).json).toEqual([{ n: 1 }]);
    expect(existsSync(join(world.folder, "canary"))).toBe(false);
  });
});

test("a working folder that was removed: 2 and what to do; help is there all the same", async () => {
  const gone = ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh"];
  const ended = await world.mirrorWith({ wrapper: gone }, "status");
  expect(expectCode(ended, 2).stderr).toBe(
    "error: the folder that this was started in no longer exists\n  change to another folder with cd\n",
  );
  expectCode(await world.mirrorWith({ wrapper: gone }, "status", "--help"), 0);
});

import { cpSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { mayTrace, NO_STRACE } from "../deep/calls/injection.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { digestTree, listParts } from "../helpers/folder-tree.ts";
import type { Running } from "../helpers/program.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const LOCK = ".producer-mirror-export.lock";
const TABLES_LOCK = ".producer-mirror-tables.lock";
const OTHER = ["--tags", "--template", "{album}/{title}"];
let world: World;
let elsewhere: string;
let folder: string;
let wanted: Record<string, string>;

beforeAll(async () => {
  world = await makeWorld({ tasks: 30 });
  expectCode(await world.mirror("sync"), 0);
  elsewhere = `${world.home}-elsewhere`;
  cpSync(world.home, elsewhere, { recursive: true });
  folder = join(world.folder, "songs");
  expectCode(await run(), 0);
  wanted = digestTree(folder);
});
beforeEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => world[Symbol.asyncDispose]());

const songs = (...more: string[]) => ["export", "songs", folder, ...more];
const run = (...more: string[]) => world.mirror(...songs(...more));
/** The same in a process of its own. */
const begin = () => world.start(songs()).done;
const fromElsewhere = (...args: string[]) => world.mirrorWith({ env: { PRODUCER_MIRROR_HOME: elsewhere } }, ...args);
const parts = () => listParts(folder);

/** An export that is stopped while it writes. */
async function stoppedHalfway(...more: string[]): Promise<Running> {
  const running = world.start(songs(...more));
  while (parts().length < 3 && running.child.exitCode === null) await sleep(1);
  running.kill("SIGSTOP");
  expect(parts().length).toBeGreaterThan(0);
  return running;
}

async function before(what: string): Promise<void> {
  if (what === "a folder of an earlier export") expectCode(await run("--limit", "10", "--artist", "One", "--tags"), 0);
}

describe.each(["a new folder", "a folder of an earlier export"])("two exports of songs into %s", (what) => {
  test("C31: the second ends with 8 and one line, of another archive's home too; a dry run does not mind; the first ends well", async () => {
    await before(what);
    const first = await stoppedHalfway();
    for (const second of [await run(...OTHER), await fromElsewhere(...songs(...OTHER))]) {
      expectCode(second, 8);
      expect(second.stdout).toBe("");
      expect(second.stderr.trim().split("\n")).toEqual([
        `error: another export is at work in ${folder}`,
        "  wait for it to end, then try again",
      ]);
    }
    expect(expectCode(await run("-n"), 0).stdout).toContain("would be exported");
    first.kill("SIGCONT");
    expectCode(await first.done, 0);
    expect(digestTree(folder)).toEqual(wanted);
  });

  test("the lock of one that was killed is free at once, and the next makes the rest", async () => {
    await before(what);
    const first = await stoppedHalfway(...OTHER);
    first.kill("SIGKILL");
    await first.done;
    expectCode(await run(), 0);
    expect(digestTree(folder)).toEqual(wanted);
  });

  test("started at one moment, each ends well or with 8, and the folder is as one makes it alone", async () => {
    await before(what);
    const ends = await Promise.all([begin(), begin(), fromElsewhere(...songs()), begin()]);
    for (const { code } of ends) expect([0, 8]).toContain(code);
    expect(ends.map(({ code }) => code)).toContain(0);
    expect(digestTree(folder)).toEqual(wanted);
  });
});

test("one archive goes into two folders at once", async () => {
  const first = await stoppedHalfway();
  const other = join(world.folder, "other");
  expectCode(await world.mirror("export", "songs", other), 0);
  expect(digestTree(other)).toEqual(wanted);
  first.kill("SIGCONT");
  expectCode(await first.done, 0);
});

test("a run that finds nothing to do changes nothing in the folder, not even its date", async () => {
  expectCode(await run(), 0);
  const { mtimeMs } = statSync(folder);
  expectCode(await run(), 0);
  expect(statSync(folder).mtimeMs).toBe(mtimeMs);
});

test("a file of somebody's own under the lock's name is exit 2, and stays", async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, LOCK), "mine");
  expect(expectCode(await run(), 2).stderr).toContain("is no lock of this program");
  expect(Object.keys(digestTree(folder))).toEqual([LOCK]);
});

test("a file system without locks takes exports too", async (ctx) => {
  ctx.skip(!mayTrace(), NO_STRACE);
  const locks = ["-P", join(folder, LOCK), "-P", join(folder, TABLES_LOCK)];
  const wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fcntl", ...locks];
  wrapper.push("-e", "inject=fcntl:error=EOPNOTSUPP");
  expectCode(await world.mirrorWith({ wrapper }, ...songs()), 0);
  expect(digestTree(folder)).toEqual(wanted);
  expectCode(await world.mirrorWith({ wrapper }, "export", "tables", folder), 0);
});

test("tables of two archives at once: the files of the first are not replaced by the second, which ends with 2", async () => {
  await using other = await makeWorld({ tasks: 1 });
  expectCode(await other.mirror("sync", "--no-assets"), 0);
  const tables = ["export", "tables", folder];
  const first = world.start(tables);
  while (!existsSync(join(folder, `.clips.csv.${first.pid}.producer-mirror-part`)) && first.child.exitCode === null)
    await sleep(1);
  first.kill("SIGSTOP");
  expectCode(await other.mirror(...tables), 0);
  const theirs = digestTree(folder, (path) => path.endsWith("-part"));
  first.kill("SIGCONT");
  expect(expectCode(await first.done, 2).stderr).toContain("tables of another archive");
  expect(digestTree(folder)).toEqual(theirs);
});

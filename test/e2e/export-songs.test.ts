import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { clipIdOf } from "../stand-in/make-record.ts";
import { mayTrace, NO_STRACE } from "../deep/calls/injection.ts";
import { rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { digestTree, listParts, listTree } from "../helpers/folder-tree.ts";
import { smallDisk } from "../helpers/small-disk.ts";
import { makeWorld, type World } from "../helpers/world.ts";
import { mayMount } from "../helpers/needs.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ROOT = join(import.meta.dirname, "../..");
const STATE = ".producer-mirror-export.json";
let world: World;
let folder: string;

beforeAll(async () => {
  world = await makeWorld({ tasks: 40 });
  expectCode(await world.mirror("sync"), 0);
  folder = join(world.folder, "songs");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => world[Symbol.asyncDispose]());

const run = (...args: string[]) => world.mirror("export", "songs", folder, ...args);
const parts = () => listParts(folder);

describe("export songs in trouble", () => {
  test("an archive without songs exports none, and makes nothing", async () => {
    await using empty = await makeWorld({ tasks: 1 });
    const target = join(empty.folder, "songs");
    const { json } = expectCode(await empty.mirror("export", "songs", target, "--json"), 0);
    expect(json).toMatchObject({ songs: 0, planned: 0, written: 0 });
    expect(existsSync(target)).toBe(false);
  });

  test("no folder named is exit 2", async () => {
    expect(expectCode(await world.mirror("export", "songs"), 2).stderr).toContain("missing required argument 'folder'");
  });

  test("a song whose file is gone from the archive is named: exit 3; its older copy stays; the rest is there", async () => {
    const [row] = rowsOf(world.home, "select path from assets where kind = 'audio' and clip_id = ?", clipIdOf(3));
    const original = join(world.home, "assets", String(row?.["path"]));
    const bytes = readFileSync(original);
    try {
      unlinkSync(original);
      const first = expectCode(await run("--json"), 3).json as { left: { path: string }[]; error: { message: string } };
      expect(first.left).toHaveLength(1);
      expect(first.error.message).toContain("missing in the archive");
      writeFileSync(original, bytes);
      expect(expectCode(await run("--json"), 0).json).toMatchObject({
        written: 1,
        unchanged: expect.any(Number) as number,
      });
      unlinkSync(original);
      expect(expectCode(await run("--json"), 0).json).toMatchObject({ written: 0, skipped: 0 });
      writeFileSync(original, bytes.subarray(1));
      expect(expectCode(await world.mirror("export", "songs", join(world.folder, "other")), 3).stderr).toContain(
        "not as it was stored",
      );
    } finally {
      writeFileSync(original, bytes);
      rmSync(join(world.folder, "other"), { recursive: true, force: true });
    }
  });

  test("an assets folder that is gone is exit 7, and no song leaves", async () => {
    expectCode(await run(), 0);
    const before = digestTree(folder);
    expectCode(
      await world.mirrorWith(
        { env: { PRODUCER_MIRROR_ASSETS: join(world.folder, "unmounted") } },
        "export",
        "songs",
        folder,
      ),
      7,
    );
    expect(digestTree(folder)).toEqual(before);
  });

  test("a folder that cannot be written is exit 7", async (ctx) => {
    ctx.skip(!mayMount(), "needs root and the right to mount");
    using _disk = smallDisk(folder, 100);
    execFileSync("mount", ["-o", "remount,ro", folder]);
    expect(expectCode(await run(), 7).stderr).toContain("cannot use");
  });

  test("Ctrl-C is 130, leaves nothing half, and the next run goes on", async () => {
    expectCode(await run("--tags"), 0);
    const wanted = digestTree(folder, (path) => path === STATE);
    rmSync(folder, { recursive: true });
    const child = world.start(["export", "songs", folder, "--tags"]);
    for (let tries = 0; !(existsSync(folder) && parts().length > 3) && tries < 2000; tries++) await sleep(2);
    child.kill("SIGINT");
    const end = expectCode(await child.done, 130);
    expect(end.stderr).toContain("interrupted: what was written is whole");
    expect(parts()).toEqual([]);
    expectCode(await run("--tags"), 0);
    expect(digestTree(folder, (path) => path === STATE)).toEqual(wanted);
  });

  test("A5: killed before any of its renames, the next run knows what is its own, even for other names and tags", async (ctx) => {
    ctx.skip(!mayTrace(), NO_STRACE);
    const exported = (target: string, template: string, artist: string) => [
      "export",
      "songs",
      target,
      "--tags",
      "--artist",
      artist,
      "--template",
      template,
    ];
    const [first, second, third] = ["{album}/{title} {id8}", "{year}/{title} [{id8}]", "{title}.{id8}"] as const;
    const fresh = join(world.folder, "fresh");
    expectCode(await world.mirror(...exported(fresh, third, "Three"), "--json"), 0);
    const wanted = digestTree(fresh, (path) => path === STATE);
    rmSync(fresh, { recursive: true });
    for (const nth of [2, 7]) {
      rmSync(folder, { recursive: true, force: true });
      expectCode(await world.mirror(...exported(folder, first, "One")), 0);
      const inject = ["-e", "trace=rename", "-e", `inject=rename:signal=SIGKILL:when=${nth}`];
      const wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", ...inject];
      const killed = await world.mirrorWith({ wrapper }, ...exported(folder, nth % 2 === 0 ? second : first, "Two"));
      expect([nth, killed.signal]).toEqual([nth, "SIGKILL"]);
      const report = expectCode(await world.mirror(...exported(folder, third, "Three"), "--json"), 0).json;
      expect(report).toMatchObject({ left: [], skipped: 0 });
      expect(digestTree(folder, (path) => path === STATE)).toEqual(wanted);
    }
  });

  test("A5: killed again and again while its songs become more, it still knows the playlist that none of these came to", async (ctx) => {
    ctx.skip(!mayTrace(), NO_STRACE);
    const wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=rename:signal=SIGKILL:when=2"];
    const oldest = (songs: number) => ["export", "songs", folder, "--sort", "created", "--limit", String(songs)];
    expectCode(await world.mirror(...oldest(10)), 0);
    for (const songs of [14, 18, 22]) {
      const { signal } = await world.mirrorWith({ wrapper }, ...oldest(songs));
      expect([songs, signal]).toEqual([songs, "SIGKILL"]);
    }
    expect(expectCode(await world.mirror(...oldest(26), "--json"), 0).json).toMatchObject({ left: [], skipped: 0 });
    expect(readFileSync(join(folder, "All songs.m3u8"), "utf8").match(/^#EXTINF/gm)).toHaveLength(26);
  });

  test.each(["an hour off, as FAT has them after the season", "that of a copy without dates"])(
    "dates are no proof that a file is a person's: %s",
    async (what) => {
      const flags = ["--tags", "--template", "{title} {id8}", "--limit", "5", "--json"];
      const { json } = expectCode(await run(...flags), 0);
      const files = listTree(folder).filter(({ type, path }) => type === "file" && !path.startsWith("."));
      const changed = files.find(({ path }) => path.endsWith(".m4a"))!.fullPath;
      const redate = () => {
        for (const { fullPath } of files) {
          if (!existsSync(fullPath)) continue;
          const date = what.startsWith("an hour") ? statSync(fullPath).mtimeMs / 1000 + 3600 : Date.now() / 1000;
          utimesSync(fullPath, date, date);
        }
      };
      redate();
      const { planned } = json as { planned: number };
      const noted = { unchanged: planned, written: 0, left: [] };
      expect(expectCode(await run(...flags), 0).json).toMatchObject(noted);
      // The new dates are noted: the next run reads no file for them.
      const state = readFileSync(join(folder, STATE), "utf8");
      for (const { fullPath } of files) expect(state).toContain(`"modifiedAt":${statSync(fullPath).mtimeMs}`);
      writeFileSync(changed, "a person's");
      redate();
      const moved = ["--tags", "--template", "{title}, {id8}", "--limit", "4", "--json"];
      const report = expectCode(await run(...moved), 0).json as { left: { path: string }[] };
      expect(report).toMatchObject({ renamed: expect.any(Number) as number, left: [{ path: basename(changed) }] });
      const names = listTree(folder).map(({ path }) => path);
      expect(names.filter((path) => /[^,] [0-9a-f]{8}\.m4a$/.test(path))).toEqual([basename(changed)]);
      expect(names.filter((path) => /, [0-9a-f]{8}\.m4a$/.test(path))).toHaveLength(4);
    },
  );

  test("a stick without modes takes copies too", async (ctx) => {
    ctx.skip(!mayTrace(), NO_STRACE);
    const inject = ["-e", "trace=/^f?chmod", "-e", "inject=/^f?chmod:error=EPERM"];
    const wrapper = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", ...inject];
    const env = { UV_USE_IO_URING: "0" };
    expectCode(await world.mirrorWith({ wrapper, env }, "export", "songs", folder, "--limit", "3"), 0);
    expect(expectCode(await run("--limit", "3", "--json"), 0).json).toMatchObject({ songs: 3, written: 0 });
  });

  test("without the library for tags --tags is exit 2, all else works", async () => {
    const target = join(world.folder, "install");
    mkdirSync(join(target, "node_modules"), { recursive: true });
    for (const part of ["dist", "migrations", "package.json"])
      cpSync(join(ROOT, part), join(target, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules/better-sqlite3"), join(target, "node_modules/better-sqlite3"));
    const program = join(target, "dist/main.js");
    const { stderr } = expectCode(await world.mirrorWith({ program }, "export", "songs", folder, "--tags"), 2);
    expect(stderr).toContain("node-taglib-sharp");
    expect(existsSync(folder)).toBe(false);
    expectCode(await world.mirrorWith({ program }, "export", "songs", folder), 0);
    expect(readdirSync(folder)).toContain("All songs.m3u8");
  });
});

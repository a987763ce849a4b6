import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { makeImage, mountImage, whyNoDisk } from "../deep/disk/disk-image.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { digestTree, listTree } from "../helpers/folder-tree.ts";
import { growDisk, smallDisk } from "../helpers/small-disk.ts";
import { makeWorld, type World } from "../helpers/world.ts";
import { mayMount } from "../helpers/needs.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let world: World;
let folder: string;

beforeAll(async () => {
  world = await makeWorld({ tasks: 20 });
  expectCode(await world.mirror("sync"), 0);
  folder = join(world.folder, "songs");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(() => world[Symbol.asyncDispose]());

test.each(["songs", "tables", "feed"])(
  "a folder's name in two words without quotes is exit 2: export %s",
  async (kind) => {
    const { stderr } = expectCode(await world.mirror("export", kind, join(world.folder, "My"), "Music"), 2);
    expect(stderr).toContain("too many arguments");
    expect(existsSync(join(world.folder, "My"))).toBe(false);
  },
);

test.each(["songs", "tables", "feed"])(
  "no name at all (a variable that is not set) is exit 2: export %s",
  async (kind) => {
    const url = kind === "feed" ? ["--base-url", "https://me.example/"] : [];
    const before = listTree(world.folder).length;
    for (const name of ["", " "])
      expect(expectCode(await world.mirror("export", kind, name, ...url), 2).stderr).toContain("is empty");
    expect(listTree(world.folder)).toHaveLength(before);
  },
);

test("a link that leads nowhere is exit 7, and named as one", async () => {
  const link = join(world.folder, "link");
  symlinkSync("nowhere", link);
  expect(expectCode(await world.mirror("export", "songs", link), 7).stderr).toContain(
    "a link on the way to it leads nowhere",
  );
  unlinkSync(link);
});

test("a full disk is exit 7, names the song and leaves nothing half; with room the next run goes on", async (ctx) => {
  ctx.skip(!mayMount(), "needs root and the right to mount");
  using _disk = smallDisk(folder, 300);
  const target = join(folder, "songs");
  const { stderr } = expectCode(await world.mirror("export", "songs", target), 7);
  expect(stderr).toMatch(/no space left on the disk of \S+\/songs\/20\d\d\/\d\d\/[^.]/);
  expect(listTree(target).filter(({ path }) => path.endsWith(".part"))).toEqual([]);
  growDisk(folder, 20_000);
  expectCode(await world.mirror("export", "songs", target), 0);
  expect(expectCode(await world.mirror("export", "songs", target, "--json"), 0).json).toMatchObject({ written: 0 });
});

/** Where the extents of a file lie on its disk, and whether another file has them too. */
function extents(path: string): string[] {
  const lines = execFileSync("filefrag", ["-v", path], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => /^ *\d+:/.test(line)).map((line) => line.replace(/\s+/g, " ").trim());
}

test.for(["btrfs", "xfs"] as const)(
  "on %s songs share their blocks with the archive: nothing is copied",
  async (kind, ctx) => {
    const why = whyNoDisk(kind) || (spawnSync("filefrag", ["-V"]).error ? "needs filefrag" : "");
    ctx.skip(why !== "", why);
    const disk = join(world.folder, kind);
    using _mounted = mountImage(makeImage(kind, join(world.folder, `${kind}.img`)), disk);
    const env = { PRODUCER_MIRROR_HOME: join(disk, "home") };
    cpSync(world.home, env.PRODUCER_MIRROR_HOME, { recursive: true });
    execFileSync("sync", ["-f", disk]);
    const songs = join(disk, "songs");
    expectCode(await world.mirrorWith({ env }, "export", "songs", songs), 0);
    const stored = listTree(join(env.PRODUCER_MIRROR_HOME, "assets")).filter(({ path }) => path.endsWith(".m4a"));
    const originals = new Map(stored.map(({ fullPath }) => [extents(fullPath).join(), fullPath]));
    const copies = listTree(songs).filter(({ path }) => path.endsWith(".m4a"));
    expect(copies.length).toBeGreaterThan(15);
    for (const { fullPath } of copies) {
      const pieces = extents(fullPath);
      expect(pieces.join()).toContain("shared");
      const original = originals.get(pieces.join()) ?? "";
      expect(readFileSync(fullPath).equals(readFileSync(original))).toBe(true);
    }
  },
);

test("a dry run lists exactly what the run then does", async () => {
  type Change = { do: string; path: string; from?: string };
  type Report = Record<string, unknown> & { changes: Change[] };
  const files = () => Object.keys(digestTree(folder, (path) => path.startsWith(".producer-mirror-")));
  expectCode(await world.mirror("export", "songs", folder, "--limit", "12"), 0);
  const run = ["export", "songs", folder, "--sort", "created", "--limit", "15", "--tags", "--template", "{title}"];
  const planned = expectCode(await world.mirror(...run, "--json", "-n"), 0).json as Report;
  const expected = new Set(files());
  for (const { path, from } of planned.changes) expected.delete(from ?? path);
  for (const change of planned.changes) if (change.do !== "remove") expected.add(change.path);
  const done = expectCode(await world.mirror(...run, "--json"), 0).json as Report;
  const { changes: _changes, dryRun: _dryRun, bytes: _bytes, ...counts } = planned;
  expect(done).toMatchObject(counts);
  expect(new Set(files())).toEqual(expected);
  expect(planned.changes.map((change) => change.do)).toEqual(expect.arrayContaining(["remove", "rename", "write"]));
});

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { DemoLibrary } from "../../../src/demo/library/library-types.ts";
import { makeRecord } from "../../stand-in/make-record.ts";
import { makeImage, mountImage, whyNoDisk, type DiskKind } from "./disk-image.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree, listTree } from "../../helpers/folder-tree.ts";
import { makeWorld } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000 });

/** Names that a stick does not take, takes for one, or cuts. */
const TITLES = [
  'What? "Now": a/b\\c*<d>|',
  "ÉTÉ",
  "été",
  "e\u0301te\u0301",
  "CON",
  "It ends in a dot.",
  "漢".repeat(150),
];

function library(assetBase: string): DemoLibrary {
  const record = (n: number) => makeRecord(n, { clip: { title: TITLES[n] ?? "A song" } }, { assetBase });
  return { size: TITLES.length + 3, id: (n) => record(n).id, value: record, unknownIds: [] };
}

describe.each<DiskKind>(["exfat", "ntfs"])("a stick with %s", (kind) => {
  test("holds an archive, its backup and what is exported, and has all of it when it was pulled and put in again", async (ctx) => {
    const why = whyNoDisk(kind);
    ctx.skip(why !== "", why);
    await using world = await makeWorld({ library, tracked: false });
    const image = makeImage(kind, join(world.folder, "stick.img"));
    const [stick, restored] = [join(world.folder, "stick"), join(world.folder, "restored")];
    const on = (name: string) => join(stick, name);
    const run = (...words: string[]) => world.mirrorWith({ env: { PRODUCER_MIRROR_HOME: on("mirror") } }, ...words);
    const songs = ["export", "songs", on("songs"), "--tags", "--template", "{title}"];
    const ofArchive = (path: string) => path.startsWith("mirror/");
    let [before, unchanged]: [Record<string, string>, number] = [{}, 0];
    {
      using _mounted = mountImage(image, stick);
      expectCode(await run("track", ...world.ids), 0);
      expectCode(await run("sync"), 0);
      const { json } = expectCode(await run(...songs, "--json"), 0);
      expect(json).toMatchObject({ songs: 10, left: [], untagged: [] });
      unchanged = (json as { written: number }).written;
      expectCode(await run("export", "tables", on("tables"), "--format", "parquet"), 0);
      expectCode(await run("export", "feed", on("feed.xml"), "--base-url", "https://me.example/"), 0);
      expectCode(await run("backup", on("backup")), 0);
      before = digestTree(stick, ofArchive);
    }
    using _mounted = mountImage(image, stick);
    expectCode(await run("verify", "--full"), 0);
    expect(expectCode(await run(...songs, "--json"), 0).json).toMatchObject({ unchanged, written: 0, skipped: 0 });
    expect(digestTree(stick, ofArchive)).toEqual(before);
    expect(unchanged).toBeGreaterThan(20);
    expectCode(await run("restore", on("backup"), "--home", restored), 0);
    expectCode(await run("verify", "--full", "--home", restored), 0);
  });
});

test("one file under two spellings is one file, where case does not count: it is renamed, whoever's the other is", async (ctx) => {
  const why = whyNoDisk("exfat");
  ctx.skip(why !== "", why);
  const titles = ["rain", "Sun", "A third"];
  const record = (n: number, assetBase: string) => makeRecord(n, { clip: { title: titles[n] ?? "" } }, { assetBase });
  await using world = await makeWorld({
    library: (assetBase) => ({
      size: titles.length,
      id: (n) => record(n, assetBase).id,
      value: (n) => record(n, assetBase),
      unknownIds: [],
    }),
  });
  const stick = join(world.folder, "stick");
  using _mounted = mountImage(makeImage("exfat", join(world.folder, "stick.img")), stick);
  const folder = join(stick, "songs");
  const exported = (...more: string[]) => world.mirror("export", "songs", folder, "--json", ...more);
  const retitled = async (...next: string[]) => {
    titles.splice(0, next.length, ...next);
    expectCode(await world.mirror("sync", "--refresh"), 0);
  };
  const audioNames = () => listTree(folder).flatMap(({ path }) => (path.endsWith(".m4a") ? [path] : []));
  for (const flags of [[], ["--tags"], ["--template", "{title}/{title}"]]) {
    rmSync(folder, { recursive: true, force: true });
    await retitled("rain", "Sun");
    const { planned } = expectCode(await exported(...flags), 0).json as { planned: number };
    const before = audioNames();
    await retitled("Rain");
    expect(expectCode(await exported(...flags), 0).json).toMatchObject({ planned, removed: 0, left: [] });
    expect(audioNames()).toEqual(before.map((path) => path.replaceAll("rain", "Rain")).toSorted());
    expect(readFileSync(join(folder, "All songs.m3u8"), "utf8")).toContain("Rain");
    expect(expectCode(await exported(...flags), 0).json).toMatchObject({ unchanged: planned, written: 0 });
    // Another song gets the name, in a third spelling, and the first one another.
    await retitled("wind", "RAIN");
    expect(expectCode(await exported(...flags), 0).json).toMatchObject({ planned, left: [] });
    expect(audioNames()).toHaveLength(before.length);
    expect(expectCode(await exported(...flags), 0).json).toMatchObject({ unchanged: planned, written: 0 });
  }
});

test("a folder under two spellings is one folder, where case does not count: nothing of ours goes into the archive", async (ctx) => {
  const why = whyNoDisk("exfat");
  ctx.skip(why !== "", why);
  await using world = await makeWorld({ tasks: 1 });
  const stick = join(world.folder, "stick");
  using _mounted = mountImage(makeImage("exfat", join(world.folder, "stick.img")), stick);
  const run = (...words: string[]) =>
    world.mirrorWith({ env: { PRODUCER_MIRROR_HOME: join(stick, "Mirror") } }, ...words);
  expectCode(await run("track", ...world.ids), 0);
  expectCode(await run("sync"), 0);
  expectCode(await run("backup", join(stick, "MIRROR", "backups")), 2);
  expectCode(await run("export", "songs", join(stick, "mirror", "assets")), 2);
  expectCode(await run("backup", join(stick, "Backups")), 0);
  const restored = expectCode(await run("restore", join(stick, "backups"), "--home", join(stick, "new"), "--json"), 0);
  expect(restored.json).toMatchObject({ before: null });
  expect(readdirSync(stick).toSorted()).toEqual(["Backups", "Mirror", "new"]);
  expect(readdirSync(join(stick, "Mirror"))).not.toContain("backups");
});

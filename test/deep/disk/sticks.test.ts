import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { DemoLibrary } from "../../../src/demo/library/library-types.ts";
import { makeRecord } from "../../stand-in/make-record.ts";
import { makeImage, mountImage, whyNoDisk, type DiskKind } from "./disk-image.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree } from "../../helpers/folder-tree.ts";
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

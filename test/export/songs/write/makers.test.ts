import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openMakers } from "../../../../src/export/songs/write/makers.ts";
import type { FileToMake } from "../../../../src/export/songs/write/make-file.ts";

const DATE = Date.UTC(2026, 0, 2);
let folder: string;
let options: { assets: string; mode: number; tags: boolean };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mirror-makers-"));
  options = { assets: join(folder, "assets"), mode: 0o640, tags: false };
  mkdirSync(join(options.assets, "1d"), { recursive: true });
  writeFileSync(join(options.assets, "1d/one.m4a"), "sound");
});
afterAll(() => rmSync(folder, { recursive: true }));

const text = (words: string): FileToMake => ({ content: { text: words }, modifiedAt: DATE });
const copyOf = (path: string, bytes = 5): FileToMake => ({
  content: { copyOf: { path, bytes, sha256: "" } },
  modifiedAt: DATE,
});

test.each([
  ["a few files, without a thread", 1],
  ["many files, in threads", 10_000],
])("%s: made as told, and what cannot be is told", async (_, files) => {
  await using makers = openMakers(options, files);
  const place = (name: string) => join(folder, `${files} ${name}`);
  const jobs = [
    { file: text("words"), place: place("lyric.txt") },
    { file: copyOf("1d/one.m4a"), place: place("song.m4a") },
    { file: copyOf("1d/none.m4a"), place: place("none.m4a") },
    { file: copyOf("1d/one.m4a", 6), place: place("short.m4a") },
    { file: text("never"), place: join(folder, "no such folder", "lyric.txt") },
    { file: text("after a failure"), place: place("after.txt") },
  ];
  expect(await makers.make(jobs)).toEqual([
    { made: { bytes: 5, modifiedAt: DATE } },
    { made: { bytes: 5, modifiedAt: DATE } },
    { trouble: "its file is missing in the archive: 1d/none.m4a" },
    { trouble: "its file in the archive is not as it was stored: 1d/one.m4a" },
    { failure: { message: expect.stringContaining("ENOENT") as string, code: "ENOENT", errno: -2 } },
  ]);
  expect(readFileSync(place("lyric.txt"), "utf8")).toBe("words");
  expect(readFileSync(place("song.m4a"), "utf8")).toBe("sound");
  expect(statSync(place("song.m4a")).mode & 0o777).toBe(0o640);
});

test("as many parts at once as it is wide, each with its own answers", async () => {
  await using makers = openMakers(options, 10_000);
  const parts = Array.from({ length: makers.width }, (_, nth) =>
    Array.from({ length: 20 }, (_, at) => ({ file: text("x".repeat(nth + 1)), place: join(folder, `${nth}-${at}`) })),
  );
  const outcomes = await Promise.all(parts.map((jobs) => makers.make(jobs)));
  for (const [nth, some] of outcomes.entries())
    expect(some).toEqual(Array.from({ length: 20 }, () => ({ made: { bytes: nth + 1, modifiedAt: DATE } })));
});

test.each([1, 10_000])(
  "what cannot make files says so when it is asked to, and not before (%i files)",
  async (files) => {
    await using makers = openMakers(null as unknown as typeof options, files);
    await sleep(500);
    for (const _ of [1, 2])
      await expect(makers.make([{ file: text("words"), place: join(folder, "never") }])).rejects.toThrow(TypeError);
  },
);

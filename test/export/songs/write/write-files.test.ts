import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DiskError } from "../../../../src/lib/errors.ts";
import type { Changes, Write } from "../../../../src/export/songs/plan-changes.ts";
import { textFile, type PlannedFile } from "../../../../src/export/songs/plan/planned-file.ts";
import { applyChanges } from "../../../../src/export/songs/write/apply.ts";
import { groupsOf, writeFiles, type WriteDeps } from "../../../../src/export/songs/write/write-files.ts";

const DATE = Date.UTC(2026, 0, 2);
let root: string;
let folder: string;
let untagged: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mirror-write-files-"));
  folder = join(root, "export");
  untagged = [];
  mkdirSync(folder);
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "assets/one.m4a"), "sound", { mode: 0o600 });
});
afterEach(() => rmSync(root, { recursive: true }));

const deps = (more: Partial<WriteDeps> = {}): WriteDeps => ({
  folder,
  locate: (path) => join(root, "assets", path),
  writeTags: null,
  mode: 0o640,
  made: new Map(),
  touched: new Set(),
  save: async () => {},
  now: () => 0,
  signal: new AbortController().signal,
  onProgress: () => {},
  onUntagged: (path) => void untagged.push(path),
  ...more,
});
const write = (file: PlannedFile, replaces: number | null = null): Write => ({ file, as: "written", replaces });
const text = (path: string, words: string, replaces: number | null = null) =>
  write(textFile(path, "lyric", "owner", DATE, words), replaces);
const copy = (path: string, source = "one.m4a", bytes = 5) =>
  write({ ...text(path, "").file, content: { copyOf: { path: source, bytes, sha256: "" } } });
const tagged = (path: string) => {
  const { file } = copy(path);
  const tags = {
    title: "",
    artist: "",
    album: "",
    track: 1,
    date: "",
    genre: null,
    lyric: null,
    cover: null,
    more: {},
  };
  return write({ ...file, content: { copyOf: { path: "one.m4a", bytes: 5, sha256: "" }, tags } });
};
const filesIn = () => readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
const read = (path: string) => readFileSync(join(folder, path), "utf8");

test("texts and copies have their bytes, mode and date, and are in the state", async () => {
  const { made, touched, ...rest } = deps();
  const done = await writeFiles({ ...rest, made, touched }, [text("2026/01/a.txt", "words"), copy("2026/01/a.m4a")]);
  expect(done).toEqual({ written: 2, retagged: 0, bytes: 10, skipped: [] });
  expect([read("2026/01/a.txt"), read("2026/01/a.m4a")]).toEqual(["words", "sound"]);
  for (const path of ["2026/01/a.txt", "2026/01/a.m4a"]) {
    const { mode, mtimeMs, nlink } = statSync(join(folder, path));
    expect([mode & 0o777, mtimeMs, nlink]).toEqual([0o640, DATE, 1]);
    expect(made.get(path)).toMatchObject({ bytes: 5, modifiedAt: DATE });
  }
  expect([...touched].toSorted()).toEqual(["", "2026", "2026/01"]);
});

test("a song whose original is missing, short or a link is skipped with the reason; the others are written", async () => {
  const writes = [copy("none.m4a", "none.m4a"), copy("short.m4a", "one.m4a", 6), copy("a.m4a"), copy("b.m4a", "link")];

  symlinkSync("one.m4a", join(root, "assets/link"));
  const { written, skipped } = await writeFiles(deps(), writes);
  expect(written).toBe(1);
  expect(skipped).toEqual([
    { path: "none.m4a", reason: "its file is missing in the archive: none.m4a", blocked: true },
    { path: "short.m4a", reason: "its file in the archive is not as it was stored: one.m4a", blocked: true },
    { path: "b.m4a", reason: "its file is missing in the archive: link", blocked: true },
  ]);
  expect(filesIn()).toEqual(["a.m4a"]);
});

test("a file that came since the folder was looked at is not overwritten; one of ours is", async () => {
  writeFileSync(join(folder, "a.txt"), "a person's");
  writeFileSync(join(folder, "b.txt"), "the old one");
  const { made, ...rest } = deps();
  const done = await writeFiles({ ...rest, made }, [text("a.txt", "new"), text("b.txt", "new", DATE)]);
  expect(done).toMatchObject({ written: 1, bytes: 3, skipped: [{ path: "a.txt", blocked: true }] });
  expect([read("a.txt"), read("b.txt"), [...made.keys()]]).toEqual(["a person's", "new", ["b.txt"]]);
  expect(filesIn()).toEqual(["a.txt", "b.txt"]);
});

test("a file that cannot be written ends it with its name, and leaves no temporary file", async () => {
  writeFileSync(join(folder, "b"), "a file where a folder should be");
  const writing = writeFiles(deps(), [text("a.txt", "words"), text("b/c.txt", "words"), text("d.txt", "words")]);
  await expect(writing).rejects.toThrow(DiskError);
  await expect(writing).rejects.toThrow(/export\/b/);
  expect(filesIn()).toEqual(["b"]);
});

test("after the signal no file is begun; those that were made have their names", async () => {
  const stop = new AbortController();
  const writes = Array.from({ length: 100 }, (_, at) => text(`${at}.txt`, "words"));
  const { made, ...rest } = deps({ signal: stop.signal, onProgress: ({ files }) => files === 3 && stop.abort() });
  await expect(writeFiles({ ...rest, made }, writes)).rejects.toThrow("aborted");
  expect(filesIn()).toEqual([...made.keys()].toSorted());
  expect(made.size).toBeGreaterThanOrEqual(3);
  expect(made.size).toBeLessThan(50);
});

test("a copy that takes no tags has the bytes of the original, whatever was done to it", async () => {
  const writeTags = (path: string) => {
    writeFileSync(path, "half");
    throw new Error("no such box");
  };
  const done = await writeFiles(deps({ writeTags }), [tagged("a.m4a"), tagged("b.m4a")]);
  expect([done.written, read("a.m4a"), read("b.m4a"), untagged]).toEqual([2, "sound", "sound", ["a.m4a", "b.m4a"]]);
});

test("the state is saved between groups when ten seconds have passed, never while files have no name", async () => {
  let time = 0;
  const saves: string[][] = [];
  const save = async () => void saves.push(filesIn());
  const large = copy("none.m4a", "none.m4a", 2 ** 30);
  await writeFiles(deps({ save, now: () => (time += 6000) }), [text("a.txt", "words"), large, text("b.txt", "words")]);
  expect(saves).toEqual([["a.txt"]]);
});

test("folders that an export made and did not fill are removed with the entries of their files", async () => {
  mkdirSync(join(folder, "2026/01"), { recursive: true });
  mkdirSync(join(folder, "mine"));
  const nothing: Changes = {
    unchanged: [],
    moves: [],
    spellings: [],
    writes: [],
    skipped: [],
    removals: [],
    kept: [],
    forgotten: [],
  };
  const touched = new Set<string>();
  await applyChanges(deps({ touched }), { ...nothing, forgotten: ["2026/01/a.txt", "2026/02/b.txt", "mine.txt"] });
  expect(filesIn()).toEqual(["mine"]);
  expect([...touched]).toEqual([""]);
});

const sizes = (of: number[], most: { bytes: number; files: number }) =>
  [
    ...groupsOf(
      of.map((bytes, at) => text(`${at}.txt`, "x".repeat(bytes))),
      most,
    ),
  ].map((group) => group.length);

test.each([
  [[], { bytes: 10, files: 5 }, []],
  [[1, 1, 1], { bytes: 10, files: 5 }, [3]],
  [[5, 5, 1], { bytes: 10, files: 5 }, [2, 1]],
  [[50, 1, 50, 1], { bytes: 10, files: 5 }, [1, 1, 1, 1]],
  [[0, 0, 0, 0, 0], { bytes: 10, files: 2 }, [2, 2, 1]],
])("files of %j bytes, at most %j, are groups of %j", (of, most, expected) => {
  expect(sizes(of, most)).toEqual(expected);
});

test("the files of a folder follow one another, whatever the order of the plan", () => {
  const writes = ["a/1", "b/1", "a/2", "c/1", "b/2"].map((path) => text(path, ""));
  const groups = [...groupsOf(writes, { bytes: 100, files: 3 })];
  expect(groups.map((group) => group.map(({ file }) => file.path))).toEqual([
    ["a/1", "a/2", "b/1"],
    ["b/2", "c/1"],
  ]);
});

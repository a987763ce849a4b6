import { expect, test } from "vitest";
import { batchesOf, partsOf } from "../../../../src/export/songs/write/batches.ts";
import type { Write } from "../../../../src/export/songs/plan-changes.ts";
import { textFile } from "../../../../src/export/songs/plan/planned-file.ts";

const write = (name: string, bytes: number): Write => ({
  file: textFile(name, "lyric", "owner", 0, "x".repeat(bytes)),
  as: "written",
  replaces: null,
});
const sizes = (of: number[], most: { bytes: number; files: number }) =>
  [
    ...batchesOf(
      of.map((bytes, at) => write(`${at}.txt`, bytes)),
      most,
    ),
  ].map((batch) => batch.length);

test.each([
  [[], { bytes: 10, files: 5 }, []],
  [[1, 1, 1], { bytes: 10, files: 5 }, [3]],
  [[5, 5, 1], { bytes: 10, files: 5 }, [2, 1]],
  [[50, 1, 50, 1], { bytes: 10, files: 5 }, [1, 1, 1, 1]],
  [[0, 0, 0, 0, 0], { bytes: 10, files: 2 }, [2, 2, 1]],
])("files of %j bytes, at most %j, wait together in %j", (of, most, expected) => {
  expect(sizes(of, most)).toEqual(expected);
});

test("all are written, in their order", () => {
  const writes = Array.from({ length: 100 }, (_, at) => write(`${at}.txt`, at));
  expect([...batchesOf(writes, { bytes: 300, files: 7 })].flat()).toEqual(writes);
});

test("a folder that fits into one batch is not divided; its files come together", () => {
  const writes = ["a/1", "b/1", "a/2", "c/1", "b/2"].map((name) => write(name, 10));
  const names = batchesOf(writes, { bytes: 100, files: 3 }).map((batch) => batch.map(({ file }) => file.path));
  expect(names).toEqual([
    ["a/1", "a/2"],
    ["b/1", "b/2", "c/1"],
  ]);
});

test("parts divide folders too", () => {
  const writes = ["a/1", "a/2", "b/1"].map((name) => write(name, 10));
  expect(partsOf(writes, { bytes: 10, files: 9 }).map((part) => part.length)).toEqual([1, 1, 1]);
});

import { expect, test } from "vitest";
import { batchesOf } from "../../../src/keep/export-songs/batches.ts";
import type { Write } from "../../../src/keep/export-songs/plan-changes.ts";
import { textFile } from "../../../src/keep/export-songs/planned-file.ts";

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

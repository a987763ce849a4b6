import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createOutFile, renameFinished } from "../../src/export/out-file.ts";
import { sha256 } from "../helpers/folder-tree.ts";
import { SEED, seededRandom } from "../helpers/seeded.ts";
import { temporaryFolder } from "../helpers/temporary-archive.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

test(`text and bytes of any size lie there one after the other, with their count and digest (seed ${SEED})`, async () => {
  const path = join(folder.path, "all");
  const file = createOutFile(path);
  const random = seededRandom(SEED);
  const wanted: Buffer[] = [];
  for (let round = 0; round < 400; round++) {
    const size = Math.floor(10 ** (random() * 5.8));
    const text = ["a", "é", "歌", "🎵", "\ud800"][round % 5]!.repeat(Math.ceil(size / (round % 3 === 0 ? 1 : 50)));
    const piece = round % 2 === 0 ? text : new Uint8Array(Buffer.from(text));
    wanted.push(Buffer.from(text));
    file.write(piece);
    // A buffer that its owner fills again must not change what was written.
    if (typeof piece !== "string") piece.fill(0);
  }
  const digest = file.finish();
  await renameFinished([file]);
  const all = Buffer.concat(wanted);
  expect(readFileSync(path).equals(all)).toBe(true);
  expect([file.bytes, digest]).toEqual([all.length, sha256(all)]);
  expect(existsSync(file.part)).toBe(false);
});

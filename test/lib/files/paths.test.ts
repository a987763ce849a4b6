import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { liesIn, realPath } from "../../../src/lib/files/paths.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";

let folder: ReturnType<typeof temporaryFolder>;
let root: string;
beforeEach(() => {
  folder = temporaryFolder();
  root = realpathSync(folder.path);
  mkdirSync(join(root, "Music", "Archive"), { recursive: true });
  symlinkSync(join(root, "Music"), join(root, "link"));
});
afterEach(() => folder[Symbol.dispose]());

it("a path is named as the folders spell it, through links, as far as it exists", async () => {
  expect(await realPath(join(root, "link", "Archive"))).toBe(join(root, "Music", "Archive"));
  expect(await realPath(join(root, "link", "not yet", "A"))).toBe(join(root, "Music", "not yet", "A"));
  expect(await realPath("/")).toBe("/");
});

it("where case counts, another spelling is another folder", async () => {
  mkdirSync(join(root, "music"));
  expect(await realPath(join(root, "music"))).toBe(join(root, "music"));
  expect(await liesIn(join(root, "Music"), join(root, "music"))).toBe(false);
});

it.each([
  ["Music", "Music", true],
  ["Music", "Music/Archive/new", true],
  ["Music", "link/Archive", true],
  ["link", "Music/Archive", true],
  ["Music/Archive", "Music", false],
  ["Music", "Music 2", false],
  ["not there", "not there/x", true],
  ["not there", "Music", false],
])("in %s lies %s: %s", async (outer, inner, expected) => {
  expect(await liesIn(join(root, outer), join(root, inner))).toBe(expected);
});

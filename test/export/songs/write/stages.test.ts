import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Stages } from "../../../../src/export/songs/write/stages.ts";

let root: string;
let touched: Set<string>;
let stages: Stages;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "mirror-stages-"));
  touched = new Set();
  let number = 0;
  stages = new Stages(root, touched, () => number++);
});
afterEach(() => rmSync(root, { recursive: true }));

const make = (path: string) => {
  const place = stages.placeFor(path);
  writeFileSync(place, path);
  return place;
};

test("a new folder has its name when all of it is there, and is to be flushed with the one above", () => {
  make("2026/01/one.m4a");
  make("2026/01/one.txt");
  expect(readdirSync(join(root, "2026"))).toEqual([expect.stringMatching(/^\.producer-mirror-\d+\.part$/)]);
  stages.nameFolders();
  expect(readdirSync(join(root, "2026/01")).toSorted()).toEqual(["one.m4a", "one.txt"]);
  expect(stages.isNamed("2026/01/one.m4a")).toBe(true);
  expect([...touched].toSorted()).toEqual(["", "2026", "2026/01"]);
});

test("a file for a folder that is there lies beside its name, and is named by itself", () => {
  mkdirSync(join(root, "2026"));
  const place = make("2026/one.m4a");
  stages.nameFolders();
  expect(stages.isNamed("2026/one.m4a")).toBe(false);
  expect(readFileSync(place, "utf8")).toBe("2026/one.m4a");
  expect(existsSync(join(root, "2026/one.m4a"))).toBe(false);
});

test("what came meanwhile under the folder's name is not overwritten", () => {
  const place = make("2026/one.m4a");
  mkdirSync(join(root, "2026"));
  writeFileSync(join(root, "2026/one.m4a"), "a person's");
  stages.nameFolders();
  expect(stages.isNamed("2026/one.m4a")).toBe(false);
  expect(readFileSync(join(root, "2026/one.m4a"), "utf8")).toBe("a person's");
  expect(readFileSync(place, "utf8")).toBe("2026/one.m4a");
  stages.removeFolders();
  expect(readdirSync(root)).toEqual(["2026"]);
});

test("what has no name goes away", () => {
  mkdirSync(join(root, "there"));
  make("there/one.m4a");
  make("new/one.m4a");
  stages.remove();
  expect(readdirSync(root, { recursive: true })).toEqual(["there"]);
});

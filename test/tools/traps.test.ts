import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { findTraps } from "../../tools/check/traps.ts";
import { packageRoot } from "../../src/lib/package-root.ts";
import { temporaryFolder } from "../helpers/temporary-archive.ts";

async function trapsIn(text: string): Promise<string[]> {
  using folder = temporaryFolder();
  const path = join(folder.path, "src/query/some.ts");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  const found = await findTraps(folder.path);
  return found.filter((line) => line.startsWith("src/query/"));
}

it.each([
  ["openSync(archivePath(home), 'r');", "src/query/some.ts:1: opens a database beside SQLite"],
  ["const path = archivePath(home);\nawait digestFile(path);", "src/query/some.ts:2: opens a database beside SQLite"],
  ["readFileSync(join(home, 'lock.db'));", "src/query/some.ts:1: opens a database beside SQLite"],
  ["for (const x of y) {\n  using z = open(x);\n}", "src/query/some.ts:2: `using` in a loop"],
  ["while (x) {\n  if (y) {\n    await using z = open(x);\n  }\n}", "src/query/some.ts:3: `using` in a loop"],
])("finds %s", async (text, line) => {
  expect(await trapsIn(text)).toEqual([expect.stringContaining(line)]);
});

it.each([
  "connect(archivePath(home));",
  "openSync(join(home, 'journal'), 'r');",
  "using z = open(x);",
  "for (const x of y) work(() => {\n  using z = open(x);\n});",
])("passes over %s", async (text) => {
  expect(await trapsIn(text)).toEqual([]);
});

it("finds nothing in the sources", async () => {
  expect(await findTraps(packageRoot())).toEqual([]);
});

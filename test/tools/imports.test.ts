import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { findForbiddenImports } from "../../tools/check/import-rules.ts";
import { PACKAGES, ROOMS } from "../../tools/check/import-table.ts";

const root = join(import.meta.dirname, "../..");
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

describe("the map", () => {
  it("shows the import table that the rules are made from", async () => {
    expect(await readTable("room")).toEqual(ROOMS);
  });

  it("shows which room may import which package", async () => {
    expect(await readTable("package")).toEqual(PACKAGES);
  });
});

describe("the rules", () => {
  it("pass what the table allows", async () => {
    const folder = await project({
      "src/lib/text.ts": "export const text = 1;",
      "src/db/schema.ts": 'import "../lib/text.ts"; import "drizzle-orm"; export type Row = { id: string };',
      "src/record/map.ts": 'import type { Row } from "../db/schema.ts"; export type Mapped = Row;',
      "src/sync/run.ts": 'import "node:fs"; import "../record/map.ts";',
    });
    expect(await findForbiddenImports(folder)).toEqual([]);
  });

  it.each([
    ["a room above", { "src/record/map.ts": 'import "../api/client.ts";', "src/api/client.ts": "" }],
    ["a room above, lazily", { "src/lib/a.ts": 'await import("../cli/b.ts");', "src/cli/b.ts": "" }],
    [
      "a room above, of which it takes types alone",
      { "src/lib/a.ts": 'import type {} from "../cli/b.ts";', "src/cli/b.ts": "" },
    ],
    [
      "more than types",
      { "src/record/map.ts": 'import { a } from "../db/a.ts"; a;', "src/db/a.ts": "export const a = 1;" },
    ],
    [
      "a file that is not the one allowed",
      { "src/cli/a.ts": 'import "../archive/records.ts";', "src/archive/records.ts": "" },
    ],
    ["a package of another room", { "src/sync/run.ts": 'import Database from "better-sqlite3"; new Database();' }],
    ["a package of no room", { "src/sync/run.ts": 'import "esbuild";' }],
    ["a package that is not there", { "src/sync/run.ts": 'import "left-pad";' }],
    ["the disk from a pure room", { "src/record/slice.ts": 'import { readFileSync } from "node:fs"; readFileSync;' }],
    ["the disk from the plan", { "src/sync/plan.ts": 'import "node:fs/promises";' }],
    ["a test", { "src/cli/a.ts": 'import "../../test/helper.ts";', "test/helper.ts": "" }],
    ["itself by way of another", { "src/lib/a.ts": 'import "./b.ts";', "src/lib/b.ts": 'import "./a.ts";' }],
    ["anything from a room that no table names", { "src/utils/a.ts": 'import "node:os";' }],
  ])("catch a file that imports %s", async (_, files) => {
    expect(await findForbiddenImports(await project(files))).toHaveLength(1);
  });
});

/** The rows of the README's table whose header begins with `first`. */
async function readTable(first: string): Promise<Record<string, string[]>> {
  const lines = (await readFile(join(root, "src/README.md"), "utf8")).split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${first} |`)) + 2;
  const end = lines.indexOf("", start);
  const rows = lines.slice(start, end).map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")));
  return Object.fromEntries(rows.map(([, name = "", list = ""]) => [name, list === "nothing" ? [] : list.split(", ")]));
}

async function project(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "producer-mirror-boundaries-"));
  folders.push(folder);
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

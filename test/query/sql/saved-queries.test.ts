import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toParameterValue } from "../../../src/query/sql/parameters.ts";
import { runCommand } from "../../cli/run-command.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { makeLibrary, type Library } from "../library.ts";

let library: Library;
const sql = (...args: string[]) => runCommand(library.home, ["sql", ...args]);
const keep = (name: string, text: string) => writeFileSync(join(library.home, "queries", name), text);

beforeAll(() => {
  library = makeLibrary();
  library.clip("a", { title: "Neon" });
  mkdirSync(join(library.home, "queries"));
  keep(
    "titled.sql",
    "-- songs of a title\nselect id, ':no' as word, typeof(:n) as type from clips where title = :title -- :nor\n",
  );
  keep("writes.sql", "delete from clips");
  keep("Big Name.sql", "select 1");
  keep("huge.sql", `select 1 -- ${"x".repeat(1_000_000)}`);
  writeFileSync(join(library.home, "secret.sql"), "select 's3cret'");
  symlinkSync("../../secret.sql", join(library.home, "queries/link.sql"));
  symlinkSync("loop.sql", join(library.home, "queries/loop.sql"));
  mkdirSync(join(library.home, "queries/folder.sql"));
  execFileSync("mkfifo", [join(library.home, "queries/fifo.sql")]);
  writeFileSync(join(library.home, "queries/latin.sql"), Buffer.from("select '\u00fc'", "latin1"));
  writeFileSync(join(library.home, "queries/utf16.sql"), Buffer.from("\ufeffselect 1", "utf16le"));
  keep(".hidden.sql", "select 1");
  keep("notes.txt", "not a query");
  keep("marked.sql", "\ufeff-- begins with a byte order mark\nselect 5 as x");
});
afterAll(() => library[Symbol.dispose]());

describe("sql @name", () => {
  it("runs with its parameters, and is listed", async () => {
    const { stdout } = await sql("@titled", "--param", "title=Neon", "--param", "n=3", "--json");
    expect(JSON.parse(stdout)).toEqual([{ id: "a", word: ":no", type: "integer" }]);
    expect(JSON.parse((await sql("@marked", "--json")).stdout)).toEqual([{ x: 5 }]);
  });

  it("lists what is kept, and says of each other file why it is none", async () => {
    const { stdout, stderr, exitCode } = await sql("--list", "--json");
    expect({ exitCode, kept: JSON.parse(stdout) as unknown }).toEqual({
      exitCode: 0,
      kept: [
        { name: "marked", about: "begins with a byte order mark" },
        { name: "titled", about: "songs of a title" },
        { name: "writes", about: "" },
      ],
    });
    const message = stderr.trimEnd().split("\n");
    expect(message.map((line) => line.replace(`${library.home}/queries/`, ""))).toEqual([
      "Big Name.sql is not a query: its name is not of a-z, 0-9, _ and -",
      "fifo.sql is not a query: it is not a regular file",
      "folder.sql is not a query: it is a folder",
      "huge.sql is not a query: it has 1000012 bytes, more than a million",
      "latin.sql is not a query: its text is not UTF-8",
      "link.sql is not a query: a symlink is not followed",
      "loop.sql is not a query: a symlink is not followed",
      "utf16.sql is not a query: its text is not UTF-8",
    ]);
  });

  it.each([
    [["@titled", "--param", "title=Neon"], 2, "needs a value for n"],
    [["@titled", "--param", "title=a", "--param", "n=1", "--param", "odd=1"], 2, "no parameter odd"],
    [["@titled", "--param", "title"], 2, "takes name=value"],
    [["@nope"], 2, "there are latin, marked, titled, utf16, writes"],
    [["@../secret"], 2, "no query"],
    [["@link"], 2, "link.sql is not a query: a symlink is not followed"],
    [["@loop"], 2, "loop.sql is not a query: a symlink is not followed"],
    [["@huge"], 2, "huge.sql is not a query: it has 1000012 bytes, more than a million"],
    [["@folder"], 2, "folder.sql is not a query: it is a folder"],
    [["@fifo"], 2, "fifo.sql is not a query: it is not a regular file"],
    [["@latin"], 2, "latin.sql is not a query: its text is not UTF-8"],
    [["@Big Name"], 2, "its name is not of"],
    [["@writes"], 10, "refused"],
    [[], 2, "name a query"],
    [["@titled", "--list"], 2, "name a query"],
  ])("%j ends with %i: %s", async (args, code, words) => {
    const { exitCode, stderr, stdout } = await sql(...args);
    expect([exitCode, stdout]).toEqual([code, ""]);
    expect(stderr).toContain(words);
  });

  it("takes as a number what SQLite holds exactly", () => {
    expect(["5", "-1.5", "007", "99999999999999999999", "1e3", ""].map(toParameterValue)).toEqual([
      5n,
      -1.5,
      "007",
      "99999999999999999999",
      "1e3",
      "",
    ]);
  });
});

it("comes back from a backup, beside what is kept there since", { timeout: 60_000 }, async () => {
  await using world: World = await makeWorld({ tasks: 1 });
  expectCode(await world.mirror("sync"), 0);
  const path = join(world.home, "queries");
  mkdirSync(path);
  writeFileSync(join(path, "mine.sql"), "select 7 as x");
  const folder = join(world.folder, "backups");
  expectCode(await world.mirror("backup", folder), 0);
  writeFileSync(join(path, "mine.sql"), "broken since");
  writeFileSync(join(path, "later.sql"), "select 8 as x");
  expectCode(await world.mirror("restore", folder), 0);
  expect(expectCode(await world.mirror("sql", "@mine", "--json"), 0).stdout).toContain('"x":7');
  expect(readFileSync(join(path, "later.sql"), "utf8")).toBe("select 8 as x");
  rmSync(world.home, { recursive: true });
  expectCode(await world.mirror("restore", folder), 0);
  expect(expectCode(await world.mirror("sql", "@mine", "--json"), 0).stdout).toContain('"x":7');
});

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { editArchive, rowsOf, type Row } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { digestTree } from "../helpers/folder-tree.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Tags and queries that a person added, which no service could give back. */
let world: World;
let before: { tags: Row[]; queries: Record<string, string> };

beforeAll(async () => {
  world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
  const [one = "", two = ""] = world.ids;
  expectCode(await world.mirror("tag", one, two, "+Calm", "+late night"), 0);
  expectCode(await world.mirror("tag", two, "-calm"), 0);
  mkdirSync(join(world.home, "queries"));
  writeFileSync(
    join(world.home, "queries/calm.sql"),
    "-- what is calm\nselect clip_id from clip_tags where tag = :tag\n",
  );
  before = own();
});

afterAll(() => world[Symbol.asyncDispose]());

const own = () => ({
  tags: rowsOf(world.home, "select * from clip_tags order by clip_id, tag"),
  queries: digestTree(join(world.home, "queries")),
});

/** Removes the lines of the journal for which `keep` is false. */
function filterJournal(keep: (line: string) => boolean): void {
  const folder = join(world.home, "journal");
  for (const name of readdirSync(folder)) {
    const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
    writeFileSync(
      join(folder, name),
      lines
        .filter(keep)
        .map((line) => `${line}\n`)
        .join(""),
    );
  }
}

describe("tags, in the database and in the journal", () => {
  it("are those that were added and not removed", () => {
    expect(before.tags.map(({ tag }) => String(tag)).join()).toMatch(
      /^(Calm|late night),(Calm|late night),late night$/,
    );
  });

  it("that the journal lacks are damage, and a rebuild writes them into it again", async () => {
    filterJournal((line) => !line.includes('"type":"tag"'));
    const { stdout } = expectCode(await world.mirror("verify", "--full"), 4);
    expect(stdout).toContain('its tag "Calm" is in the database, but not in its journal');
    expect(expectCode(await world.mirror("verify", "--repair"), 4).stderr).toContain("producer-mirror rebuild");
    expect(expectCode(await world.mirror("rebuild"), 0).stdout).toContain(
      "3 lines that the journal had lost were written",
    );
    expect(own()).toEqual(before);
    expectCode(await world.mirror("verify", "--full"), 0);
    rmSync(join(world.home, "archive.db"));
    expectCode(await world.mirror("rebuild"), 0);
    expect(own()).toEqual(before);
  });

  it("that the database lacks come from the journal, without those that were removed", async () => {
    editArchive(world.home, "delete from clip_tags where tag = 'late night'");
    expect(expectCode(await world.mirror("verify", "--full"), 4).stdout).toContain(
      'its tag "late night" is in the journal, but not in the database',
    );
    expectCode(await world.mirror("rebuild"), 0);
    expect(own()).toEqual(before);
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("that were removed stay so, though the line that says so is damaged, while the old database is there", async () => {
    const [id] = before.tags.map((row) => row["clip_id"]);
    expectCode(await world.mirror("tag", String(id), "+loud"), 0);
    expectCode(await world.mirror("tag", String(id), "-loud"), 0);
    filterJournal((line) => !line.includes('"removed":["loud"]'));
    const file = join(world.home, "journal", readdirSync(join(world.home, "journal"))[0] ?? "");
    writeFileSync(file, `${readFileSync(file, "utf8")}{"type":"tag","at":!\n`);
    expectCode(await world.mirror("rebuild"), 4);
    expect(own()).toEqual(before);
    expectCode(await world.mirror("verify", "--full"), 0);
  });
});

it("tags and queries are restored from a folder after the home is lost", async () => {
  expectCode(await world.mirror("backup", "backups"), 0);
  rmSync(world.home, { recursive: true });
  expectCode(await world.mirror("restore", "backups"), 0);
  expect(own()).toEqual(before);
  expectCode(await world.mirror("verify", "--full"), 0);
  expect(expectCode(await world.mirror("sql", "@calm", "--param", "tag=Calm", "--json"), 0).json).toHaveLength(1);
  expectCode(await world.mirror("rebuild"), 0);
  expect(own()).toEqual(before);
});

it("the texts of records that could not be read are in a backup, and come back", async () => {
  await using small = await makeWorld({ tasks: 2 });
  const [id = ""] = small.ids;
  small.standIn.records.set(id, { id, response: ["not an object"] });
  expectCode(await small.mirror("sync"), 3);
  const path = join("unreadable", `${id}.json`);
  const text = readFileSync(join(small.home, path), "utf8");
  expectCode(await small.mirror("backup", "copies"), 0);
  rmSync(small.home, { recursive: true });
  expectCode(await small.mirror("restore", "copies"), 0);
  expect(readFileSync(join(small.home, path), "utf8")).toBe(text);
});

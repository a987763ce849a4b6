import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openArchive } from "../../src/db/archive-file.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { smallDisk } from "../helpers/small-disk.ts";
import { makeWorld, type World } from "../helpers/world.ts";
import { mayMount } from "../helpers/needs.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let world: World;
const ROWS = 60_000;

beforeAll(async () => {
  world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
  const archive = openArchive(world.home);
  archive.$client.exec(`
    with recursive n(x) as (select 1 union all select x + 1 from n limit ${ROWS})
    insert into tracked_tasks (task_id, source, added_at, untracked_at, last_error)
    select 'many-' || x, 'test', x, x, hex(randomblob(100)) from n`);
  archive.$client.close();
});
afterAll(() => world[Symbol.asyncDispose]());

/** Everything in a folder but the list, by name. */
function contents(folder: string): Map<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "latin1")]));
}

test("writes a file a table and says so, in words and as JSON", async () => {
  const folder = join(world.folder, "tables");
  const dry = expectCode(await world.mirror("export", "tables", folder, "--json", "-n", "--only", "clips,songs"), 0);
  const clips = { name: "clips", path: join(folder, "clips.csv"), rows: 3 };
  const songs = { name: "songs", path: join(folder, "songs.csv"), rows: 3 };
  expect(dry.json).toEqual({ dryRun: true, folder, format: "csv", tables: [clips, songs] });
  expect(existsSync(folder)).toBe(false);
  const made = expectCode(await world.mirror("export", "tables", folder, "--json", "--only", "songs,clips"), 0);
  const bytes = (path: string) => statSync(path).size;
  expect(made.json).toEqual({
    folder,
    format: "csv",
    tables: [clips, songs].map((table) => ({ ...table, bytes: bytes(table.path) })),
  });
  expect(made.stderr).toContain("work like keys");
  const words = expectCode(await world.mirror("export", "tables", folder, "--format", "parquet"), 0);
  expect(words.stdout).toMatch(new RegExp(`^${world.home}\n`));
  expect(words.stdout).toContain(`tracked_tasks.parquet: ${(ROWS + 3).toLocaleString("en")} rows`);
  const quiet = expectCode(await world.mirror("export", "tables", folder, "-q"), 0);
  expect(quiet.stderr).toBe("");
});

test.each([
  [2, "--format", "xlsx"],
  [2, "--only", "nope"],
  [2, "--sql", "select 1", "--only", "clips"],
  [2, "--sql", "select 1", "--raw"],
  [2, "--sql", "select 1", "--name", "../x"],
  [2, "--sql", "select 1", "--name", "clips"],
  [2, "--sql", "@none-such"],
  [2, "--sql", "select :id"],
  [2, "--name", "x"],
  [2, "--param", "x=1"],
  [2, "--raw-csv", "--format", "parquet"],
  [10, "--sql", "delete from clips"],
  [10, "--sql", "select nope from clips"],
  [
    10,
    "--sql",
    "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n",
    "--timeout",
    "300ms",
  ],
] as [number, ...string[]][])("ends with %i and makes nothing: %s %s", async (code, ...args) => {
  const folder = join(world.folder, "refused");
  const end = expectCode(await world.mirror("export", "tables", folder, "--json", ...args), code);
  expect(end.json).toMatchObject({ error: { exit: code } });
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
});

test("--sql takes a kept query by its @name, which names the file, and the values of its parameters", async () => {
  mkdirSync(join(world.home, "queries"), { recursive: true });
  writeFileSync(
    join(world.home, "queries/by-model.sql"),
    "-- clips\nselect :word as word, count(*) as clips from clips",
  );
  const folder = join(world.folder, "kept");
  const args = ["export", "tables", folder, "--sql", "@by-model", "--param", "word=a"];
  expectCode(await world.mirror(...args), 0);
  expectCode(await world.mirror(...args, "--name", "other", "--format", "ndjson"), 0);
  expect(readFileSync(join(folder, "by-model.csv"), "utf8")).toBe("word,clips\na,3\n");
  expect(readFileSync(join(folder, "other.ndjson"), "utf8")).toBe('{"word":"a","clips":3}\n');
});

test("A5: Ctrl-C and kill leave the old files whole, and the next export goes through", async () => {
  const folder = join(world.folder, "killed");
  const args = ["export", "tables", folder, "--format", "ndjson"];
  expectCode(await world.mirror(...args), 0);
  const before = contents(folder);
  const { ms } = expectCode(await world.mirror(...args), 0);
  expect(contents(folder)).toEqual(before);
  for (let at = 0; at < 4; at++) {
    const running = world.start(args);
    setTimeout(() => running.kill("SIGKILL"), (ms * at) / 4);
    await running.done;
    const changed = [...before].filter(([name, text]) => readFileSync(join(folder, name), "latin1") !== text);
    expect(changed.map(([name]) => name)).toEqual([]);
  }
  const running = world.start(args);
  // Its own: one that was killed may have left such a file.
  const part = `.tracked_tasks.ndjson.${running.pid}.`;
  while (!readdirSync(folder).some((name) => name.startsWith(part))) await new Promise(setImmediate);
  running.kill("SIGINT");
  const end = expectCode(await running.done, 130);
  expect(end.stderr).toContain("interrupted");
  expectCode(await world.mirror(...args), 0);
  expect(contents(folder)).toEqual(before);
});

test("two at once both go through", async () => {
  const folder = join(world.folder, "twice");
  const args = ["export", "tables", folder];
  const ends = await Promise.all([world.start(args).done, world.start(args).done]);
  for (const end of ends) expectCode(end, 0);
  expectCode(await world.mirror(...args), 0);
  expect(readdirSync(folder).filter((name) => name.endsWith("part"))).toEqual([]);
});

describe.runIf(mayMount())("a disk that is full", () => {
  test.each(["csv", "parquet"])("ends with 7 and leaves nothing half: %s", async (format) => {
    const disk = join(world.folder, `small-${format}`);
    mkdirSync(disk);
    using _disk = smallDisk(disk, 2000);
    const folder = join(disk, "tables");
    const end = expectCode(await world.mirror("export", "tables", folder, "--format", format, "--json"), 7);
    expect(end.json).toMatchObject({ error: { code: "disk_full" } });
    expect(readdirSync(folder)).toEqual([]);
  });
});

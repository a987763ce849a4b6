import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readParquet, writeParquet } from "parquet-wasm/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportTables, type TablesOptions } from "../../../src/export/tables/export-tables.ts";
import { publicTables } from "../../../src/export/tables/public-tables.ts";
import { openDuck, type Duck } from "../../helpers/duck.ts";
import { temporaryArchive, temporaryFolder, type TemporaryArchive } from "../../helpers/temporary-archive.ts";
import { insertOddRows } from "./odd-rows.ts";

let archive: TemporaryArchive;
let folder: ReturnType<typeof temporaryFolder>;
let duck: Duck;
const ALL = publicTables();

beforeAll(async () => {
  archive = temporaryArchive();
  insertOddRows(archive.db);
  folder = temporaryFolder();
  duck = await openDuck();
});
afterAll(() => {
  duck[Symbol.dispose]();
  folder[Symbol.dispose]();
  archive[Symbol.dispose]();
});

function run(target: string, options: Partial<TablesOptions> & Pick<TablesOptions, "format">, signal?: AbortSignal) {
  const { home, db } = archive;
  const deps = {
    home,
    assets: join(home, "assets"),
    db,
    signal: signal ?? new AbortController().signal,
    onProgress: () => {},
  };
  return exportTables(deps, target, { what: ALL, raw: false, rawCsv: false, force: false, ...options });
}

function query(sql: string, name = "query") {
  const path = archive.db.$client.name;
  return { name, path, sql, timeMs: 5000, memoryBytes: 512 * 1024 * 1024 };
}

/** As SQLite has them, by better-sqlite3 alone. */
function storedRows(sql: string): unknown[][] {
  return archive.db.$client.prepare(sql).raw(true).safeIntegers(true).all() as unknown[][];
}

/** The columns of a table as DuckDB reads text formats. */
function declaredTypes(table: string): string {
  const columns = archive.db.$client.prepare(`select * from "${table}"`).columns();
  const types = { integer: "BIGINT", real: "DOUBLE", text: "VARCHAR" } as Record<string, string>;
  return `{${columns.map(({ name, type }) => `'${name}': '${types[(type ?? "text").toLowerCase()]}'`).join(", ")}}`;
}

const SAVED: Record<string, (table: string, path: string) => string> = {
  csv: (table, path) =>
    `read_csv('${path}', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', allow_quoted_nulls = false, columns = ${declaredTypes(table)})`,
  ndjson: (table, path) => `read_json('${path}', format = 'newline_delimited', columns = ${declaredTypes(table)})`,
  parquet: (_table, path) => `read_parquet('${path}')`,
};

describe.each(["csv", "ndjson", "parquet"] as const)("%s", (format) => {
  test("K129: DuckDB reads every cell of every table as better-sqlite3 does", async () => {
    const target = join(folder.path, `all-${format}`);
    const { tables } = await run(target, { format, raw: true, rawCsv: true });
    expect(tables.map(({ name }) => name)).toEqual(ALL.map(({ name }) => name));
    for (const { name, path, rows, bytes } of tables) {
      const order = ALL.find((table) => table.name === name)?.orderBy;
      const stored = storedRows(`select * from "${name}"${order ? ` order by ${order}` : ""}`);
      const read = await duck.rows(`select * from ${SAVED[format]?.(name, path)}`);
      expect({ name, read }).toEqual({ name, read: stored });
      expect([rows, bytes]).toEqual([stored.length, statSync(path).size]);
    }
  });

  test("a query is read as it was found", async () => {
    const sql =
      "select 1 as n, 9223372036854775807 as big, 1.0 as r, x'00ff' as b, 'a' as a, null as empty union all select 2, -1, 0.5, x'', '=1', null";
    const target = join(folder.path, `query-${format}`);
    const { tables } = await run(target, { format, what: query(sql, "mine"), rawCsv: true });
    expect(tables).toMatchObject([{ name: "mine", path: join(target, `mine.${format}`), rows: 2 }]);
    expect(readdirSync(target).toSorted()).toEqual([
      ".producer-mirror-tables.json",
      ".producer-mirror-tables.lock",
      `mine.${format}`,
    ]);
    const read = await duck.rows(`select n, big, r, a, empty from '${tables[0]?.path}'`);
    expect(read).toEqual([
      [1n, 9223372036854775807n, 1, "a", null],
      [2n, -1n, 0.5, "=1", null],
    ]);
  });

  test("whole REALs are no INTEGERs, also for a reader without a schema", async () => {
    const target = join(folder.path, `whole-${format}`);
    const { tables } = await run(target, {
      format,
      what: query("select 1.0 as r, 1 as n, -0.0 as z union all select 2.0, 2, 0.0"),
    });
    expect(await duck.types(`select * from '${tables[0]?.path}'`)).toEqual(["DOUBLE", "BIGINT", "DOUBLE"]);
    expect(await duck.rows(`select * from '${tables[0]?.path}'`)).toEqual([
      [1, 1n, -0],
      [2, 2n, 0],
    ]);
  });

  test("the same archive gives the same bytes", async () => {
    const [one, two] = [join(folder.path, `one-${format}`), join(folder.path, `two-${format}`)];
    await run(one, { format });
    await run(two, { format });
    for (const name of readdirSync(one)) expect(readFileSync(join(two, name))).toEqual(readFileSync(join(one, name)));
  });

  test("G94: what a record holds of its owner is kept back unless it is asked for", async () => {
    const secret = /secret-94|user-94|trace-94|api-94|application-94|credential-94/;
    const [quiet, raw] = [join(folder.path, `quiet-${format}`), join(folder.path, `raw-${format}`)];
    const { tables } = await run(quiet, { format });
    await run(raw, { format, raw: true });
    for (const { path } of tables) expect(readFileSync(path, "latin1")).not.toMatch(secret);
    expect(readFileSync(join(raw, `tasks.${format}`), "latin1")).toMatch(secret);
    const read = (name: string) => SAVED[format]?.(name, join(quiet, `${name}.${format}`));
    expect(await duck.rows(`select url from ${read("assets")}`)).toEqual([["https://cdn.example/a.m4a"]]);
    expect(await duck.rows(`select task_id, sha256, document from ${read("task_documents")}`)).toEqual([
      ["t1", "ab", null],
    ]);
  });

  test("files and folders are for their owner alone", async () => {
    const target = join(folder.path, `mode-${format}`, "made");
    const before = process.umask(0);
    try {
      await run(target, { format });
    } finally {
      process.umask(before);
    }
    expect(statSync(target).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(target)) expect(statSync(join(target, name)).mode & 0o777).toBe(0o600);
  });
});

test("Parquet has the types of the columns, also where a column is empty", async () => {
  const target = join(folder.path, "types");
  await run(target, { format: "parquet" });
  const file = (name: string) => `'${join(target, `${name}.parquet`)}'`;
  expect(
    await duck.types(`select rowid_key, title, duration_seconds, created_at, removed_at from ${file("clips")}`),
  ).toEqual(["BIGINT", "VARCHAR", "DOUBLE", "BIGINT", "BIGINT"]);
  expect(await duck.types(`select id, location from ${file("backups")}`)).toEqual(["BIGINT", "VARCHAR"]);
  archive.db.$client.exec("create table strays (a integer, b real, c integer, d text)");
  archive.db.$client.exec("insert into strays values (1, 1, 9007199254740993, x'00'), (0.5, 'x', 0.5, null)");
  try {
    await run(target, { format: "parquet", what: [{ name: "strays", orderBy: null }] });
  } finally {
    archive.db.$client.exec("drop table strays");
  }
  expect(await duck.types(`select * from ${file("strays")}`)).toEqual(["DOUBLE", "VARCHAR", "VARCHAR", "BLOB"]);
  const mixed = "select 1 as a, 1 as b, 9007199254740993 as c, x'00' as d union all select 0.5, 'x', 0.5, 'x'";
  await run(target, { format: "parquet", what: query(mixed, "mixed") });
  expect(await duck.types(`select * from ${file("mixed")}`)).toEqual(["DOUBLE", "VARCHAR", "VARCHAR", "VARCHAR"]);
  expect(await duck.rows(`select * from ${file("mixed")}`)).toEqual([
    [1, "1", "9007199254740993", "00"],
    [0.5, "x", "0.5", "x"],
  ]);
});

test("K129: no cell of a CSV begins a formula, and the numbers are untouched", async () => {
  const target = join(folder.path, "formulas");
  await run(target, { format: "csv", what: ALL.filter(({ name }) => name === "clips") });
  const saved = SAVED["csv"]?.("clips", join(target, "clips.csv"));
  const read = await duck.rows(`select title, created_at, duration_seconds from ${saved}`);
  const stored = storedRows("select title, created_at, duration_seconds from clips order by rowid_key");
  const dangerous = /^(?:[\t\r\n\0]|[\s\0"]*[=+\-@＝＋－＠])/;
  expect(read).toEqual(
    stored.map(([title, ...numbers]) => [dangerous.test(String(title)) ? `'${String(title)}` : title, ...numbers]),
  );
  expect(read.filter(([title]) => String(title).startsWith("'")).length).toBeGreaterThan(13);
});

test("Parquet is read by the strict reader of Arrow too, of tables without rows as well", async () => {
  const target = join(folder.path, "strict");
  await run(target, { format: "parquet", what: query("select 1 as a, 'x' as b where false", "none") });
  const { tables } = await run(target, { format: "parquet", raw: true });
  const empty = tables.filter(({ rows }) => rows === 0).map(({ name }) => name);
  expect(empty.length).toBeGreaterThan(0);
  expect(empty.length).toBeLessThan(tables.length);
  for (const name of ["none", ...tables.map((table) => table.name)]) {
    const path = join(target, `${name}.parquet`);
    // What Arrow has read is written by it again, for a reader that the test can ask.
    writeFileSync(`${path}.again`, writeParquet(readParquet(readFileSync(path))));
    const [read, again] = [`select * from '${path}'`, `select * from read_parquet('${path}.again')`];
    expect({ name, rows: await duck.rows(again) }).toEqual({ name, rows: await duck.rows(read) });
    expect({ name, types: await duck.types(again) }).toEqual({ name, types: await duck.types(read) });
  }
});

test("all files are of one moment, whatever is written meanwhile", async () => {
  const target = join(folder.path, "moment");
  const { home, db } = archive;
  const before = db.$client.prepare("select count(*) from tracked_tasks").pluck().get();
  const { openArchive } = await import("../../../src/db/archive-file.ts");
  const reader = openArchive(home, { readOnly: true });
  let wrote = false;
  const onProgress = () => {
    if (!wrote) db.$client.exec("insert into tracked_tasks (task_id, source, added_at) values ('late', 'test', 1)");
    wrote = true;
  };
  try {
    const deps = { home, assets: join(home, "assets"), db: reader, signal: new AbortController().signal, onProgress };
    const done = await exportTables(deps, target, {
      format: "csv",
      what: ALL,
      raw: false,
      rawCsv: false,
      force: false,
    });
    expect(wrote).toBe(true);
    expect(done.tables.find(({ name }) => name === "tracked_tasks")?.rows).toBe(before);
  } finally {
    reader.$client.close();
    db.$client.exec("delete from tracked_tasks where task_id = 'late'");
  }
});

describe("what is in the way", () => {
  const foreign = { code: "file_in_the_way", exit: 2 };

  test("a file of its own is replaced, one that somebody changed or made is not, unless forced", async () => {
    const target = join(folder.path, "way");
    await run(target, { format: "csv" });
    await run(target, { format: "csv" });
    const path = join(target, "clips.csv");
    writeFileSync(path, "mine");
    await expect(run(target, { format: "csv" })).rejects.toMatchObject({
      ...foreign,
      message: `${path} was changed since it was exported`,
    });
    expect(readFileSync(path, "utf8")).toBe("mine");
    await run(target, { format: "csv", force: true });
    expect(readFileSync(path, "utf8")).toMatch(/^rowid_key,/);
    writeFileSync(join(target, "query.csv"), "mine");
    await expect(run(target, { format: "csv", what: query("select 1") })).rejects.toMatchObject(foreign);
    expect(readdirSync(target).filter((name) => name.endsWith("-part"))).toEqual([]);
  });

  test("a folder and a symlink of that name are none of ours", async () => {
    const target = join(folder.path, "links");
    mkdirSync(join(target, "clips.csv"), { recursive: true });
    symlinkSync("/etc/hostname", join(target, "tasks.csv"));
    const only = (name: string) => ({ format: "csv" as const, what: ALL.filter((table) => table.name === name) });
    await expect(run(target, { ...only("clips"), force: true })).rejects.toMatchObject(foreign);
    await expect(run(target, only("tasks"))).rejects.toMatchObject(foreign);
  });

  test("a file where the folder shall be", async () => {
    const path = join(folder.path, "file");
    writeFileSync(path, "mine");
    await expect(run(path, { format: "csv" })).rejects.toMatchObject({ code: "not_a_folder", exit: 2 });
  });

  test("the archive's own folders and another archive's tables", async () => {
    await expect(run(join(archive.home, "out"), { format: "csv" })).rejects.toMatchObject({
      code: "export_into_archive",
    });
    const target = join(folder.path, "other");
    await run(target, { format: "csv" });
    const list = join(target, ".producer-mirror-tables.json");
    writeFileSync(list, readFileSync(list, "utf8").replace(/"archiveId": "[^"]*"/, '"archiveId": "another"'));
    await expect(run(target, { format: "csv" })).rejects.toMatchObject({ code: "other_archives_tables" });
  });
});

test("an export that is stopped, or whose query fails, leaves what was there", async () => {
  const target = join(folder.path, "stopped");
  await run(target, { format: "csv" });
  const before = readdirSync(target).map((name) => [name, readFileSync(join(target, name), "utf8")]);
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error("SIGINT")), 300);
  const long = "with recursive n(x) as (select 1 union all select x + 1 from n) select * from n";
  await expect(run(target, { format: "csv", what: query(long) }, stop.signal)).rejects.toThrow("SIGINT");
  for (const format of ["ndjson", "parquet"] as const) {
    const failing = {
      ...query("with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n"),
      timeMs: 300,
    };
    await expect(run(target, { format, what: failing })).rejects.toMatchObject({ exit: 10, code: "query_time_limit" });
  }
  await expect(run(target, { format: "csv", what: query("delete from clips") })).rejects.toMatchObject({ exit: 10 });
  expect(readdirSync(target).map((name) => [name, readFileSync(join(target, name), "utf8")])).toEqual(before);
});

test("the tables are all there is in the database but for its own bookkeeping", () => {
  const there = archive.db.$client
    .prepare("select name from sqlite_schema where type in ('table', 'view') order by name")
    .pluck()
    .all() as string[];
  const own = /^(sqlite_|__drizzle|clips_fts)/;
  expect(ALL.map(({ name }) => name)).toEqual(there.filter((name) => !own.test(name)));
});

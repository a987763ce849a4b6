import { execFileSync } from "node:child_process";
import { appendFileSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { connect, type Database } from "../../src/db/connection.ts";
import { migrateDatabase } from "../../src/db/migrate.ts";
import { OLDEST_SAFE_SQLITE, SCHEMA_VERSION } from "../../src/db/version.ts";
import { SchemaError } from "../../src/lib/errors.ts";
import { packageRoot } from "../../src/lib/package-root.ts";
import { rows, saveAll, value } from "../archive/saving.ts";
import { fixture, fixtureText } from "../helpers/fixture.ts";
import { dump, temporaryArchive, temporaryFolder } from "../helpers/temporary-archive.ts";
import { firstMigrations } from "./make-fixture.ts";

const REAL = fixtureText("retrieve.json").trim();
const source = (path: string) => readFileSync(join(packageRoot(), path), "utf8");

/** The migrations folder with one more at its end. */
function oneMore(sql: string): ReturnType<typeof temporaryFolder> {
  const folder = firstMigrations(SCHEMA_VERSION);
  const path = join(folder.path, "meta", "_journal.json");
  const journal = JSON.parse(readFileSync(path, "utf8")) as { entries: { idx: number; when: number; tag: string }[] };
  const last = journal.entries.at(-1);
  const entry = { ...last, idx: SCHEMA_VERSION, when: (last?.when ?? 0) + 1, tag: "9999_next" };
  writeFileSync(path, JSON.stringify({ ...journal, entries: [...journal.entries, entry] }));
  writeFileSync(join(folder.path, "9999_next.sql"), sql);
  return folder;
}

/** What drizzle-kit writes for a change that SQLite cannot make in place. */
function rebuild(database: Database, table: string, more = ""): string {
  const create =
    database.$client.prepare<[], string>(`select sql from sqlite_schema where name = '${table}'`).pluck().get() ?? "";
  const indexes = database.$client
    .prepare<[], string>(
      `select sql from sqlite_schema where tbl_name = '${table}' and type = 'index' and sql is not null`,
    )
    .pluck()
    .all();
  return [
    "PRAGMA foreign_keys=OFF;",
    `${create.replace(table, `__new_${table}`).replace(/\)\s*$/, `${more})`)};`,
    `INSERT INTO \`__new_${table}\` SELECT * FROM \`${table}\`;`,
    `DROP TABLE \`${table}\`;`,
    `ALTER TABLE \`__new_${table}\` RENAME TO \`${table}\`;`,
    "PRAGMA foreign_keys=ON;",
    ...indexes.map((sql) => `${sql};`),
  ].join("--> statement-breakpoint\n");
}

function objects({ $client: client }: Database): unknown[] {
  return client
    .prepare("select type, name, sql from sqlite_schema where type in ('trigger', 'view') order by name")
    .all();
}

describe("the schema", () => {
  it("has as many migrations as its version says", () => {
    const files = readdirSync(join(packageRoot(), "migrations")).filter((name) => name.endsWith(".sql"));
    expect(files).toHaveLength(SCHEMA_VERSION);
  });

  it("C40: deletes nothing along with something else", () => {
    const sql = readdirSync(join(packageRoot(), "migrations"))
      .filter((name) => name.endsWith(".sql"))
      .map((name) => source(join("migrations", name)));
    for (const text of [...sql, source("src/db/schema.ts"), source("src/db/objects.sql")]) {
      expect(text).not.toMatch(/on\s*delete\s*(cascade|set)|onDelete/i);
      // The full-text index holds nothing of its own: it is made again from the clips.
      expect(text).not.toMatch(/drop\s+table(?!\s+`clips_fts`)/i);
    }
  });

  it("C42: runs on a SQLite without the WAL-reset bug", () => {
    using archive = temporaryArchive();
    const version = String(value(archive, "select sqlite_version()"));
    expect(version.localeCompare(OLDEST_SAFE_SQLITE, "en", { numeric: true })).toBeGreaterThanOrEqual(0);
  });

  it("is read by Debian's sqlite3 of 2022, views and full text included", () => {
    using archive = temporaryArchive();
    saveAll(archive, [REAL]);
    archive.db.$client.pragma("wal_checkpoint(truncate)");
    const copy = join(archive.home, "copy.db");
    copyFileSync(join(archive.home, "archive.db"), copy);
    const ask = (sql: string) => execFileSync("sqlite3", [copy, sql], { encoding: "utf8" }).trim();
    expect(ask("pragma integrity_check")).toBe("ok");
    expect(ask("select title from songs")).toBe("Woke up with the sun in my eyes");
    expect(ask("select count(*) from clips_fts where clips_fts match 'woke'")).toBe("1");
    expect(ask(".schema")).toContain("CREATE VIEW songs");
  });

  it.each(["日", "日本", "日本語", "本語", "quoted", "accented e", "EMOJI"])("finds %s in a lyric", (words) => {
    using archive = temporaryArchive();
    saveAll(archive, [REAL]);
    const apart = words.replace(/(?<=[\u3000-\u9fff])(?=[\u3000-\u9fff])/g, " ");
    expect(
      archive.db.$client.prepare("select count(*) from clips_fts where clips_fts match ?").pluck().get(`"${apart}"`),
    ).toBe(1);
  });
});

describe("migrateDatabase", () => {
  it("C40: a rebuild of a table loses no row of another, nor its triggers, views and full text", () => {
    using archive = temporaryArchive();
    saveAll(archive, [REAL]);
    const { db } = archive;
    const before = [dump(db, ["__drizzle_migrations", "archive_info"]), objects(db)];
    for (const table of ["tasks", "clips"]) {
      using folder = oneMore(rebuild(db, table));
      const fresh = db.$client.prepare(
        "delete from __drizzle_migrations where hash not in (select hash from __drizzle_migrations order by created_at limit ?)",
      );
      migrateDatabase(db, folder.path);
      expect([dump(db, ["__drizzle_migrations", "archive_info"]), objects(db)]).toEqual(before);
      expect(db.$client.pragma("foreign_key_check")).toEqual([]);
      expect(db.$client.pragma("foreign_keys", { simple: true })).toBe(1);
      expect(value(archive, "select count(*) from clips_fts where clips_fts match 'woke'")).toBe(1);
      fresh.run(SCHEMA_VERSION);
    }
    const [saved] = saveAll(archive, [REAL.replace("Woke up with", "Renamed after")]);
    expect(saved?.change).toBe("updated");
    expect(value(archive, "select count(*) from clips_fts where clips_fts match 'renamed'")).toBe(1);
  });

  it.each([
    [
      "fails at its last statement",
      "alter table tasks add column fine text;--> statement-breakpoint\nalter table nowhere add column x;",
      /nowhere/,
    ],
    ["is no SQL", "alter table tasks add column fine text;--> statement-breakpoint\nnonsense;", /nonsense/],
    [
      "loses rows",
      "create table kept as select * from clips;--> statement-breakpoint\ndelete from assets;",
      /rows of assets would be lost/,
    ],
    ["leaves rows of nobody", "update clips set task_id = 'nobody';", /references would be broken/],
    ["breaks a view", "alter table clips rename column seed to grain;", /seed/],
  ])("C39: one that %s changes nothing", (_what, sql, message) => {
    using archive = temporaryArchive();
    saveAll(archive, [REAL]);
    using folder = oneMore(sql);
    const schema = "select type, name, sql from sqlite_schema order by name";
    const before = [dump(archive.db), rows(archive, schema)];
    expect(() => migrateDatabase(archive.db, folder.path)).toThrow(SchemaError);
    expect(() => migrateDatabase(archive.db, folder.path)).toThrow(message);
    expect([dump(archive.db), rows(archive, schema)]).toEqual(before);
    expect(archive.db.$client.pragma("foreign_keys", { simple: true })).toBe(1);
    expect(value(archive, "select count(*) from songs")).toBe(1);
  });

  it("C41: refuses a folder whose migrations are not those that were applied", () => {
    using archive = temporaryArchive();
    using edited = firstMigrations(SCHEMA_VERSION);
    const [first = ""] = readdirSync(edited.path)
      .filter((name) => name.endsWith(".sql"))
      .toSorted();
    appendFileSync(join(edited.path, first), "\n-- edited");
    expect(() => migrateDatabase(archive.db, edited.path)).toThrow(/migration 0 differs/);
    using fewer = firstMigrations(SCHEMA_VERSION - 1);
    expect(() => migrateDatabase(archive.db, fewer.path)).toThrow(`migration ${SCHEMA_VERSION - 1} differs`);
  });

  it("makes the same database as drizzle's own migrator", async () => {
    const { migrate } = await import("drizzle-orm/better-sqlite3/migrator");
    using folder = temporaryFolder();
    const theirs = connect(join(folder.path, "theirs.db"), { mustExist: false });
    migrate(theirs, { migrationsFolder: join(packageRoot(), "migrations") });
    using archive = temporaryArchive();
    const schema = ({ $client }: Database) =>
      $client
        .prepare(
          "select type, name, replace(replace(sql, '\n', ''), '\t', '') as sql from sqlite_schema where type in ('table', 'index') and name not like '\\_\\_%' escape '\\' order by name",
        )
        .all();
    expect(schema(theirs)).toEqual(schema(archive.db));
    const applied = ({ $client }: Database) =>
      $client.prepare("select hash, created_at from __drizzle_migrations").all();
    expect(applied(theirs)).toEqual(applied(archive.db));
    theirs.$client.close();
  });
});

describe("C35: writing transactions", () => {
  it("are immediate: no file of the program begins a deferred one", () => {
    const files = readdirSync(join(packageRoot(), "src"), { recursive: true, encoding: "utf8" }).filter(
      (name) => name.endsWith(".ts") && !name.startsWith("web"),
    );
    for (const name of files) {
      const text = source(join("src", name));
      const begun = text.match(/\.transaction\(/g)?.length ?? 0;
      expect([name, text.match(/\.immediate\(\)/g)?.length ?? 0]).toEqual([name, begun]);
      expect(text).not.toMatch(/exec\(\s*["'`]\s*begin(?!\s+(immediate|exclusive|deferred))/i);
      // The one that only reads.
      expect([name, /begin deferred/i.test(text)]).toEqual([name, name === join("archive", "transaction.ts")]);
    }
  });

  it("wait for another writer, and see what it wrote", () => {
    using archive = temporaryArchive();
    const other = new Sqlite(join(archive.home, "archive.db"));
    other.exec("begin immediate; insert into archive_info values ('other', 'x')");
    archive.db.$client.pragma("busy_timeout = 100");
    expect(() => saveAll(archive, [REAL])).toThrow(/locked/);
    expect(value(archive, "select count(*) from tasks")).toBe(0);
    other.exec("commit");
    other.close();
    saveAll(archive, [fixture("retrieve.json")]);
    expect(value(archive, "select count(*) from tasks")).toBe(1);
  });
});

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "drizzle-orm/better-sqlite3/migrator";
import { SchemaError } from "../lib/errors.ts";
import { packageRoot } from "../lib/package-root.ts";
import type { Database } from "./connection.ts";
import { SCHEMA_VERSION } from "./version.ts";

/**
 * Brings a database to the newest schema: triggers and views off, drizzle's migrator with foreign keys off (a switch
 * inside its transaction would do nothing), triggers and views on again, foreign keys checked, rows counted.
 * Throws SchemaError; the caller keeps a copy of what was there.
 */
export function migrateDatabase(database: Database, migrations = join(packageRoot(), "migrations")): void {
  const { $client: client } = database;
  client.pragma("foreign_keys = off");
  const before = countRows(database);
  try {
    dropObjects(database);
    migrate(database, { migrationsFolder: migrations });
    makeObjects(database);
    client.pragma(`user_version = ${SCHEMA_VERSION}`);
  } catch (cause) {
    throw new SchemaError(`the archive could not be migrated: ${(cause as Error).message}`, { cause });
  }
  client.pragma("foreign_keys = on");
  checkNothingLost(database, before);
}

/** Makes triggers and views of objects.sql anew when they are not those of this program. */
export function refreshObjects(database: Database): void {
  database.$client.transaction(() => {
    dropObjects(database);
    makeObjects(database);
  })();
}

/** True when the triggers and views in the database are those of this program. */
export function hasCurrentObjects(database: Database): boolean {
  const row = database.$client.prepare("select value from archive_info where key = 'objects_sha256'").pluck().get();
  return row === objectsSha256();
}

function dropObjects({ $client: client }: Database): void {
  const objects = client
    .prepare<[], { type: string; name: string }>("select type, name from sqlite_schema where type in ('trigger', 'view')")
    .all();
  for (const { type, name } of objects) client.exec(`drop ${type} "${name.replaceAll('"', '""')}"`);
}

function makeObjects({ $client: client }: Database): void {
  client.exec(objectsSql());
  client
    .prepare("insert into archive_info (key, value) values ('objects_sha256', ?) on conflict (key) do update set value = excluded.value")
    .run(objectsSha256());
}

function objectsSql(): string {
  return readFileSync(new URL("./objects.sql", import.meta.url), "utf8");
}

function objectsSha256(): string {
  return createHash("sha256").update(objectsSql()).digest("hex");
}

function countRows({ $client: client }: Database): Map<string, number> {
  const names = client
    .prepare<[], string>("select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like '%fts%'")
    .pluck()
    .all();
  return new Map(names.map((name) => [name, Number(client.prepare(`select count(*) from "${name}"`).pluck().get())]));
}

function checkNothingLost(database: Database, before: Map<string, number>): void {
  const broken = database.$client.pragma("foreign_key_check") as unknown[];
  const after = countRows(database);
  const lost = [...before].filter(([name, rows]) => (after.get(name) ?? 0) < rows).map(([name]) => name);
  if (broken.length === 0 && lost.length === 0) return;
  throw new SchemaError(`the migration lost rows (${lost.join(", ") || `${broken.length} broken references`})`);
}

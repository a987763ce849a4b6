import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SchemaError } from "../lib/errors.ts";
import { packageRoot } from "../lib/package-root.ts";
import type { Database } from "./connection.ts";
import { applyMigrations } from "./apply-migrations.ts";
import { indexMissingClips } from "./full-text.ts";
import { SCHEMA_VERSION } from "./version.ts";

/** Hears in one line of what takes a while. */
export type Note = (line: string) => void;

/**
 * Brings a database to the newest schema in one transaction: drops triggers and views, runs the missing migrations,
 * creates triggers and views again, checks foreign keys and counts rows. Foreign keys are switched off before the
 * transaction, since the pragma has no effect inside it. Throws SchemaError, and then nothing has changed.
 */
export function migrateDatabase(
  database: Database,
  migrations: string = join(packageRoot(), "migrations"),
  note?: Note,
): void {
  const { $client: client } = database;
  client.pragma("foreign_keys = off");
  try {
    client
      .transaction(() => {
        const before = countRows(database);
        dropObjects(database);
        applyMigrations(database, migrations);
        createObjects(database);
        indexMissingClips(client, note);
        checkNothingLost(database, before);
        client.pragma(`user_version = ${SCHEMA_VERSION}`);
      })
      .immediate();
  } catch (cause) {
    if (isStorageError(cause)) throw cause;
    throw new SchemaError(`the archive could not be migrated: ${(cause as Error).message}`, { cause });
  } finally {
    client.pragma("foreign_keys = on");
  }
}

/** Replaces all triggers and views by those of objects.sql. */
export function refreshObjects(database: Database): void {
  database.$client
    .transaction(() => {
      dropObjects(database);
      createObjects(database);
      indexMissingClips(database.$client);
    })
    .immediate();
}

/** Removes triggers that are not exactly those of this program: a database from elsewhere may contain any. */
export function dropUnknownTriggers(database: Database): void {
  const { $client: client } = database;
  const texts = client.prepare<[], string>("select sql from sqlite_schema where type = 'trigger'").pluck().all();
  const ours = objectsSql();
  if (texts.every((text) => ours.includes(`${text.replace(/^create trigger/i, "create trigger")};`))) return;
  if (client.pragma("user_version", { simple: true }) === SCHEMA_VERSION) refreshObjects(database);
  // Those of an older schema are created when it is migrated.
  else client.transaction(() => dropObjects(database)).immediate();
}

/** True when the triggers and views in the database are those of this program and none is missing. */
export function hasCurrentObjects(database: Database): boolean {
  const { $client: client } = database;
  const made = client.prepare("select value from archive_info where key = 'objects'").pluck().get();
  const there = new Set(client.prepare("select type || ' ' || name from sqlite_schema").pluck().all());
  const named = [...objectsSql().matchAll(/^create ((?:trigger|view) \w+)/gm)];
  return made === objectsSql() && named.every(([, name]) => there.has(name));
}

function dropObjects({ $client: client }: Database): void {
  const objects = client
    .prepare<[], { type: string; name: string }>(
      "select type, name from sqlite_schema where type in ('trigger', 'view')",
    )
    .all();
  for (const { type, name } of objects) client.exec(`drop ${type} "${name.replaceAll('"', '""')}"`);
}

/** Each view is prepared once too: SQLite silently creates a view whose columns do not exist. */
function createObjects({ $client: client }: Database): void {
  client.exec(objectsSql());
  for (const view of client.prepare<[], string>("select name from sqlite_schema where type = 'view'").pluck().all()) {
    client.prepare(`select * from "${view}"`);
  }
  client
    .prepare(
      "insert into archive_info (key, value) values ('objects', ?) on conflict (key) do update set value = excluded.value",
    )
    .run(objectsSql());
}

function objectsSql(): string {
  return readFileSync(new URL("./objects.sql", import.meta.url), "utf8");
}

function countRows({ $client: client }: Database): Map<string, number> {
  const names = client
    .prepare<[], string>(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like '%fts%'",
    )
    .pluck()
    .all();
  return new Map(names.map((name) => [name, Number(client.prepare(`select count(*) from "${name}"`).pluck().get())]));
}

function checkNothingLost(database: Database, before: Map<string, number>): void {
  const broken = database.$client.pragma("foreign_key_check") as unknown[];
  const after = countRows(database);
  const lost = [...before].filter(([name, rows]) => (after.get(name) ?? 0) < rows).map(([name]) => name);
  if (lost.length > 0) throw new Error(`rows of ${lost.join(", ")} would be lost`);
  if (broken.length > 0) throw new Error(`${broken.length} references would be broken`);
}

/** Errors that have nothing to do with the schema, such as a full disk or a busy database. */
function isStorageError(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|BUSY|READONLY|CANTOPEN|CORRUPT|NOTADB)/.test(String((error as { code?: unknown }).code));
}

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createArchive, openArchive } from "../src/db/archive-file.ts";
import type { Database } from "../src/db/connection.ts";
import { readSchemaComments } from "./schema-comments.ts";

export type Column = {
  name: string;
  type: string;
  nullable: boolean;
  default: string | null;
  key: boolean;
  about: string;
};
export type Index = { name: string; unique: boolean; columns: string; where: string };
export type Reference = { column: string; table: string; to: string };
export type Table = { name: string; about: string; columns: Column[]; indexes: Index[]; references: Reference[] };
export type View = { name: string; about: string; columns: string[] };
export type FullText = { name: string; columns: string[] };
export type Schema = { tables: Table[]; views: View[]; fullText: FullText[] };

/** The schema as SQLite itself has it in an archive made for this, with the meanings that our sources give. */
export function readSchema(root: string): Schema {
  const folder = mkdtempSync(join(tmpdir(), "schema-page-"));
  try {
    createArchive(folder);
    const db = openArchive(folder);
    try {
      const comments = readSchemaComments(readFileSync(join(root, "src/db/schema.ts"), "utf8"));
      const objects = readFileSync(join(root, "src/db/objects.sql"), "utf8");
      return {
        tables: [...comments].map(([name, message]) => readTable(db, name, message)),
        views: namesOf(db, "type = 'view'").map((name) => readView(db, name, objects)),
        fullText: namesOf(db, "sql like 'create virtual table%'").map((name) => ({
          name,
          columns: columnsOf(db, name),
        })),
      };
    } finally {
      db.$client.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Comments = { about: string; columns: Record<string, string> };
type TableInfo = { name: string; type: string; notnull: number; dflt_value: string | null; pk: number };

function readTable({ $client: client }: Database, name: string, { about, columns }: Comments): Table {
  const infos = client.prepare<[string], TableInfo>("select * from pragma_table_info(?)").all(name);
  const references = client
    .prepare<[string], Reference>(
      'select "from" as "column", "table", "to" from pragma_foreign_key_list(?) order by id',
    )
    .all(name);
  const indexes = client
    .prepare<[string], { name: string; sql: string }>(
      "select name, sql from sqlite_schema where type = 'index' and tbl_name = ? and sql is not null order by name",
    )
    .all(name);
  return {
    name,
    about,
    columns: infos.map((info) => ({
      name: info.name,
      type: info.type.toUpperCase(),
      nullable: info.notnull === 0 && info.pk === 0,
      default: info.dflt_value,
      key: info.pk > 0,
      about: columns[info.name] ?? "",
    })),
    indexes: indexes.map((one) => readIndex(one.name, one.sql)),
    references,
  };
}

function readIndex(name: string, sql: string): Index {
  const [, columns = "", where = ""] =
    /\(([^)]*)\)(?:\s+where\s+([^]*))?$/i.exec(sql.replaceAll("`", "").replaceAll('"', "")) ?? [];
  return { name, unique: /^create unique/i.test(sql), columns: columns.replace(/\s*,\s*/g, ", "), where: where.trim() };
}

/** The comment above `create view` says what it is about. */
function readView(db: Database, name: string, objects: string): View {
  const [before = ""] = objects.split(new RegExp(`create view ${name}\\b`));
  const comment = /(?:^--.*\n)+(?![^])/m.exec(before)?.[0] ?? "";
  return { name, about: comment.replace(/^-- ?/gm, "").trim().replaceAll("\n", " "), columns: columnsOf(db, name) };
}

function columnsOf({ $client: client }: Database, name: string): string[] {
  return client.prepare<[string], string>("select name from pragma_table_info(?)").pluck().all(name);
}

function namesOf({ $client: client }: Database, where: string): string[] {
  return client.prepare<[], string>(`select name from sqlite_schema where ${where} order by name`).pluck().all();
}

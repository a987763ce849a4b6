import { getTableConfig } from "drizzle-orm/sqlite-core";
import type { Database } from "./connection.ts";
import { clipMarks, playlistClips, playlists } from "./schema.ts";

/** The tables that came after `OLDEST_READABLE`. */
const LATER = [clipMarks, playlists, playlistClips];

/** The columns that came after it, and what a reader finds in them. */
const LATER_COLUMNS = [
  { table: "clips", column: "title_key", value: "title_key(title)" },
  { table: "tasks", column: "title_key", value: "title_key(title)" },
];

/**
 * Lets a reader find these tables empty in an older archive that has none of them, and these columns in its tables, without
 * a byte of it changed: they are made in memory, for this connection alone.
 */
export function addLaterTables(database: Database): Database {
  const { $client: client } = database;
  const isThere = client.prepare<[string]>("select 1 from sqlite_schema where type = 'table' and name = ?");
  client.pragma("query_only = off");
  for (const table of LATER) {
    const { name, columns } = getTableConfig(table);
    if (!isThere.get(name)) client.exec(`create temp table ${name} (${columns.map((one) => one.name).join(", ")})`);
  }
  const hasColumn = client.prepare<[string, string]>("select 1 from pragma_table_info(?, 'main') where name = ?");
  for (const { table, column, value } of LATER_COLUMNS) {
    if (!hasColumn.get(table, column))
      client.exec(`create temp view ${table} as select *, ${value} as ${column} from main.${table}`);
  }
  client.pragma("query_only = on");
  return database;
}

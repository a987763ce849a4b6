import { getTableConfig } from "drizzle-orm/sqlite-core";
import type { Database } from "./connection.ts";
import { clipMarks, playlistClips, playlists } from "./schema.ts";

/** The tables that came after `OLDEST_READABLE`. */
const LATER = [clipMarks, playlists, playlistClips];

/**
 * Lets a reader find these tables empty in an older archive that has none of them, without a byte of it changed: they are
 * made in memory, for this connection alone.
 */
export function addLaterTables(database: Database): Database {
  const { $client: client } = database;
  const isThere = client.prepare<[string]>("select 1 from sqlite_schema where type = 'table' and name = ?");
  client.pragma("query_only = off");
  for (const table of LATER) {
    const { name, columns } = getTableConfig(table);
    if (!isThere.get(name)) client.exec(`create temp table ${name} (${columns.map((one) => one.name).join(", ")})`);
  }
  client.pragma("query_only = on");
  return database;
}

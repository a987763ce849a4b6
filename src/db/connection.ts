import Sqlite from "better-sqlite3";
import { drizzle, type BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import { addFullTextFunctions } from "./full-text.ts";
import { addTitleKeyFunction } from "./title-keys.ts";

/** A drizzle database with better-sqlite3 beneath (`$client`). Synchronous: no network work inside a transaction. */
export type Database = BetterSQLite3Database & { $client: Sqlite.Database };

export type ConnectionOptions = {
  /** `PRAGMA query_only`: nothing is written, but the last reader still removes the WAL when it closes. */
  readOnly?: boolean;
  mustExist?: boolean;
};

/** Opens a database file with our settings; the caller closes `$client`. Foreign keys are on; a busy database is waited for 5 s. */
export function connect(path: string, options: ConnectionOptions = {}): Database {
  const client = new Sqlite(path, { timeout: 5000, fileMustExist: options.mustExist ?? true });
  try {
    return prepare(client, options);
  } catch (error) {
    client.close();
    throw error;
  }
}

function prepare(client: Sqlite.Database, options: ConnectionOptions): Database {
  client.pragma("foreign_keys = on");
  // A power cut may take the last commits. Their lines are in the journal, from which the next writer adds them again.
  client.pragma("synchronous = normal");
  client.pragma("cache_size = -32000");
  client.pragma("wal_autocheckpoint = 8000");
  client.pragma("temp_store = memory");
  addFullTextFunctions(client);
  addTitleKeyFunction(client);
  if (options.readOnly) client.pragma("query_only = on");
  return drizzle({ client });
}

/** How a database keeps its changes until they are whole: `wal` for every archive of ours. */
export function journalMode({ $client }: Database): string {
  return String($client.pragma("journal_mode", { simple: true }));
}

/** Opens a database that is thrown away when its process dies: what is written to it is not waited for. */
export function connectScratch(path: string): Database {
  const database = connect(path);
  database.$client.pragma("synchronous = off");
  return database;
}

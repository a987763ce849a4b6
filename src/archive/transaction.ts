import type { Database } from "../db/connection.ts";

/** Runs `work` in one immediate transaction: all of it is kept, or nothing. Must be synchronous. */
export function write<T>(db: Database, work: () => T): T {
  return db.$client.transaction(work).immediate();
}

/**
 * One moment of the database for all that is read until the result is disposed of, while others write on. Begins with
 * the first read; nothing may be written in it.
 */
export function beginReadTransaction({ $client: client }: Database): Disposable {
  client.exec("begin deferred");
  return {
    [Symbol.dispose]() {
      if (!client.inTransaction) return;
      try {
        client.exec("rollback");
      } catch {
        // A damaged page ended it; whoever read that page tells of it.
      }
    },
  };
}

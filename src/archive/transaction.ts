import type { Database } from "../db/connection.ts";

/** Runs `work` in one immediate transaction: all of it is committed, or nothing. `work` must be synchronous. */
export function write<T>(db: Database, work: () => T): T {
  return db.$client.transaction(work).immediate();
}

/**
 * Begins a read transaction: until it is disposed of, every read sees the same state of the database while others go on
 * writing. The snapshot is taken at the first read; nothing may be written in it.
 */
export function beginReadTransaction({ $client: client }: Database): Disposable {
  client.exec("begin deferred");
  return {
    [Symbol.dispose]() {
      if (!client.inTransaction) return;
      try {
        client.exec("rollback");
      } catch {
        // A damaged page ended the transaction; the code that read the page reports it.
      }
    },
  };
}

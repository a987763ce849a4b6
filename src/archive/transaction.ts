import type { Database } from "../db/connection.ts";

/** Runs `work` in one immediate transaction: all of it is kept, or nothing. Must be synchronous. */
export function write<T>(db: Database, work: () => T): T {
  return db.$client.transaction(work).immediate();
}

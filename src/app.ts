import type { Config } from "./config.ts";
import { openArchive } from "./db/archive-file.ts";
import type { Database } from "./db/connection.ts";

/** An archive opened for reading: nothing is written through it, and a running sync is never waited for. */
export type Reader = Disposable & { db: Database; home: string; assetsRoot: string };

/** Throws UsageError (no archive there), SchemaError, IntegrityError, DiskError. */
export function openForReading(config: Config): Reader {
  const db = openArchive(config.home, { readOnly: true });
  return { db, home: config.home, assetsRoot: config.assets, [Symbol.dispose]: () => db.$client.close() };
}

import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Database } from "./connection.ts";

/**
 * Runs the migrations of a drizzle-kit folder that the database lacks, inside the caller's transaction: drizzle's own
 * migrator commits a transaction of its own, before anything can be checked. Applied migrations are recorded in
 * drizzle's own table. Throws when an applied migration differs from the one at the same position in the folder.
 */
export function applyMigrations({ $client: client }: Database, folder: string): void {
  const migrations = readMigrationFiles({ migrationsFolder: folder });
  client.exec(
    'create table if not exists "__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  );
  const applied = client
    .prepare<[], string>('select hash from "__drizzle_migrations" order by created_at')
    .pluck()
    .all();
  for (const [number, hash] of applied.entries()) {
    if (migrations[number]?.hash !== hash) throw new Error(`migration ${number} differs from the one that was applied`);
  }
  const record = client.prepare('insert into "__drizzle_migrations" (hash, created_at) values (?, ?)');
  for (const { sql, hash, folderMillis } of migrations.slice(applied.length)) {
    for (const statement of sql) client.exec(statement);
    record.run(hash, folderMillis);
  }
}

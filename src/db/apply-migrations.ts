import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Database } from "./connection.ts";

/**
 * Runs the migrations of a drizzle-kit folder that the database lacks, inside the caller's transaction (drizzle's own
 * migrator commits one of its own, before anything can be checked). Keeps drizzle's table of what was applied. Throws
 * when a migration that was applied is not the one in the folder, or not in its place.
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
  const note = client.prepare('insert into "__drizzle_migrations" (hash, created_at) values (?, ?)');
  for (const { sql, hash, folderMillis } of migrations.slice(applied.length)) {
    for (const statement of sql) client.exec(statement);
    note.run(hash, folderMillis);
  }
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Journal } from "../../src/archive/journal/entry.ts";
import { openJournal } from "../../src/archive/journal/journal.ts";
import { createArchive, openArchive } from "../../src/db/archive-file.ts";
import { CURRENT_RULES } from "../../src/archive/rules.ts";
import type { Database } from "../../src/db/connection.ts";

/** An archive in a temporary home, opened for writing. Dispose of it to close and remove it. */
export type TemporaryArchive = Disposable & { home: string; db: Database; journal: Journal };

export function temporaryArchive(): TemporaryArchive {
  const home = mkdtempSync(join(tmpdir(), "mirror-archive-"));
  createArchive(home, "library", Date.now(), CURRENT_RULES);
  const db = openArchive(home);
  const dispose = () => {
    db.$client.close();
    rmSync(home, { recursive: true, force: true });
  };
  return { home, db, journal: openJournal({ home, db }), [Symbol.dispose]: dispose };
}

/** A folder that goes away with its scope. */
export function temporaryFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "mirror-folder-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Every row of every table but `except`, as text to compare. */
export function dump({ $client: client }: Database, except: string[] = []): string {
  const names = client
    .prepare<[], string>("select name from sqlite_schema where type = 'table' order by name")
    .pluck()
    .all();
  const kept = names.filter((name) => !except.includes(name));
  return kept
    .map((name) => `${name}\n${JSON.stringify(client.prepare(`select * from "${name}"`).all(), null, 1)}`)
    .join("\n");
}

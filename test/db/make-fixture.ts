import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noJournal } from "../../src/archive/journal/journal.ts";
import { createRecordSaver } from "../../src/archive/records.ts";
import { track } from "../../src/archive/tracking.ts";
import { applyMigrations } from "../../src/db/apply-migrations.ts";
import { connect, type Database } from "../../src/db/connection.ts";
import { APPLICATION_ID } from "../../src/db/version.ts";
import { packageRoot } from "../../src/lib/package-root.ts";
import { sliceRecords } from "../../src/record/slice.ts";
import { incoming } from "../archive/saving.ts";
import { fixtureText } from "../helpers/fixture.ts";
import { temporaryFolder } from "../helpers/temporary-archive.ts";

/**
 * Writes test/fixtures/archives/schema-N.db: what an archive of schema N looks like, with a task, a clip, its files and
 * two versions. Run once when a migration lands (`node test/db/make-fixture.ts N`), and never for an older N.
 */
export function makeFixture(path: string, schema: number): void {
  using folder = firstMigrations(schema);
  rmSync(path, { force: true });
  const database = connect(path, { mustExist: false });
  database.$client.pragma(`application_id = ${APPLICATION_ID}`);
  database.$client.transaction(() => applyMigrations(database, folder.path))();
  fill(database);
  database.$client.pragma(`user_version = ${schema}`);
  database.$client.exec("vacuum");
  database.$client.close();
}

/** The migrations folder as it was with so many of them. */
export function firstMigrations(count: number): ReturnType<typeof temporaryFolder> {
  const folder = temporaryFolder();
  cpSync(join(packageRoot(), "migrations"), folder.path, { recursive: true });
  const path = join(folder.path, "meta", "_journal.json");
  const journal = JSON.parse(readFileSync(path, "utf8")) as { entries: unknown[] };
  writeFileSync(path, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
  return folder;
}

function fill(database: Database): void {
  const journal = noJournal(database);
  const records = sliceRecords(fixtureText("retrieve_batch_same_id_twice.json")).records.map((text, location) =>
    incoming(text, location === 0),
  );
  const now = Date.UTC(2026, 10, 22);
  track({ db: database, journal }, ["1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad", "2a6ac2ad-10f2-4e2b-b500-66ec27fe82ad"], {
    source: "fixture",
    now,
    explicit: true,
  });
  createRecordSaver(database, journal)(records, { now, nextCheckAt: () => null });
  database.$client.exec(
    "insert into archive_info values ('archive_id', 'aaaaaaaa-10f2-4e2b-b500-66ec27fe82ad'), ('kind', 'library')",
  );
}

if (import.meta.main) {
  const schema = Number(process.argv[2]);
  makeFixture(new URL(`../fixtures/archives/schema-${schema}.db`, import.meta.url).pathname, schema);
}

import type { Database } from "./connection.ts";

const LISTED = 20;

/**
 * What SQLite finds wrong with the archive's database, at most 20 lines, none for a sound one. Quick looks at the pages
 * and rows, full at every index and reference too. Reads the whole file and cannot be interrupted.
 */
export function checkDatabase(db: Database, full: boolean): string[] {
  const problems = checkPages(db, full);
  return full && problems.length === 0 ? checkReferences(db) : problems;
}

/** The pages, and with `full` the indexes: where these are wrong, nothing else can be told. */
export function checkPages({ $client }: Database, full: boolean): string[] {
  const lines = $client.pragma(`${full ? "integrity_check" : "quick_check"}(${LISTED})`) as Record<string, unknown>[];
  return lines
    .map((line) => String(Object.values(line)[0]))
    .filter((line) => line !== "ok")
    .slice(0, LISTED);
}

type Dangling = { table: string; rowid: number | null; parent: string };

function checkReferences({ $client }: Database): string[] {
  return ($client.pragma("foreign_key_check") as Dangling[])
    .slice(0, LISTED)
    .map(({ table, rowid, parent }) => `row ${rowid ?? "?"} of ${table} names a row of ${parent} that is not there`);
}

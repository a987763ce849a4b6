import type { Database } from "./connection.ts";

const MAX_LINES = 20;

/**
 * What SQLite finds wrong with the archive's database, at most 20 lines, none for a sound one. A quick check covers pages
 * and rows, a full one also every index and reference. Reads the whole file and cannot be interrupted.
 */
export function checkDatabase(db: Database, full: boolean): string[] {
  const problems = checkPages(db, full);
  return full && problems.length === 0 ? checkReferences(db) : problems;
}

/** Checks the pages, and with `full` the indexes. When these are damaged, no other check is meaningful. */
export function checkPages({ $client }: Database, full: boolean): string[] {
  const lines = $client.pragma(`main.${full ? "integrity_check" : "quick_check"}(${MAX_LINES})`) as Record<
    string,
    unknown
  >[];
  return lines
    .map((line) => String(Object.values(line)[0]))
    .filter((line) => line !== "ok")
    .slice(0, MAX_LINES);
}

type Dangling = { table: string; rowid: number | null; parent: string };

/** Rows that refer to others that do not exist, at most 20 lines. */
export function checkReferences({ $client }: Database): string[] {
  return ($client.pragma("main.foreign_key_check") as Dangling[])
    .slice(0, MAX_LINES)
    .map(
      ({ table, rowid, parent }) => `row ${rowid ?? "?"} of ${table} refers to a row of ${parent} that does not exist`,
    );
}

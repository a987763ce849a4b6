import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";

/** Opens a copy of an archive at rest, so that looking at it neither recovers nor checkpoints the original. */
export function withCopy<T>(home: string, look: (db: Sqlite.Database) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "mirror-copy-"));
  try {
    for (const suffix of ["", "-wal", "-journal"]) {
      const from = join(home, `archive.db${suffix}`);
      if (existsSync(from)) copyFileSync(from, join(folder, `archive.db${suffix}`));
    }
    const db = new Sqlite(join(folder, "archive.db"));
    try {
      return look(db);
    } finally {
      db.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export type Row = Record<string, string | number | null>;

/** All rows of a query on an archive at rest. */
export function rowsOf(home: string, query: string, ...values: unknown[]): Row[] {
  return withCopy(home, (db) => db.prepare(query).all(...values) as Row[]);
}

/** All rows of all tables of people's interest, by table. */
export function dumpTables(home: string): Record<string, Row[]> {
  return withCopy(home, (db) => {
    const names = db
      .prepare(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and sql not like '%virtual%' order by name",
      )
      .pluck()
      .all() as string[];
    return Object.fromEntries(
      names.map((name) => [name, db.prepare(`select * from "${name}" order by 1, 2`).all() as Row[]]),
    );
  });
}

/** Changes an archive at rest by hand: what only time would change otherwise. */
export function editArchive(home: string, statement: string, ...values: unknown[]): number {
  return edit(home, true, statement, values);
}

/** The same with foreign keys off, to do damage. */
export function editLoosely(home: string, statement: string, ...values: unknown[]): number {
  return edit(home, false, statement, values);
}

function edit(home: string, keys: boolean, statement: string, values: unknown[]): number {
  const db = new Sqlite(join(home, "archive.db"));
  try {
    db.pragma(`foreign_keys = ${keys ? "on" : "off"}`);
    if (statement.startsWith("pragma")) return Number(db.pragma(statement.slice(7)) ?? 0);
    return db.prepare(statement).run(...values).changes;
  } finally {
    db.close();
  }
}

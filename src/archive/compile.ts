import { is, Param, Placeholder, type Query, type SQLWrapper } from "drizzle-orm";
import type { Database } from "../db/connection.ts";

type Row = Record<string, unknown>;

export type CompiledStatement = {
  /** Rows changed. */
  run(row: Row): number;
};

/**
 * A drizzle statement with placeholders as a prepared statement of better-sqlite3: drizzle writes the SQL once, and
 * each run only binds. For the loops that save tens of thousands of rows, where drizzle's own `.prepare()` costs more
 * than SQLite does. Values go through the encoder of their column.
 */
export function compileStatement(db: Database, query: { toSQL(): Query } & SQLWrapper): CompiledStatement {
  const { sql, params } = query.toSQL();
  const statement = db.$client.prepare(sql);
  const binders = params.map(binderOf);
  return { run: (row) => statement.run(binders.map((bind) => bind(row))).changes };
}

function binderOf(param: unknown): (row: Row) => unknown {
  if (is(param, Placeholder)) return (row) => row[param.name] ?? null;
  if (is(param, Param) && is(param.value, Placeholder)) {
    const { encoder, value } = param;
    const { name } = value as Placeholder;
    return (row) => encodeValue(encoder, row[name]);
  }
  return () => param;
}

function encodeValue(encoder: Param["encoder"], value: unknown): unknown {
  return value === null || value === undefined ? null : encoder.mapToDriverValue(value);
}

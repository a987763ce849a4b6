import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";

/** A reader of tables that shares no code with what writes them: DuckDB, in memory. */
export type Duck = Disposable & {
  /** Rows as arrays: BIGINT as bigint, DOUBLE as number, BLOB as hex. */
  rows(sql: string): Promise<DuckDBValue[][]>;
  /** The columns of a query with their types, as DuckDB names them. */
  types(sql: string): Promise<string[]>;
};

export async function openDuck(): Promise<Duck> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  return {
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRows(),
    types: async (sql) => (await connection.runAndReadAll(sql)).columnTypes().map(String),
    [Symbol.dispose]() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

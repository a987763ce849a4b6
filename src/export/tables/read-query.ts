import { open } from "node:fs/promises";
import { fromExact, toExact, type Cell, type ExactCell } from "../../query/sql/cells.ts";
import { runSql, type SqlOptions } from "../../query/sql/sql.ts";
import { createOutFile } from "../out-file.ts";
import { columnType, nothingSeen, see, type ColumnType } from "./column-types.ts";
import type { Source } from "./rows.ts";

export type Query = Omit<SqlOptions, "exact" | "maxRows" | "signal"> & { name: string };
export type QueryRead = Source & AsyncDisposable;

/** The rows of a query, which runs in its own process (query/sql.ts). Throws QueryError, also while they are read. */
export async function readQuery({ name, ...request }: Query, signal: AbortSignal): Promise<QueryRead> {
  signal.throwIfAborted();
  const answer = await runSql({ ...request, maxRows: 0, exact: true, signal });
  async function* batches(): AsyncGenerator<Cell[][]> {
    for await (const rows of answer.batches) yield rows.map((row) => row.map(fromExact));
  }
  return {
    name,
    columns: answer.columns,
    batches: batches(),
    [Symbol.asyncDispose]: () => answer[Symbol.asyncDispose](),
  };
}

/**
 * The same rows with the types of their columns, which are known only when all of them are here: they wait in a file at
 * `path` meanwhile, since a query that ran twice could answer twice.
 */
export async function withTypes(query: QueryRead, path: string): Promise<QueryRead & { types: ColumnType[] }> {
  const file = createOutFile(path);
  try {
    const seen = query.columns.map(nothingSeen);
    for await (const rows of query.batches) {
      for (const row of rows) row.forEach((cell, at) => see(seen[at] ?? nothingSeen(), cell));
      file.write(Buffer.from(`${JSON.stringify(rows.map((row) => row.map(toExact)))}\n`));
    }
    file.finish();
    return {
      ...query,
      types: seen.map((column) => columnType(column)),
      batches: readBack(file.part),
      async [Symbol.asyncDispose]() {
        file.discard();
        await query[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    file.discard();
    throw error;
  }
}

async function* readBack(path: string): AsyncGenerator<Cell[][]> {
  await using file = await open(path);
  for await (const line of file.readLines()) {
    yield (JSON.parse(line) as ExactCell[][]).map((row) => row.map(fromExact));
  }
}

import { setImmediate } from "node:timers/promises";
import type { Database } from "../../db/connection.ts";
import type { Cell } from "../../query/sql/cells.ts";
import { typesOfTable, type ColumnType } from "./column-types.ts";
import { hidesSecrets, withholds, type PublicTable } from "./public-tables.ts";
import type { Source } from "./rows.ts";

const BATCH_ROWS = 100;
const BATCH_CHARACTERS = 128 * 1024;

export type TableRead = Source & {
  /** Asked of SQLite, which takes a pass over the rows. */
  types(): ColumnType[];
};

/** A table as it is in the read transaction that is open. `raw`: with what is kept back otherwise. */
export function readTable(db: Database, { name, orderBy }: PublicTable, raw: boolean, signal: AbortSignal): TableRead {
  const order = orderBy === null ? "" : ` order by ${orderBy}`;
  const statement = db.$client.prepare<[], Cell[]>(`select * from "${name}"${order}`).raw(true).safeIntegers(true);
  const columns = statement.columns().map((column) => column.name);
  const changes = columns.map((column) => (raw ? hidesSecrets(name, column) : withholds(name, column)));
  return {
    name,
    columns,
    types: () => typesOfTable(db, name, statement.columns()),
    batches: inBatches(statement.iterate(), changes, signal),
  };
}

/** How many rows a table has. */
export function countRows({ $client: client }: Database, { name }: PublicTable): number {
  return Number(client.prepare(`select count(*) from "${name}"`).pluck().get());
}

/** Gives the event loop its turn between batches, for signals and progress. */
async function* inBatches(
  rows: Iterable<Cell[]>,
  changes: (((cell: Cell) => Cell) | undefined)[],
  signal: AbortSignal,
): AsyncGenerator<Cell[][]> {
  const changing = changes.flatMap((change, at) => (change ? [{ change, at }] : []));
  let batch: Cell[][] = [];
  let characters = 0;
  for (const row of rows) {
    for (const { change, at } of changing) row[at] = change(row[at] ?? null);
    for (const cell of row) if (typeof cell === "string") characters += cell.length;
    batch.push(row);
    if (batch.length < BATCH_ROWS && characters < BATCH_CHARACTERS) continue;
    yield batch;
    [batch, characters] = [[], 0];
    await setImmediate();
    signal.throwIfAborted();
  }
  if (batch.length > 0) yield batch;
}

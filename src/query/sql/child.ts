import { readFileSync, writeSync } from "node:fs";
import Sqlite from "better-sqlite3";
import { hexText, toExact, type Cell, type ExactCell } from "./cells.ts";
import { limitThisProcess } from "./bounds.ts";
import { refuseBeforePrepare, refuseBeforeRun } from "./gate.ts";
import { toParameterValue } from "./parameters.ts";
import type { SqlMessage, SqlRequest, SqlValue } from "./messages.ts";

/**
 * A child process for one ad-hoc query, since a query in the main process could not be stopped: the parent kills the child
 * by SIGKILL at its limits. It opens the database read-only and writes nothing but its messages.
 */
const MAX_ROW_BYTES = 16 * 1024 * 1024;
/** Rows are sent in batches of about this many bytes. */
const BATCH_BYTES = 65_536;

class Refused extends Error {}

main();

function main(): void {
  try {
    runQuery(JSON.parse(readFileSync(0, "utf8")) as SqlRequest);
  } catch (error) {
    send({ error: (error as Error).message, refused: error instanceof Refused });
  }
}

function runQuery({ path, sql, maxRows, exact, parameters = {}, ...limits }: SqlRequest): void {
  refuse(refuseBeforePrepare(sql));
  limitThisProcess(limits);
  const client = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 5000 });
  client.pragma("query_only = on");
  client.pragma("temp_store = memory");
  const statement = prepare(client, sql);
  refuse(refuseBeforeRun(statement));
  bind(statement, parameters);
  send({ columns: distinct(statement.columns().map(({ name }) => name)) });
  send({ end: true, cut: sendRows(statement, maxRows, exact ? toExact : toValue) });
}

/** Returns true when there are more rows than `maxRows`. */
function sendRows(statement: Sqlite.Statement, maxRows: number, toCell: (value: Cell) => ExactCell): boolean {
  let batch: ExactCell[][] = [];
  let bytes = 0;
  let count = 0;
  let cut = false;
  for (const row of statement.raw(true).safeIntegers(true).iterate() as Iterable<Cell[]>) {
    cut = maxRows > 0 && count++ === maxRows;
    if (cut) break;
    bytes += checkedSize(row);
    batch.push(row.map(toCell));
    if (bytes < BATCH_BYTES) continue;
    send({ rows: batch });
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) send({ rows: batch });
  return cut;
}

function prepare(client: Sqlite.Database, sql: string): Sqlite.Statement {
  try {
    return client.prepare(sql);
  } catch (error) {
    throw error instanceof RangeError ? new Refused(error.message) : error;
  }
}

function bind(statement: Sqlite.Statement, parameters: Record<string, string>): void {
  const values = Object.entries(parameters).map(([name, text]) => [name, toParameterValue(text)]);
  if (values.length > 0) statement.bind(Object.fromEntries(values));
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new Refused(reason);
}

/** Makes column names unique, since they become field names: a second `name` becomes `name_2`. */
function distinct(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free); number++) free = `${name}_${number}`;
    taken.add(free);
    return free;
  });
}

function checkedSize(row: unknown[]): number {
  const size = row.reduce<number>((sum, value) => sum + sizeOf(value), 0);
  if (size > MAX_ROW_BYTES) throw new Error(`one row has over ${MAX_ROW_BYTES / 1024 / 1024} MB`);
  return size;
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  return Buffer.isBuffer(value) ? value.length * 2 : 8;
}

function toValue(value: Cell): SqlValue {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return hexText(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

/** Synchronous, so that a slow reader slows the query down instead of filling the memory. */
function send(message: SqlMessage): void {
  let rest = Buffer.from(`${JSON.stringify(message)}\n`);
  while (rest.length > 0) rest = rest.subarray(writeSome(rest));
}

function writeSome(bytes: Buffer): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EPIPE") process.exit(0);
    if (code !== "EAGAIN") throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}

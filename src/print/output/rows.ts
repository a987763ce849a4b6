import { csvLine, csvText, formulaSafe } from "../../lib/text/csv.ts";
import { safeJson, safeText } from "../../lib/text/terminal-safe.ts";
import { tableLines, type Column, type TableOptions } from "./table.ts";

export const FORMATS = ["table", "json", "ndjson", "csv"] as const;
export type Format = (typeof FORMATS)[number];

/** How rows are printed: `fields` are the columns of CSV, in order; `columns` those of a table. */
export type Listing<Row> = { fields: readonly string[]; columns: readonly Column<Row>[] };

export type Rows<Row> = AsyncIterable<Row> | Iterable<Row>;

/** The rows as text, in chunks: a JSON array, JSON lines, CSV with a heading, or a table. */
export function formatRows<Row extends object>(
  format: Format,
  rows: Rows<Row>,
  listing: Listing<Row>,
  options: TableOptions,
): AsyncGenerator<string> {
  if (format === "json") return jsonArray(rows);
  if (format === "ndjson") return jsonLines(rows);
  if (format === "csv") return csvLines(rows, listing.fields);
  return endLines(tableLines(rows, listing.columns, options));
}

async function* jsonArray(rows: Rows<object>): AsyncGenerator<string> {
  let before = "[\n  ";
  for await (const row of rows) {
    yield before + safeJson(JSON.stringify(row));
    before = ",\n  ";
  }
  yield before.startsWith("[") ? "[]\n" : "\n]\n";
}

async function* jsonLines(rows: Rows<object>): AsyncGenerator<string> {
  for await (const row of rows) yield `${safeJson(JSON.stringify(row))}\n`;
}

async function* csvLines(rows: Rows<object>, fields: readonly string[]): AsyncGenerator<string> {
  yield csvRecord([...fields]);
  for await (const row of rows) yield csvRecord(fields.map((field) => (row as Record<string, unknown>)[field]));
}

async function* endLines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

/**
 * One CSV record by RFC 4180 for people to read, ended by LF: text that a spreadsheet would run as a formula begins with
 * `'`, invisible characters are escaped, numbers are unchanged.
 */
export function csvRecord(values: unknown[]): string {
  return csvLine(values.map(csvCell));
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  return csvText(safeText(formulaSafe(typeof value === "string" ? value : JSON.stringify(value))));
}

import type { Total } from "../../query/filter/filter.ts";
import { countText } from "../output/numbers.ts";
import type { Output } from "../output/output.ts";
import type { Format, Listing } from "../output/rows.ts";

export type ListPrint<Row> = {
  output: Output;
  format: Format;
  /** The archive's folder: every report for a person begins with it. */
  home: string;
  rows: Iterable<Row>;
  listing: Listing<Row>;
  filter: { limit?: number };
  /** Only these fields. */
  fields?: string[] | undefined;
  /** Asked only when the limit was reached. */
  total: () => Total;
};

type Cell = string | number | string[] | null | undefined;
type Picked = Record<string, Cell>;

/** Prints a list, and says on stderr how many there are when not all are shown. */
export async function printList<Row extends object>(print: ListPrint<Row>): Promise<void> {
  const { output, format, home, rows, listing, fields, filter, total } = print;
  const { limit = 0 } = filter;
  if (format === "table") output.note(home);
  const counted = { rows: 0 };
  const passed = count(rows, counted);
  if (fields) await output.rows(format, pick(passed, fields), fieldListing(fields));
  else await output.rows(format, passed, listing);
  const shown = counted.rows;
  if (shown === 0 && format === "table") output.note("nothing found");
  if (limit === 0 || shown < limit) return;
  const all = total();
  const many = typeof all === "number" ? countText(all) : `more than ${countText(all.moreThan)}`;
  if (all !== shown) output.note(`showing ${countText(shown)} of ${many} (--limit 0 for all)`);
}

function* count<Row>(rows: Iterable<Row>, counted: { rows: number }): Generator<Row> {
  for (const row of rows) {
    counted.rows++;
    yield row;
  }
}

/** Where the next page begins, on stderr, for who reads page by page: in a table without a limit it is only noise. */
export function printNextCursor(
  output: Output,
  { next }: { next: string | null },
  { limit, cursor }: { limit?: string; cursor?: string },
): void {
  if (next !== null && (limit ?? cursor) !== undefined) output.note(`next: --cursor ${next}`);
}

function* pick(rows: Iterable<object>, fields: string[]): Generator<Picked> {
  for (const row of rows) yield Object.fromEntries(fields.map((name) => [name, (row as Picked)[name]]));
}

function fieldListing(fields: string[]): Listing<Picked> {
  return { fields, columns: fields.map((name) => ({ title: name, text: (row) => cell(row[name]), narrow: "shrink" })) };
}

function cell(value: Cell): string {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

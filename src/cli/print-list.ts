import type { Total } from "../query/filter.ts";
import { countText } from "./numbers.ts";
import type { Output } from "./output.ts";
import type { Format, Listing } from "./rows.ts";

export type ListPrint<Row> = {
  output: Output;
  format: Format;
  /** The archive's folder: every report for a person begins with it. */
  home: string;
  rows: Row[];
  listing: Listing<Row>;
  limit: number;
  /** Asked only when the limit was reached. */
  total: () => Total;
};

/** Prints a list, and says on stderr how many there are when not all are shown. */
export async function printList<Row extends object>(print: ListPrint<Row>): Promise<void> {
  const { output, format, home, rows, listing, limit, total } = print;
  if (format === "table") output.talk(home);
  await output.rows(format, rows, listing);
  if (rows.length === 0 && format === "table") output.talk("nothing found");
  if (limit === 0 || rows.length < limit) return;
  const all = total();
  const many = typeof all === "number" ? countText(all) : `more than ${countText(all.moreThan)}`;
  if (all !== rows.length) output.talk(`showing ${countText(rows.length)} of ${many} (--limit 0 for all)`);
}

import { csvLine, csvText, formulaSafe } from "../../lib/text/csv.ts";
import type { Cell } from "../../query/sql/cells.ts";
import { cellText } from "./column-types.ts";
import type { RowWriter, TableSink } from "./rows.ts";

/**
 * CSV by RFC 4180 in UTF-8, a heading first, lines ended by LF: null is nothing, empty text is `""`, BLOBs are hex, and
 * `raw` leaves the `'` out that keeps text from being taken for a formula.
 */
export function csvWriter(sink: TableSink, columns: string[], raw: boolean): RowWriter {
  const text = raw ? csvText : (value: string) => csvText(formulaSafe(value));
  const toCell = (cell: Cell) => {
    if (cell === null) return "";
    return typeof cell === "string" ? text(cell) : cellText(cell);
  };
  sink.write(csvLine(columns.map(text)));
  return {
    write(rows) {
      for (const row of rows) sink.write(csvLine(row.map(toCell)));
    },
    finish: () => {},
  };
}

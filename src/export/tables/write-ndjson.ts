import { safeJson } from "../../lib/text/terminal-safe.ts";
import { hexText, realText, type Cell } from "../../query/sql/cells.ts";
import type { RowWriter, TableSink } from "./rows.ts";

/**
 * One JSON object a line. Integers have all their digits, REALs a point or an exponent, so that the two stay apart; BLOBs
 * are hex; an infinite REAL, which JSON has not, is text.
 */
export function ndjsonWriter(sink: TableSink, columns: string[]): RowWriter {
  const keys = columns.map((name) => `${safeJson(JSON.stringify(name))}:`);
  const line = (row: Cell[]) => `{${row.map((cell, at) => keys[at] + cellJson(cell)).join(",")}}\n`;
  return {
    write(rows) {
      for (const row of rows) sink.write(line(row));
    },
    finish: () => {},
  };
}

function cellJson(cell: Cell): string {
  if (cell === null) return "null";
  if (typeof cell === "bigint") return String(cell);
  if (typeof cell === "number") return Number.isFinite(cell) ? realText(cell) : `"${cell}"`;
  return typeof cell === "string" ? safeJson(JSON.stringify(cell)) : `"${hexText(cell)}"`;
}

import { csvLine, csvText, formulaSafe } from "../../lib/text/csv.ts";
import { safeText } from "../../lib/text/terminal-safe.ts";

/**
 * One record to look at, by RFC 4180, ended by LF: text that would be a formula begins with `'`, unseen characters are
 * escapes, numbers stay as they are.
 */
export function csvRecord(values: unknown[]): string {
  return csvLine(values.map(csvCell));
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  return csvText(safeText(formulaSafe(typeof value === "string" ? value : JSON.stringify(value))));
}

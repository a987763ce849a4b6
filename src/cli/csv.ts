import { safeText } from "../lib/terminal-safe.ts";

/** What a spreadsheet takes for a formula, also behind blanks or a quote, also in full width (OWASP CSV injection). */
const FORMULA = /^(?:[\t\r\n\0]|[\s\0"]*[=+\-@\uff1d\uff0b\uff0d\uff20])/;

/** One record by RFC 4180, ended by LF: text that would be a formula begins with `'`, numbers stay as they are. */
export function csvRecord(values: unknown[]): string {
  return `${values.map(csvCell).join(",")}\n`;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const harmless = safeText(FORMULA.test(text) ? `'${text}` : text);
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

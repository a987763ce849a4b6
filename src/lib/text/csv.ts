/** What a spreadsheet takes for a formula, also behind blanks or a quote, also in full width (OWASP CSV injection). */
const FORMULA = /^(?:[\t\r\n\0]|[\s\0"]*[=+\-@\uff1d\uff0b\uff0d\uff20])/;

/** Text with a `'` before it where a spreadsheet would take it for a formula. */
export function formulaSafe(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** A text cell by RFC 4180; empty text is quoted, which tells it from nothing. */
export function csvText(text: string): string {
  return text === "" || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A record of finished cells, ended by LF. */
export function csvLine(cells: string[]): string {
  return `${cells.join(",")}\n`;
}

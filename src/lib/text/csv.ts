/** Text that a spreadsheet reads as a formula, also after blanks or a quote, and in full-width characters (OWASP CSV injection). */
const FORMULA = /^(?:[\t\r\n\0]|[\s\0"]*[=+\-@\uff1d\uff0b\uff0d\uff20])/;

/** A whole number of SQLite that is too long for a number of JavaScript, and therefore text here. */
const LONG_NUMBER = /^-\d{16,19}$/;

/** Prefixes text with `'` when a spreadsheet would read it as a formula. */
export function formulaSafe(text: string): string {
  return FORMULA.test(text) && !LONG_NUMBER.test(text) ? `'${text}` : text;
}

/** A text cell by RFC 4180; empty text is quoted, to distinguish it from null. */
export function csvText(text: string): string {
  return text === "" || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line of finished cells, ended by LF. */
export function csvLine(cells: string[]): string {
  return `${cells.join(",")}\n`;
}

import { hasUuid, isUuid, uuidsIn, type Collector } from "./collector.ts";
import { isIdKey, keyKind, textUnder, type KeyKind } from "./key-kind.ts";
import type { ReadText } from "./from-json.ts";

/** A table in a text: its columns, its rows, the name of the table in SQL, and the first line behind it. */
export type Table = { columns: string[]; rows: string[][]; name?: string; end: number };

/** The columns of the tables that a dump has made so far. */
export type CreatedTables = Map<string, string[]>;

const DELIMITERS = [",", "\t", ";", "|"];
const COLUMN = /^[\p{L}_@#][\p{L}\p{N} _.\-/()#:@]{0,60}$/u;
const RULE = /^[\s|+:=─-]+$/u;
/** Lines of one quoted cell, or of one statement. */
const MOST_LINES = 5000;

/**
 * The table that begins at a line, or undefined: CSV, TSV and tables with bars whose first row names columns, `INSERT`
 * and `COPY` of SQL with a list of columns, a table of HTML.
 */
export function tableAt(lines: string[], at: number, created: CreatedTables): Table | undefined {
  const line = lines[at] ?? "";
  if (/<table\b/i.test(line)) return htmlTable(lines, at);
  if (/^\s*create\s+table\s/i.test(line)) noteColumns(lines, at, created);
  if (/^\s*(?:insert|replace)\s/i.test(line)) return insertTable(lines, at, created);
  if (/^copy\s/i.test(line)) return copyTable(lines, at);
  return hasUuid(line) || !/id\b|task|uuid|guid/i.test(line) ? undefined : delimitedTable(lines, at);
}

/** Picks by the names of the columns; `id` is the task's where no other column is and the table is of nothing else. */
export function pickFromTable({ columns, rows, name }: Table, found: Collector, readText: ReadText): void {
  const kinds = columns.map(keyKind);
  const owner = name === undefined ? "unknown" : keyKind(name);
  const idKind = owner === "other" || owner === "task" ? owner : kinds.includes("task") ? "other" : "task";
  for (const row of rows) {
    const before = found.seen;
    for (const [at, cell] of row.entries()) {
      const column = columns[at] ?? "";
      const kind = kinds[at] === "id" ? idKind : (kinds[at] ?? "unknown");
      pickCell(cell.trim(), column, kind, found, readText);
    }
    if (found.seen === before) found.useless++;
  }
}

function pickCell(cell: string, column: string, kind: KeyKind, found: Collector, readText: ReadText): void {
  if (!hasUuid(cell)) return;
  if (kind === "task") for (const [id] of uuidsIn(cell)) found.add(id, column);
  else if (!isUuid(cell)) {
    const how = textUnder(column);
    if (how !== "none") readText(cell, how === "strict");
  } else if (kind === "text" && textUnder(column) === "plain") found.add(cell);
  else found.leave(cell, column);
}

function delimitedTable(lines: string[], at: number): Table | undefined {
  for (const delimiter of DELIMITERS) {
    const columns = cellsOf(lines[at] ?? "", delimiter);
    if (columns.length < 2 || !columns.every((name) => name === "" || COLUMN.test(name))) continue;
    if (!columns.some((name) => isIdKey(name) || keyKind(name) === "task")) continue;
    const { rows, end } = rowsBelow(lines, at + 1, delimiter, columns.length);
    if (rows.length > 0) return { columns, rows, end };
  }
  const [name = "", below = ""] = [lines[at]?.trim(), lines[at + 1]];
  if (!/^["\w.-]+$/.test(name) || !isIdKey(name) || !isUuid(below.replaceAll(/["'\s]/g, ""))) return undefined;
  const end = lines.findIndex((line, n) => n > at && !isUuid(line.replaceAll(/["'\s]/g, "")));
  const last = end < 0 ? lines.length : end;
  const rows = lines.slice(at + 1, last).map((line) => [line.replaceAll(/["'\s]/g, "")]);
  return { columns: [name.replaceAll('"', "")], rows, end: last };
}

function rowsBelow(lines: string[], from: number, delimiter: string, width: number) {
  const rows: string[][] = [];
  let at = from;
  while (at < lines.length) {
    let line = lines[at] ?? "";
    let end = at + 1;
    if (delimiter === "|" && line !== "" && RULE.test(line)) {
      at = end;
      continue;
    }
    if (delimiter !== "|")
      while (isOpenQuote(line) && end < lines.length && end - at < MOST_LINES) line += `\n${lines[end++]}`;
    const cells = cellsOf(line, delimiter);
    if (cells.length !== width) break;
    rows.push(cells);
    at = end;
  }
  return { rows, end: at };
}

function isOpenQuote(line: string): boolean {
  return line.includes('"') && (line.split('"').length - 1) % 2 === 1;
}

function cellsOf(line: string, delimiter: string): string[] {
  if (delimiter === "|")
    return line
      .replace(/^\s*\|/, "")
      .replace(/\|\s*$/, "")
      .split("|")
      .map((cell) => cell.trim().replaceAll(/^[`*_]+|[`*_]+$/g, ""));
  const cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (const char of line) {
    if (char === '"') isQuoted = !isQuoted;
    else if (char === delimiter && !isQuoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += char;
  }
  return [...cells, cell.trim()];
}

const NAME = String.raw`["\x60[]?([\w."\x60[\]]+?)["\x60\]]?`;
const COLUMNS = String.raw`\(([^()]*)\)`;
const INSERT = new RegExp(
  String.raw`^\s*(?:insert|replace)\s+(?:\w+\s+)*?into\s+${NAME}\s*(?:${COLUMNS}\s*)?values\b`,
  "i",
);
const COPY = new RegExp(String.raw`^copy\s+${NAME}\s*${COLUMNS}\s+from\s+stdin`, "i");
const CREATE = new RegExp(String.raw`^\s*create\s+table\s+(?:if\s+not\s+exists\s+)?${NAME}\s*\(`, "i");
const KEYS = /^(?:primary|unique|key|index|constraint|foreign|check)$/i;

function noteColumns(lines: string[], at: number, created: CreatedTables): void {
  const [, name] = CREATE.exec(lines[at] ?? "") ?? [];
  if (name === undefined) return;
  const columns: string[] = [];
  for (let next = at + 1; next < lines.length && next - at < MOST_LINES; next++) {
    const [, column] = /^\s*["\x60[]?(\w+)["\x60\]]?\s+\w/.exec(lines[next] ?? "") ?? [];
    if (column === undefined) break;
    if (!KEYS.test(column)) columns.push(column);
  }
  created.set(tableName(name), columns);
}

function insertTable(lines: string[], at: number, created: CreatedTables): Table | undefined {
  let text = lines[at] ?? "";
  let end = at + 1;
  while (!/;\s*$/.test(lines[end - 1] ?? "") && end < lines.length && end - at < MOST_LINES)
    text += `\n${lines[end++]}`;
  const [head, name = "", list] = INSERT.exec(text) ?? [];
  if (head === undefined) return undefined;
  const columns = list === undefined ? created.get(tableName(name)) : columnsOf(list);
  return columns && { columns, rows: tuplesOf(text.slice(head.length)), name: tableName(name), end };
}

function copyTable(lines: string[], at: number): Table | undefined {
  const [head, name = "", columns = ""] = COPY.exec(lines[at] ?? "") ?? [];
  if (head === undefined) return undefined;
  const stop = lines.indexOf("\\.", at);
  const end = stop < 0 ? lines.length : stop;
  const rows = lines.slice(at + 1, end).map((line) => line.split("\t"));
  return { columns: columnsOf(columns), rows, name: tableName(name), end: end + 1 };
}

function columnsOf(list: string): string[] {
  return list.split(",").map((name) => name.replaceAll(/["`[\]\s]/g, ""));
}

function tableName(name: string): string {
  return (
    name
      .split(".")
      .at(-1)
      ?.replaceAll(/["`[\]]/g, "") ?? ""
  );
}

/** `('a', 1), ('b', 2)` as rows of cells. */
function tuplesOf(text: string): string[][] {
  const rows: string[][] = [];
  for (const [token, quoted] of text.matchAll(/'((?:[^'\\]|\\.|'')*)'|\(|\)|,|[^\s(),']+/gs)) {
    const row = rows.at(-1);
    if (token === "(" && (row === undefined || row.at(-1) === CLOSED)) rows.push([""]);
    else if (row === undefined || row.at(-1) === CLOSED) continue;
    else if (token === ")") row.push(CLOSED);
    else if (token === ",") row.push("");
    else row[row.length - 1] += quoted ?? token;
  }
  return rows.map((row) => row.filter((cell) => cell !== CLOSED));
}

const CLOSED = "\0)";

function htmlTable(lines: string[], at: number): Table | undefined {
  const stop = lines.findIndex((line, n) => n >= at && n < at + MOST_LINES && /<\/table>/i.test(line));
  const end = stop < 0 ? lines.length : stop + 1;
  const rows = lines
    .slice(at, end)
    .join(" ")
    .split(/<tr\b/i)
    .map((row) => row.split(/<t[hd]\b[^>]*>/i).slice(1))
    .map((cells) => cells.map((cell) => cell.replaceAll(/<[^>]*>/g, " ").trim()));
  const [columns = [], ...below] = rows.filter((row) => row.length > 0);
  const isNamed = columns.length > 0 && columns.every((name) => !hasUuid(name)) && below.length > 0;
  return isNamed ? { columns, rows: below, end } : undefined;
}

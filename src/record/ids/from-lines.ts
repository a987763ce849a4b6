import { hasUuid, isUuid, type Collector } from "./collector.ts";
import { pickFromJson, type ReadText } from "./from-json.ts";
import { pickFromLine } from "./from-text.ts";
import { Brackets, parseContainer, takeContainers } from "./parse-json.ts";
import { pickFromTable, tableAt, type CreatedTables } from "./tables.ts";

/** Colours and links of a terminal, also as loggers and pagers spell them. */
const COLOURS =
  // eslint-disable-next-line no-control-regex
  /(?:\u001b|\\u001b|\\x1b|\\033|\\e|\^\[|#033)?\[(?:\d{1,3}(?:;\d{1,3})*)?m|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-Z\\-_]/gi;
/** Texts within texts: a log line within a log line of a container within a saved answer. */
const MOST_DEPTH = 6;
/** Lines of one value of JSON. */
const MOST_LINES = 20_000;

type Options = { strict: boolean; depth: number };

/** Reads a whole text: as one value of JSON, else line by line, where several lines may be a table or a value. */
export function pickFromText(
  text: string,
  found: Collector,
  { strict, depth }: Options = { strict: false, depth: 0 },
): void {
  if (depth > MOST_DEPTH) return;
  const readText: ReadText = (inner, isStrict) =>
    withoutUseless(found, () => pickFromText(inner, found, { strict: strict || isStrict, depth: depth + 1 }));
  const whole = parseContainer(text);
  if (whole !== undefined) pickFromJson(whole, found, readText);
  else readLines(text.replaceAll(COLOURS, ""), found, strict || isBrokenJson(text), readText);
}

function readLines(text: string, found: Collector, strict: boolean, readText: ReadText): void {
  const lines = text.split(/\r\n|\n|\r/);
  const parents = new Parents();
  const created: CreatedTables = new Map();
  /** A value that does not end in sight is looked for once. */
  let noValueBefore = 0;
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? "";
    const table = tableAt(lines, at, created);
    if (table) {
      pickFromTable(table, found, readText);
      at = table.end;
      continue;
    }
    const value = at < noValueBefore ? undefined : valueAt(lines, at);
    if (value) noValueBefore = value.end;
    if (value?.value !== undefined) {
      pickFromJson(value.value, found, readText);
      for (const rest of value.around) readLine(rest, { strict, parent: undefined }, found, readText);
      at = value.end;
      continue;
    }
    readLine(line, { strict, parent: parents.of(line) }, found, readText);
    at++;
  }
}

function readLine(
  line: string,
  options: { strict: boolean; parent: string | undefined },
  found: Collector,
  readText: ReadText,
): void {
  if (line.trim() === "") return;
  const before = found.seen;
  if (hasUuid(line)) {
    const { values, rest } = takeContainers(line);
    for (const value of values) pickFromJson(value, found, readText);
    const isTorn = values.length === 0 && /^\s*(\{\s*"|\[\s*[{"])/.test(line);
    if (hasUuid(rest)) pickFromLine(rest, { ...options, strict: options.strict || isTorn }, found);
  }
  if (found.seen === before) found.useless++;
}

/** A value of JSON over several lines, as programs print it with indents: from a bracket to the one that closes it. */
function valueAt(lines: string[], at: number): { value: unknown; around: string[]; end: number } | undefined {
  const line = lines[at] ?? "";
  const start = /[{[]\s*$/.test(line) ? line.search(/[{[]\s{0,9}[{[]?\s*$/) : line.search(/^\s*[{[]{1,3}\s*['"]/);
  if (start < 0) return undefined;
  const brackets = new Brackets();
  for (let next = at; next < lines.length && next - at < MOST_LINES; next++) {
    const end = brackets.read(lines[next] ?? "", next === at ? start : 0);
    if (end === undefined) continue;
    const block = [...lines.slice(at, next), lines[next]?.slice(0, end)].join("\n").slice(start);
    const around = [line.slice(0, start), lines[next]?.slice(end) ?? ""];
    return next === at ? undefined : { value: parseContainer(block), around, end: next + 1 };
  }
  return { value: undefined, around: [], end: at + MOST_LINES };
}

/** True for JSON over several lines that does not parse as a whole: its first line is brackets alone. */
function isBrokenJson(text: string): boolean {
  return /^\s*[[{][ \t[{]*[\r\n]\s*["[{]/.test(text);
}

/** The keys of lists by their indents, as in YAML: `users:` and below it `- …`. */
class Parents {
  readonly #open: { indent: number; key: string }[] = [];

  of(line: string): string | undefined {
    if (line.trim() === "") return undefined;
    const [blanks = ""] = /^\s*/.exec(line) ?? [];
    const isItem = /^\s*[-*•]\s/.test(line);
    const indent = blanks.length;
    while ((this.#open.at(-1)?.indent ?? -1) >= indent + (isItem ? 1 : 0)) this.#open.pop();
    const parent = this.#open.at(-1)?.key;
    const [, key] = /([\p{L}\p{N}_.-]+)["'`]?\s*[:=]\s*[[{(]?\s*$/u.exec(line.slice(-100)) ?? [];
    if (key !== undefined && !isUuid(key)) this.#open.push({ indent: indent + (isItem ? 2 : 0), key });
    return parent;
  }
}

/** Lines within a string are no lines of the text. */
function withoutUseless(found: Collector, work: () => void): void {
  const before = found.useless;
  work();
  found.useless = before;
}

import { UsageError } from "../../lib/errors.ts";

/** What SQLite does not read as a parameter, or a parameter with its name. */
const PIECES =
  /--[^\n]*|\/\*[^]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|:([a-z_]\w*)/gi;

/** Names of the `:name` parameters in a query, without those in texts, names and comments. */
export function parameterNames(sql: string): Set<string> {
  return new Set([...sql.matchAll(PIECES)].flatMap(([, name]) => name ?? []));
}

/** `name=value` texts as values by name, each a parameter of the query, and none lacking. Throws UsageError that names the bad one. */
export function readParameters(sql: string, texts: string[]): Record<string, string> {
  const names = parameterNames(sql);
  const known = names.size === 0 ? "it takes none" : `it takes ${[...names].join(", ")}`;
  const values = new Map<string, string>();
  for (const text of texts) {
    const [, name, value] = /^:?([a-z_]\w*)=([^]*)$/i.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`--param is ${JSON.stringify(text)}; it takes name=value`);
    if (!names.has(name)) throw new UsageError(`the query has no parameter ${name}: ${known}`);
    if (values.has(name)) throw new UsageError(`--param ${name} is given twice`);
    values.set(name, value);
  }
  for (const name of names)
    if (!values.has(name)) throw new UsageError(`the query needs a value for ${name}: --param ${name}=value`);
  return Object.fromEntries(values);
}

/** A value as SQLite is given it: a number when it looks like one and SQLite holds it exactly, else the text. */
export function toParameterValue(text: string): string | number | bigint {
  if (/^-?(0|[1-9]\d*)$/.test(text)) {
    const whole = BigInt(text);
    return BigInt.asIntN(64, whole) === whole ? whole : text;
  }
  return /^-?(0|[1-9]\d*)\.\d+$/.test(text) ? Number(text) : text;
}

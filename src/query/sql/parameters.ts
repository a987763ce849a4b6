import { UsageError } from "../../lib/errors.ts";

/** Matches comments, texts and names, in which SQLite reads no parameter, or a parameter, of which the name is captured. */
const TOKENS =
  /--[^\n]*|\/\*[^]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|:([a-z_]\w*)/gi;

/** The names of the `:name` parameters of a query; those in texts, names and comments do not count. */
export function parameterNames(sql: string): Set<string> {
  return new Set([...sql.matchAll(TOKENS)].flatMap(([, name]) => name ?? []));
}

/** Reads `name=value` texts as values by name. Throws UsageError for a text that names no parameter of the query, and for a missing value. */
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

/** The value to bind: a number when the text looks like one and SQLite can store it exactly, else the text. */
export function toParameterValue(text: string): string | number | bigint {
  if (/^-?(0|[1-9]\d*)$/.test(text)) {
    const whole = BigInt(text);
    return BigInt.asIntN(64, whole) === whole ? whole : text;
  }
  return /^-?(0|[1-9]\d*)\.\d+$/.test(text) ? Number(text) : text;
}

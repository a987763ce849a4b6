import { RestError, shown } from "./rest-error.ts";

/** The parameters of a request, of its address and of a form, in the order in which they came. */
export type Parameters = Record<string, string[]>;

/** Those of an address and of a form. */
export function toParameters(...sources: URLSearchParams[]): Parameters {
  const found: Parameters = Object.create(null) as Parameters;
  for (const source of sources) for (const [name, value] of source) (found[name] ??= []).push(value);
  return found;
}

/** The first value. */
export function optional(parameters: Parameters, name: string): string | undefined {
  return parameters[name]?.[0];
}

/** Throws RestError when it is missing or empty. */
export function required(parameters: Parameters, name: string): string {
  const value = optional(parameters, name);
  if (value) return value;
  throw new RestError("missing", `required parameter "${name}" is missing`);
}

/** A whole number from 0 on, at most `most`. Throws RestError for anything else. */
export function wholeNumber(parameters: Parameters, name: string, fallback: number, most = 100_000_000): number {
  const text = optional(parameters, name);
  if (text === undefined || text === "") return fallback;
  if (!/^\d{1,15}$/.test(text)) throw new RestError("generic", `${name} is "${shown(text)}"; it takes a whole number`);
  return Math.min(Number(text), most);
}

/** Throws RestError when it is missing. */
export function requiredNumber(parameters: Parameters, name: string): number {
  required(parameters, name);
  return wholeNumber(parameters, name, 0);
}

/** `true` or `false`, also `1` and `0`. Throws RestError for anything else. */
export function flag(parameters: Parameters, name: string, fallback: boolean): boolean {
  const text = optional(parameters, name)?.toLowerCase();
  if (text === undefined || text === "") return fallback;
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new RestError("generic", `${name} is "${shown(text)}"; it takes true or false`);
}

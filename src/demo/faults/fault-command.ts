import type { Fault, Matcher, Repeat } from "./faults.ts";

/** A fault rule as JSON can carry it. With `rate` (and `seed`) it hits at random. */
export type FaultCommand = {
  /** "api", "assets", "/regular expression/" on the URL of a file, or { id } for an id in an API request. */
  fault: string | { id: string };
  steps: Fault[];
  repeat?: Repeat;
  rate?: number;
  seed?: number;
};

export function matcherOf(match: FaultCommand["fault"]): Matcher {
  if (typeof match !== "string") return match;
  if (match === "api" || match === "assets") return match;
  const source = /^\/(.*)\/$/.exec(match)?.[1];
  if (source === undefined) throw new Error(`"${match}" is no matcher: api, assets, /regular expression/ or { id }`);
  return new RegExp(source);
}

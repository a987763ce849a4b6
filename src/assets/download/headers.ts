import type { IncomingHttpHeaders } from "node:http";

export type Headers = IncomingHttpHeaders | Record<string, string | string[] | undefined>;

/** The first value of a header; null when it is absent. */
export function one(headers: Headers, name: string): string | null {
  return all(headers, name)[0] ?? null;
}

/** All values of a header that may be repeated. */
export function all(headers: Headers, name: string): string[] {
  return [headers[name] ?? []].flat();
}

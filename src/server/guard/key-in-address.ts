import type { IncomingMessage } from "node:http";

const KEYS = new WeakMap<IncomingMessage, string>();

/**
 * Takes the key out of `/key/<key>/…`: such a base URL serves clients whose Authorization header holds the API's own
 * token. Routes see the rest of the address.
 */
export function takeKeyFromAddress(request: IncomingMessage): void {
  const [, key, rest] = /^\/key\/([^/?#]+)(\/.*)$/s.exec(request.url ?? "") ?? [];
  if (key === undefined || rest === undefined) return;
  request.url = rest;
  KEYS.set(request, decoded(key));
}

/** The key that the address of a request contained. */
export function keyInAddress(request: IncomingMessage): string | undefined {
  return KEYS.get(request);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

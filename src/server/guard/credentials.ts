import type { IncomingMessage } from "node:http";
import type { Keys } from "../keys/keys.ts";

/** How a request proves that it may come in. */
export type Credentials =
  | { kind: "none" }
  | { kind: "wrong"; cookie?: string }
  /** `header`: a page of another site cannot send it. */
  | { kind: "key"; name: string; by: "header" | "cookie" | "address" };

export const COOKIE = "producer_mirror";

/**
 * Reads the key of a request: in the address (`/key/<key>/…`), as Bearer, as Basic, or as the cookie of the page's login.
 * A key in the address comes before an Authorization header, which then belongs to the API.
 */
export function readCredentials({ headers }: IncomingMessage, inAddress: string | undefined, keys: Keys): Credentials {
  if (inAddress !== undefined) return proven(keys.nameOf(inAddress), "address");
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (bearer !== undefined) return proven(keys.nameOf(bearer), "header");
  const [, basic] = /^Basic +(\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (basic !== undefined) return proven(nameOfBasic(basic, keys), "header");
  const cookie = cookieOf(headers.cookie);
  if (cookie === undefined) return { kind: "none" };
  const name = keys.nameOfCookie(cookie);
  return name === undefined ? { kind: "wrong", cookie } : proven(name, "cookie");
}

function proven(name: string | undefined, by: "header" | "cookie" | "address"): Credentials {
  return name === undefined ? { kind: "wrong" } : { kind: "key", name, by };
}

/** Name and key must belong together. */
function nameOfBasic(text: string, keys: Keys): string | undefined {
  const [, name, key = ""] = /^([^:]*):(.*)$/s.exec(Buffer.from(text, "base64").toString()) ?? [];
  const found = keys.nameOf(key);
  return found === name ? found : undefined;
}

function cookieOf(header: string | undefined): string | undefined {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([name]) => name === COOKIE)?.[1];
}

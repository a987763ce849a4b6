import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { readCredentials } from "../guard/credentials.ts";
import { keyInAddress } from "../guard/key-in-address.ts";
import type { Keys } from "../keys/keys.ts";
import { optional, type Parameters } from "./parameters.ts";
import { RestError } from "./rest-error.ts";

/** Who asks, or why nobody may; `wrong` when something was tried that does not fit. */
export type Login = { name: string } | { error: RestError; wrong: boolean };

/**
 * Reads the login of a request: `apiKey`, or `u` with `p` (plain, or hexadecimal after `enc:`) or with `t` and `s`. The user
 * is a key's name, the password the key. Without any of these, a key in a header or in the address; never a cookie, which a
 * browser would send along with another site's script.
 */
export function login(parameters: Parameters, request: IncomingMessage, keys: Keys): Login {
  const [apiKey, user, password, token, salt] = ["apiKey", "u", "p", "t", "s"].map((name) =>
    optional(parameters, name),
  );
  const isByToken = token !== undefined || salt !== undefined;
  if ([apiKey !== undefined, password !== undefined, isByToken].filter(Boolean).length > 1) return twoLogins();
  if (apiKey !== undefined) return user === undefined ? byApiKey(apiKey, keys) : twoLogins();
  if (user === undefined && password === undefined && !isByToken) return byHeader(request, keys, parameters);
  if (user === undefined) return missing("u");
  if (password !== undefined) return judged(user, keys.nameOf(decoded(password)) === user);
  if (token === undefined) return missing(salt === undefined ? "p" : "t");
  return salt === undefined ? missing("s") : judged(user, isToken(token, keys.keyOf(user), salt));
}

function byApiKey(apiKey: string, keys: Keys): Login {
  const name = keys.nameOf(apiKey);
  return name === undefined
    ? { error: new RestError("wrongApiKey", "this API key is not known"), wrong: true }
    : { name };
}

function byHeader(request: IncomingMessage, keys: Keys, parameters: Parameters): Login {
  const credentials = readCredentials(request, keyInAddress(request), keys);
  if (credentials.kind === "key" && credentials.by !== "cookie") return { name: credentials.name };
  const hasTried =
    credentials.kind === "wrong" && (request.headers.authorization ?? keyInAddress(request)) !== undefined;
  if (hasTried) return { error: wrongLogin(), wrong: true };
  if (request.headers.authorization !== undefined || parameters["jwt"] !== undefined)
    return { error: new RestError("otherLogin", "log in by u and p, u, t and s, or apiKey"), wrong: false };
  return missing("u");
}

function judged(name: string, isRight: boolean): Login {
  return isRight ? { name } : { error: wrongLogin(), wrong: true };
}

function wrongLogin(): RestError {
  return new RestError("wrongLogin", "wrong user or password: the user is a key's name, the password the key");
}

function missing(name: string): Login {
  return { error: new RestError("missing", `required parameter "${name}" is missing`), wrong: false };
}

function twoLogins(): Login {
  return { error: new RestError("twoLogins", "several ways to log in at once"), wrong: false };
}

/** A password that looks like hexadecimal but is none is taken as it is. */
function decoded(password: string): string {
  const [, hex] = /^enc:((?:[0-9a-f]{2})+)$/i.exec(password) ?? [];
  return hex === undefined ? password : Buffer.from(hex, "hex").toString();
}

/** A name that is not known costs the same time as one that is. */
function isToken(token: string, key: string | undefined, salt: string): boolean {
  const right = createHash("md5")
    .update(`${key ?? ""}${salt}`)
    .digest();
  const given = Buffer.from(/^[0-9a-f]{32}$/i.test(token) ? token : "0".repeat(32), "hex");
  return timingSafeEqual(right, given) && key !== undefined;
}

import type { Context, MiddlewareHandler } from "hono";
import { EXIT, MirrorError } from "../../lib/errors.ts";
import type { Env } from "../env.ts";
import { failure } from "../failure.ts";
import type { ServerContext } from "../server-context.ts";
import { readCredentials } from "./credentials.ts";
import { isFromOwnPage } from "./foreign-page.ts";
import { keyInAddress } from "./key-in-address.ts";

/**
 * Finds out who asks. With `isRequired` a request without a right key is answered 401, and after ten wrong ones in a
 * minute 429.
 */
export function requireKey({ keys, wrongKeys }: ServerContext, isRequired: boolean): MiddlewareHandler<Env> {
  return async (context, next) => {
    const { incoming, outgoing } = context.env;
    const address = incoming.socket.remoteAddress ?? "";
    const credentials = readCredentials(incoming, keyInAddress(incoming), keys);
    context.set("credentials", credentials);
    if (isRequired && credentials.kind !== "key") {
      if (wrongKeys.isBlocked(address)) return blocked(context);
      if (credentials.kind === "wrong") wrongKeys.count(address, credentials.cookie);
      context.header("WWW-Authenticate", 'Bearer realm="producer-mirror"');
      return failure(context, noKey(credentials.kind));
    }
    if (credentials.kind === "key") keys.letIn(credentials.name, outgoing);
    await next();
    return undefined;
  };
}

/** Whatever changes something: only for a page of ours or a key in a header, which other sites' pages cannot send. */
export const requireOwnWriter: MiddlewareHandler<Env> = async (context, next) => {
  if (["GET", "HEAD", "OPTIONS"].includes(context.req.method)) return next();
  const credentials = context.get("credentials");
  const byHeader = credentials.kind === "key" && credentials.by !== "cookie";
  if (byHeader || isFromOwnPage(context.env.incoming)) return next();
  return failure(context, notFromHere());
};

/** For what a page of another site could have sent. */
export function notFromHere(): MirrorError {
  return new MirrorError("not_from_here", EXIT.usage, "changes are made by a page of this server, or with a key", {
    hint: "send a key as Authorization: Bearer; `producer-mirror key add <name>` makes one",
  });
}

/** For a request without a right key. */
export function noKey(kind: "none" | "wrong"): MirrorError {
  const message = kind === "none" ? "a key is needed" : "this key is not known";
  const hint = "`producer-mirror key add <name>` makes one; send it as Authorization: Bearer";
  return new MirrorError(kind === "none" ? "no_key" : "wrong_key", EXIT.usage, message, { hint });
}

/** For one more wrong key from an address that has sent many. */
export function blocked(context: Context): Response {
  context.header("Retry-After", "60");
  const hint = "wait a minute";
  return failure(context, new MirrorError("blocked", EXIT.usage, "too many wrong keys from this address", { hint }));
}

import type { IncomingMessage } from "node:http";
import { Hono } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { UsageError } from "../../lib/errors.ts";
import type { Env } from "../env.ts";
import { failure } from "../failure.ts";
import { blocked, noKey, notFromHere } from "../guard/access.ts";
import { COOKIE } from "../guard/credentials.ts";
import { isFromOwnPage } from "../guard/foreign-page.ts";
import type { ServerContext } from "../server-context.ts";
import { readKey } from "./read-key.ts";

/** The key ends it: a browser that is lost is ended by `key rm`. */
const YEAR_S = 365 * 24 * 3600;

/** The page's login, for pages of this server alone: another site could log a browser in as somebody else. */
export function loginRoutes({ keys, wrongKeys }: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  routes.use(async (context, next) => {
    if (!["/login", "/logout"].includes(context.req.path) || context.req.method !== "POST") return next();
    context.header("Cache-Control", "no-store");
    return isFromOwnPage(context.env.incoming) ? next() : failure(context, notFromHere());
  });

  routes.post("/login", async (context) => {
    const { incoming } = context.env;
    const address = incoming.socket.remoteAddress ?? "";
    const asked = await readKey(incoming);
    const name = keys.nameOf(asked.key);
    if (name === undefined && wrongKeys.isBlocked(address)) return blocked(context);
    if (name === undefined) {
      wrongKeys.count(address);
      return failure(context, noKey("wrong"));
    }
    setCookie(context, COOKIE, keys.cookieOf(name) ?? "", cookieOptions(incoming));
    keys.letIn(name, context.env.outgoing);
    return asked.isForm ? context.redirect("/", 303) : context.body(null, 204);
  });

  routes.post("/logout", (context) => {
    deleteCookie(context, COOKIE, cookieOptions(context.env.incoming));
    return context.body(null, 204);
  });

  routes.all("/:name{login|logout}", (context) =>
    failure(context, new UsageError(`${context.req.path} takes POST alone`, { code: "not_found" })),
  );
  return routes;
}

/** `secure` where a proxy speaks https to the browser: the browser says so in Origin, most proxies in a header. */
function cookieOptions({ headers }: IncomingMessage) {
  const secure = /^https:/i.test(headers.origin ?? "") || headers["x-forwarded-proto"] === "https";
  return { httpOnly: true, sameSite: "Strict", path: "/", maxAge: YEAR_S, secure } as const;
}

import { Hono } from "hono";
import { UsageError } from "../../lib/errors.ts";
import { isoTime } from "../../lib/time/dates.ts";
import type { Env } from "../env.ts";
import { failure } from "../failure.ts";
import type { ServerContext } from "../server-context.ts";

/** Starts a sync or a verify: 202 with what began, 409 with what is at work. */
export function runnerRoutes({ runner }: Pick<ServerContext, "runner">): Hono<Env> {
  const routes = new Hono<Env>();
  for (const what of ["sync", "verify"] as const)
    routes.post(`/${what}`, async (context) => {
      const mode = context.req.query("mode") ?? "quick";
      if (mode !== "quick" && mode !== "full")
        return failure(context, new UsageError(`mode is "${mode.slice(0, 50)}"; it takes quick or full`));
      const begun = await (await runner()).begin(what, mode);
      if ("began" in begun) return context.json({ began: what, at: isoTime(begun.at) }, 202);
      const since = isoTime(begun.since);
      const message = `a ${what} has been at work since ${since}`;
      return context.json({ error: { code: "at_work", message, hint: "/api/events tells when it ends" }, since }, 409);
    });
  return routes;
}

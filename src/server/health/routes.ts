import { Hono } from "hono";
import { lastCompleteRunAt } from "../../query/history/runs.ts";
import { isoTime } from "../../lib/time/dates.ts";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";

/** Whether the process works: the database answers. Says nothing of what is in it, so it needs no key. */
export function aliveRoutes({ archive }: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get("/healthz", async (context) => {
    const { db } = await archive.current();
    db.$client.prepare("select 1 from archive_info limit 1").get();
    return context.text("ok\n", 200, { "Cache-Control": "no-store" });
  });
  return routes;
}

/** Whether the archive is kept up to date: 503 when the last complete run is older than it may be. */
export function readyRoutes({ archive, options }: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get("/readyz", async (context) => {
    const at = lastCompleteRunAt((await archive.current()).db);
    const isFresh = at !== null && Math.abs(Date.now() - at) <= options.maxAgeMs;
    const text = at === null ? "no run has been complete yet" : `the last complete run ended at ${isoTime(at)}`;
    return context.text(`${isFresh ? "ok" : "not ready"}: ${text}\n`, isFresh ? 200 : 503, {
      "Cache-Control": "no-store",
    });
  });
  return routes;
}

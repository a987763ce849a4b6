import { Hono } from "hono";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";

/** Figures for Prometheus. */
export function metricsRoutes({ workers }: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get("/metrics", async (context) =>
    context.body(JSON.parse(await workers.ask("metrics", {})) as string, 200, {
      "Content-Type": "text/plain; version=0.0.4; charset=utf-8",
      "Cache-Control": "no-store",
    }),
  );
  return routes;
}

import { Hono } from "hono";
import { readWords } from "../archive-data/routes.ts";
import type { Env } from "../env.ts";
import { ownAddress } from "../replay/own-address.ts";
import type { ServerContext } from "../server-context.ts";

/** The podcast of the songs here, filtered as lists are. A key in its address is in the addresses of its files too. */
export function feedRoutes({ workers }: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get("/feed.xml", async (context) => {
    const { incoming } = context.env;
    const base = ownAddress(incoming);
    const words = readWords(context.req.queries());
    const text = await workers.ask("feed", { words, base, selfUrl: base + (incoming.url ?? "/feed.xml") });
    return context.body(JSON.parse(text) as string, 200, {
      "Content-Type": "application/rss+xml; charset=utf-8",
      "Cache-Control": "no-store",
    });
  });
  return routes;
}

import { Hono } from "hono";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";
import { readShape } from "./read-shape.ts";

/** As many ids as anybody picks at once. */
const MAX_BYTES = 2_000_000;

const REMOVED = z.strictObject({ clips: z.array(z.string().max(100)).min(1), undo: z.boolean().optional() });

/** `POST /rm` does what `rm` does to these clips, with `undo` what `rm --undo` does; 503 while a run is at work. */
export function removeRoutes({ workers }: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  routes.post("/rm", async (context) => {
    const wanted = await readShape(context, REMOVED, MAX_BYTES);
    const text = await workers.ask("remove", wanted);
    return context.body(text, 200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  });
  return routes;
}

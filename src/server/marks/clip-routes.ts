import { Hono, type Context } from "hono";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";
import type { MarkInput, TagInput } from "./mark-questions.ts";
import { readShape } from "./read-shape.ts";

const MAX_BYTES = 4096;

const RATING = z.strictObject({ rating: z.int().min(0).max(5) });
const PLAY = z.strictObject({ playedAt: z.iso.datetime({ offset: true }).optional() });

/** Stars, ratings, plays and tags of one clip. A repeated PUT or DELETE changes nothing. */
export function clipMarkRoutes({ workers }: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  const json = (context: Context<Env>, text: string) =>
    context.body(text, 200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  const mark = async (context: Context<Env, "/:id/x">, change: MarkInput["change"]) =>
    json(context, await workers.ask("mark", { id: context.req.param("id"), change }));
  const tag = async (context: Context<Env, "/:id/x">, change: TagInput["change"]) =>
    json(context, await workers.ask("changeTags", { id: context.req.param("id"), change }));
  routes.put("/:id/star", (context) => mark(context, { starred: true }));
  routes.delete("/:id/star", (context) => mark(context, { starred: false }));
  routes.put("/:id/rating", async (context) => mark(context, await readShape(context, RATING, MAX_BYTES)));
  routes.post("/:id/plays", async (context) => {
    const { playedAt } = await readShape(context, PLAY, MAX_BYTES);
    return mark(context, playedAt === undefined ? {} : { playedAt: Date.parse(playedAt) });
  });
  routes.put("/:id/tags/:tag", (context) => tag(context, { added: [context.req.param("tag")], removed: [] }));
  routes.delete("/:id/tags/:tag", (context) => tag(context, { added: [], removed: [context.req.param("tag")] }));
  return routes;
}

import { Hono, type Context } from "hono";
import { z } from "zod";
import type { PlaylistEdit } from "../../archive/marks/playlists.ts";
import { UsageError } from "../../lib/errors.ts";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";
import { readShape } from "./read-shape.ts";

/** A list of the most songs that a playlist holds. */
const MAX_BYTES = 2_000_000;

const CLIPS = z.array(z.string().max(100));
const NEW = z.strictObject({ name: z.string(), comment: z.string().optional(), clips: CLIPS.optional() });
const CHANGED = z.strictObject({
  name: z.string().optional(),
  comment: z.string().optional(),
  clips: CLIPS.optional(),
  changedAt: z.iso.datetime().optional(),
});
const ADDED = z.strictObject({ clips: CLIPS.min(1), position: z.int().min(0).optional() });
const MOVED = z.strictObject({ clip: z.string(), to: z.int().min(0) });

/**
 * Playlists: `POST /` makes one, `PUT /:id` gives it a name, a comment or another order, `DELETE /:id` ends it;
 * `POST /:id/clips` adds, `DELETE /:id/clips/:position?clip=<id>` removes and `PUT` there moves one entry, by the position
 * and the clip that were seen. With `changedAt`, as it was read, an order replaces only the one that was seen (409).
 */
export function playlistRoutes({ workers }: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  const edit = async (context: Context<Env>, id: string, edits: PlaylistEdit[], seenAt?: number) =>
    context.body(await workers.ask("editPlaylist", { id, edits, seenAt }), 200, JSON_HEADERS);

  routes.post("/", async (context) => {
    const wanted = await readShape(context, NEW, MAX_BYTES);
    return context.body(await workers.ask("createPlaylist", wanted), 201, JSON_HEADERS);
  });
  routes.put("/:id", async (context) => {
    const { name, comment, clips, changedAt } = await readShape(context, CHANGED, MAX_BYTES);
    const edits: PlaylistEdit[] = [];
    if (name !== undefined || comment !== undefined)
      edits.push({ do: "describe", ...(name !== undefined && { name }), ...(comment !== undefined && { comment }) });
    if (clips) edits.push({ do: "replace", clipIds: clips });
    return edit(context, context.req.param("id"), edits, changedAt === undefined ? undefined : Date.parse(changedAt));
  });
  routes.delete("/:id", async (context) => {
    await workers.ask("editPlaylist", { id: context.req.param("id"), edits: [{ do: "delete" }] });
    return context.body(null, 204);
  });
  routes.post("/:id/clips", async (context) => {
    const { clips, position = null } = await readShape(context, ADDED, MAX_BYTES);
    return edit(context, context.req.param("id"), [{ do: "add", clipIds: clips, position }]);
  });
  routes.put("/:id/clips/:position", async (context) => {
    const { clip, to } = await readShape(context, MOVED, MAX_BYTES);
    const entry = { position: readPosition(context.req.param("position")), clipId: clip };
    return edit(context, context.req.param("id"), [{ do: "move", entry, to }]);
  });
  routes.delete("/:id/clips/:position", (context) => {
    const clipId = context.req.query("clip");
    if (clipId === undefined) throw new UsageError("clip is missing: the id of the clip that was seen there");
    const entry = { position: readPosition(context.req.param("position")), clipId };
    return edit(context, context.req.param("id"), [{ do: "remove", entries: [entry] }]);
  });
  return routes;
}

const JSON_HEADERS = { "Content-Type": "application/json", "Cache-Control": "no-store" };

function readPosition(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`the position is "${text.slice(0, 100)}"; it takes a whole number from 0`);
}

import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { UsageError } from "../../lib/errors.ts";
import { findFile } from "../../query/files/find-file.ts";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";
import type { SendFile } from "./send-file.ts";
import type { Thumbnails } from "./thumbnails/thumbnails.ts";

/**
 * The stored files: `GET /media/<clip or task id>/<kind>`, a picture also smaller, by `?size=<pixels>`. A file is found by
 * its row alone.
 */
export function mediaRoutes({ archive }: ServerContext, sendFile: SendFile, thumbnails: Thumbnails): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get("/:id/:kind", async ({ req, env }) => {
    const { db } = await archive.current();
    const [kind, isDownload] = [req.param("kind"), req.query("download") !== undefined];
    const known = findFile(db, req.param("id"), kind);
    if (!known) throw new UsageError("there is no such file", { code: "not_found" });
    const size = kind === "image" && !isDownload ? readSize(req.query("size")) : undefined;
    const thumbnail = size === undefined ? undefined : await thumbnails(req.raw, known, size);
    if (thumbnail) return thumbnail;
    await sendFile(env, known, { isDownload });
    return RESPONSE_ALREADY_SENT;
  });
  return routes;
}

function readSize(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,4}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`size is "${text.slice(0, 100)}"; it takes the pixels of the longer side`);
}

import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { UsageError } from "../../lib/errors.ts";
import { findFile } from "../../query/files/find-file.ts";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";
import type { SendFile } from "./send-file.ts";

/** The stored files: `GET /media/<clip or task id>/<kind>`. A file is found by its row alone. */
export function mediaRoutes({ archive }: ServerContext, sendFile: SendFile): Hono<Env> {
  const routes = new Hono<Env>();
  routes.get("/:id/:kind", async ({ req, env }) => {
    const { db } = await archive.current();
    const known = findFile(db, req.param("id"), req.param("kind"));
    if (!known) throw new UsageError("there is no such file", { code: "not_found" });
    await sendFile(env, known, { isDownload: req.query("download") !== undefined });
    return RESPONSE_ALREADY_SENT;
  });
  return routes;
}

import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { UsageError } from "../../lib/errors.ts";
import { findFile, type KnownFile } from "../../query/files/find-file.ts";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";
import { readConditions } from "./conditions.ts";
import { rememberDigests } from "./digests.ts";
import { etagOf, fileHeaders } from "./file-headers.ts";
import { openStored } from "./open-stored.ts";
import { sendPart } from "./send-part.ts";

/**
 * The stored files: `GET /media/<clip or task id>/<kind>`. A file is found by its row alone. Its bytes go from the file to
 * node's own response, past hono, so that the first one waits for nothing else.
 */
export function mediaRoutes(context: ServerContext): Hono<Env> {
  const routes = new Hono<Env>();
  const digests = rememberDigests(context.workers);
  routes.get("/:id/:kind", async ({ req, env }) => {
    const { db } = await context.archive.current();
    const known = findFile(db, req.param("id"), req.param("kind"));
    if (!known) throw new UsageError("there is no such file", { code: "not_found" });
    const headers = fileHeaders(known, req.query("download") !== undefined);
    const file = await openStored(context, digests, known);
    await answer(env.incoming, env.outgoing, known, headers, file);
    return RESPONSE_ALREADY_SENT;
  });
  return routes;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  known: KnownFile,
  headers: Record<string, string>,
  file: FileHandle,
): Promise<void> {
  const { bytes } = known;
  const asked = readConditions(request.method, request.headers, { etag: etagOf(known), bytes });
  const part = asked.kind === "part" ? asked : { start: 0, end: bytes - 1 };
  const length = part.end - part.start + 1;
  if (asked.kind === "unchanged") response.writeHead(304, headers);
  else if (asked.kind === "failed") response.writeHead(412, { "Content-Length": 0 });
  else if (asked.kind === "unsatisfiable")
    response.writeHead(416, { "Content-Range": `bytes */${bytes}`, "Content-Length": 0 });
  else if (asked.kind === "whole") response.writeHead(200, { ...headers, "Content-Length": length });
  else {
    const range = `bytes ${part.start}-${part.end}/${bytes}`;
    response.writeHead(206, { ...headers, "Content-Range": range, "Content-Length": length });
  }
  const hasBody = request.method === "GET" && (asked.kind === "whole" || asked.kind === "part");
  // Not waited for: hono is done with this request.
  if (hasBody && length > 0) return void sendPart(file, { start: part.start, length }, response);
  response.end();
  await file.close();
}

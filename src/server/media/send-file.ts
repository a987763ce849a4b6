import type { FileHandle } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { KnownFile } from "../../query/files/find-file.ts";
import type { Env } from "../env.ts";
import type { ServerContext } from "../server-context.ts";
import { readConditions } from "./conditions.ts";
import { rememberDigests, type Digests } from "./digests.ts";
import { etagOf, fileHeaders } from "./file-headers.ts";
import { openStored } from "./open-stored.ts";
import { sendPart } from "./send-part.ts";

/**
 * Answers with a stored file, or the part that was asked for. Its bytes go from the file to node's own response, past hono,
 * so that the first one waits for nothing else. Throws as openStored does, before anything is sent.
 */
export type SendFile = {
  (http: Env["Bindings"], known: KnownFile, options: { isDownload: boolean }): Promise<void>;
  /** What the digests of files are remembered in. */
  digests: Digests;
};

export function fileSender(context: ServerContext): SendFile {
  const digests = rememberDigests(context.workers);
  const send = async (
    { incoming, outgoing }: Env["Bindings"],
    known: KnownFile,
    { isDownload }: { isDownload: boolean },
  ) => {
    const headers = fileHeaders(known, isDownload);
    const file = await openStored(context, digests, known);
    await answer(incoming, outgoing, known, headers, file);
  };
  return Object.assign(send, { digests });
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
  // A player may ask for a song by a form.
  const hasBody = request.method !== "HEAD" && (asked.kind === "whole" || asked.kind === "part");
  // Not waited for: hono is done with this request.
  if (hasBody && length > 0) return void sendPart(file, { start: part.start, length }, response);
  response.end();
  await file.close();
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Credentials } from "../guard/credentials.ts";
import { ApiRefusal } from "../replay/api-refusal.ts";
import { headersForCaller, headersForUpstream } from "./headers.ts";
import type { AnswerKeeper, Gathered } from "./keep-answers.ts";
import { callUpstream, upstreamUrl, type Upstream } from "./upstream.ts";

/** Which calls go to the API: reads that the archive cannot answer, or these and every other call. */
export const PASS_ON = ["reads", "all"] as const;
export type PassOn = (typeof PASS_ON)[number];

/** One call of an application. */
export type Caller = { request: IncomingMessage; response: ServerResponse; credentials: Credentials };

/**
 * Passes a call on to the API as it came, once, with the caller's own token, and streams the answer back as it is. What
 * the answer says of tasks is kept. Throws ApiRefusal while nothing was answered yet.
 */
export async function passOn(
  upstream: Upstream,
  keeper: AnswerKeeper,
  { request, response, credentials }: Caller,
  body: Buffer | IncomingMessage,
): Promise<void> {
  requireToken(request, credentials);
  const path = request.url ?? "";
  const headers = headersForUpstream(request, upstreamUrl(upstream.apiUrl, path).host);
  if (Buffer.isBuffer(body)) headers["content-length"] = String(body.length);
  const left = new AbortController();
  response.once("close", () => left.abort());
  const call = { method: request.method ?? "POST", path, headers, body, signal: left.signal };
  const answer = await callUpstream(upstream, call);
  response.writeHead(answer.statusCode ?? 502, headersForCaller(answer.headers));
  const gathered = keeper.gather();
  try {
    await pipeline(answer, (chunks: AsyncIterable<Buffer>) => gathering(chunks, gathered), response);
    if ((answer.statusCode ?? 0) < 300) gathered.keep();
  } catch {
    // Cut upstream, or the caller has left: what was sent must not look whole.
    response.destroy();
  } finally {
    gathered.forget();
  }
}

async function* gathering(chunks: AsyncIterable<Buffer>, gathered: Gathered): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    gathered.add(chunk);
    yield chunk;
  }
}

/** A key of ours is no token of the API, and goes nowhere. Throws ApiRefusal (401). */
export function requireToken({ headers }: IncomingMessage, credentials: Credentials): void {
  const isOurs = credentials.kind === "key" && credentials.by === "header";
  if (headers.authorization !== undefined && !isOurs) return;
  const message = "This call would go to the API, which takes a token of its own: send it as Authorization.";
  throw new ApiRefusal(401, "invalid_token", message);
}

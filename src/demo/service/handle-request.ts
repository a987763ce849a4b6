import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { apiReply, type ApiState } from "./api-routes.ts";
import { assetReply } from "./asset-routes.ts";
import type { Bucket } from "./bucket.ts";
import type { MishapRule } from "./mishaps.ts";
import { recordRequest, type RecordedRequest } from "./recorded-request.ts";
import { sendReply } from "./send-reply.ts";

/** What the servers of one service share. */
export type ServiceState = {
  api: ApiState;
  assets: Bucket;
  mishaps: MishapRule;
  /** Every request so far, oldest first. */
  requests: RecordedRequest[];
  signal: AbortSignal;
};

/** Records one request and replies to it. `server` undefined: both share a port, and the request shows which it is for. */
export async function handleRequest(
  state: ServiceState,
  request: IncomingMessage,
  response: ServerResponse,
  server: RecordedRequest["server"] | undefined,
): Promise<void> {
  const { api, assets, signal } = state;
  const recorded = await recordRequest(request, server);
  state.requests.push(recorded);
  const mishap = state.mishaps(recorded, response);
  if (mishap.delay !== undefined) await sleep(mishap.delay, undefined, { signal });
  const correctReply = () =>
    recorded.server === "assets" ? assetReply(assets, recorded, mishap) : apiReply(api, recorded, mishap);
  const exchange = { request, response, reply: mishap.reply ?? correctReply(), signal };
  if (mishap.send !== undefined) return mishap.send(exchange);
  sendReply(exchange);
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { apiReply, type Api } from "./api-routes.ts";
import { assetReply } from "./asset-routes.ts";
import type { AssetStore } from "./asset-store.ts";
import { deliver } from "./deliver.ts";
import { faultyAnswer } from "../faults/fault-answer.ts";
import type { FaultTable } from "../faults/fault-table.ts";
import { damageText } from "../faults/fault-text.ts";
import type { Fault } from "../faults/faults.ts";
import { recordRequest, type RecordedRequest } from "./recorded-request.ts";
import { withHeader, type Reply } from "./reply.ts";
import { violationsOf } from "../faults/violations.ts";

/** Requests at once. */
export type Meter = { api: number; assets: number };

/** What the servers share. */
export type State = {
  api: Api;
  assets: AssetStore;
  faults: FaultTable;
  requests: RecordedRequest[];
  violations: string[];
  peak: Meter;
  open: Meter;
  date: string | undefined;
  signal: AbortSignal;
};

/** Notes one request down and answers it, with the faults that are due for it. */
export async function answerRequest(
  state: State,
  incoming: IncomingMessage,
  response: ServerResponse,
  server: RecordedRequest["server"] | undefined,
): Promise<void> {
  const request = await recordRequest(incoming, server);
  state.requests.push(request);
  state.violations.push(...violationsOf(request));
  countOpen(state, request.server, response);
  const faults = state.faults.take(request);
  await delayed(faults, state.signal);
  const reply = replyTo(state, request, faults);
  const dated = state.date === undefined ? reply : withHeader(reply, "Date", state.date);
  await deliver(incoming, response, dated, faults, state.signal);
}

function countOpen({ open, peak }: State, server: RecordedRequest["server"], response: ServerResponse): void {
  open[server] += 1;
  peak[server] = Math.max(peak[server], open[server]);
  response.once("close", () => {
    open[server] -= 1;
  });
}

async function delayed(faults: Fault[], signal: AbortSignal): Promise<void> {
  for (const fault of faults) if (fault.kind === "delay") await sleep(fault.ms, undefined, { signal });
}

function replyTo(state: State, request: RecordedRequest, faults: Fault[]): Reply {
  const faulty = faultyAnswer(faults, request);
  if (faulty !== undefined) return faulty;
  if (request.server === "assets") return assetReply(state.assets, request, faults);
  return damageText(apiReply(state.api, request, faults), faults);
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { apiReply, type Api } from "./api-routes.ts";
import { assetReply } from "./asset-routes.ts";
import { AssetStore } from "./asset-store.ts";
import { deliver } from "./deliver.ts";
import { faultyAnswer } from "./fault-answer.ts";
import { FaultTable } from "./fault-table.ts";
import { damageText } from "./fault-text.ts";
import type { Fault } from "./faults.ts";
import { demoLibrary } from "./library.ts";
import { listenOnLoopback, type LoopbackServer } from "./loopback-server.ts";
import { makeRecord } from "./make-record.ts";
import { RecordBook } from "./record-book.ts";
import { recordRequest, type RecordedRequest } from "./recorded.ts";
import { withHeader, type Reply } from "./reply.ts";
import type { StandIn, StandInOptions } from "./stand-in-types.ts";
import { violationsOf } from "./violations.ts";

/** What the servers share. */
type State = {
  api: Api;
  assets: AssetStore;
  faults: FaultTable;
  requests: RecordedRequest[];
  violations: string[];
  peak: StandIn["peak"];
  open: StandIn["peak"];
  date: string | undefined;
  signal: AbortSignal;
};

/** Starts the stand-in; it holds the process open until `close`. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const stop = new AbortController();
  let state: State | undefined;
  const answer = (server?: RecordedRequest["server"]) => (request: IncomingMessage, response: ServerResponse) =>
    state === undefined ? Promise.reject(new Error("not ready")) : handle(state, request, response, server);
  const separate = options.separateAssets === true;
  const main = await listenOnLoopback(options.port ?? 0, answer(separate ? "api" : undefined));
  const files = separate ? await listenOnLoopback(0, answer("assets")) : main;
  const { now = Date.now(), pendingAnswers = 2 } = options;
  const library = (options.library ?? ((base) => demoLibrary({ assetBase: base, now, pendingAnswers })))(files.url);
  state = newState(options, new RecordBook(library), stop.signal);
  return standIn({ state, library, main, files, stop });
}

function newState(options: StandInOptions, records: RecordBook, signal: AbortSignal): State {
  const stranger = (n: number) => {
    const record = makeRecord(n, {}, { seed: "somebody else" });
    return { id: record.id, text: JSON.stringify(record) };
  };
  return {
    api: { records, token: options.token, filters: options.filters ?? "honoured", stranger },
    assets: new AssetStore({ padTo: options.padTo ?? 0, hashes: options.hashes ?? true }),
    faults: new FaultTable(),
    requests: [],
    violations: [],
    peak: { api: 0, assets: 0 },
    open: { api: 0, assets: 0 },
    date: options.date,
    signal,
  };
}

async function handle(
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

type Parts = {
  state: State;
  library: StandIn["library"];
  main: LoopbackServer;
  files: LoopbackServer;
  stop: AbortController;
};

function standIn({ state, library, main, files, stop }: Parts): StandIn {
  const { faults, requests, violations, assets, peak } = state;
  const { records } = state.api;
  const servers = main === files ? [main] : [main, files];
  const of = (server: RecordedRequest["server"]) => requests.filter((one) => one.server === server);
  const close = async () => {
    stop.abort();
    await Promise.all(servers.map((server) => server.close()));
  };
  return {
    url: main.url,
    assetUrl: files.url,
    assetHost: `127.0.0.1:${files.port}`,
    ...{ library, records, assets, requests, violations, peak },
    apiRequests: () => of("api"),
    assetRequests: () => of("assets"),
    connections: () => servers.reduce((sum, server) => sum + server.connections(), 0),
    assetConnections: () => files.connections(),
    fault: (match, steps, repeat = "once") =>
      faults.add({ match, steps: Array.isArray(steps) ? steps : [steps], repeat }),
    faultAtRandom: (rule) => faults.addRandom(rule),
    poison: (id, status = 500) => faults.add({ match: { id }, steps: [{ kind: "status", status }], repeat: "forever" }),
    clearFaults: () => faults.clear(),
    faultsLeft: () => faults.left,
    remove: (id) => void records.delete(id),
    reset() {
      requests.length = 0;
      violations.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

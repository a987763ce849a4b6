import { answerRequest, type State } from "./answer-request.ts";
import { AssetStore } from "./asset-store.ts";
import { FaultTable } from "../faults/fault-table.ts";
import { demoLibrary } from "../library/library.ts";
import { listenOnLoopback, type LoopbackServer } from "./loopback-server.ts";
import { makeRecord } from "../faults/make-record.ts";
import { RecordBook } from "./records.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import type { StandIn, StandInOptions } from "./stand-in-types.ts";

/** Starts the stand-in; it holds the process open until `close`. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const stop = new AbortController();
  const main = await listenOnLoopback(options.port ?? 0);
  const files = options.separateAssets === true ? await listenOnLoopback(0) : main;
  const { now = Date.now(), pendingAnswers = 2 } = options;
  const library = (options.library ?? ((base) => demoLibrary({ assetBase: base, now, pendingAnswers })))(files.url);
  const state = newState(options, new RecordBook(library), stop.signal);
  main.serve((request, response) => answerRequest(state, request, response, main === files ? undefined : "api"));
  if (main !== files) files.serve((request, response) => answerRequest(state, request, response, "assets"));
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
    library,
    records,
    assets,
    requests,
    violations,
    peak,
    apiRequests: () => of("api"),
    assetRequests: () => of("assets"),
    connections: () => servers.reduce((sum, server) => sum + server.connections(), 0),
    assetConnections: () => files.connections(),
    fault: (match, steps, repeat = "once") =>
      faults.add({
        match,
        steps: Array.isArray(steps) ? steps : [steps],
        repeat,
      }),
    faultAtRandom: (rule) => faults.addRandom(rule),
    poison: (id, status = 500) =>
      faults.add({
        match: { id },
        steps: [
          {
            kind: "status",
            status,
          },
        ],
        repeat: "forever",
      }),
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

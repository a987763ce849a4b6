import { demoLibrary } from "../library/library.ts";
import type { DemoLibrary } from "../library/library-types.ts";
import type { FilterMode } from "./api-query.ts";
import { Bucket } from "./bucket.ts";
import { handleRequest, type ServiceState } from "./handle-request.ts";
import { listenOnLoopback } from "./loopback-server.ts";
import { noMishaps, type MishapRule } from "./mishaps.ts";
import { RecordStore } from "./records.ts";
import type { RecordedRequest } from "./recorded-request.ts";

export type DemoServiceOptions = {
  /** 0, the default: any free port. */
  port?: number;
  /** What the account holds, given the origin of its files. Default: the demo library. */
  library?: (assetBase: string) => DemoLibrary;
  /** The only token that is accepted. Default: any. */
  token?: string;
  /** Serves files on a second port, so that a caller sees which origin received what. */
  separateAssets?: boolean;
  /** Default: `honoured`. */
  filters?: FilterMode;
  /** How many responses show the running task of the demo library as pending. Default: 2. */
  pendingResponses?: number;
  /** Milliseconds since the epoch, shortly after the running task of the demo library started. Default: now. */
  now?: number;
  /** Songs have at least so many bytes. */
  padTo?: number;
  /** Sends `x-goog-hash` with files. Default: true. */
  hashes?: boolean;
  /** Default: nothing goes wrong. */
  mishaps?: MishapRule;
};

/** A service on 127.0.0.1 that speaks like Producer and has songs of its own. */
export type DemoService = AsyncDisposable & {
  /** Origin of the API, `http://127.0.0.1:PORT`. */
  url: string;
  /** Origin of the files; the same unless `separateAssets`. */
  assetUrl: string;
  /** `127.0.0.1:PORT` of the files, as the setting of allowed hosts takes it. */
  assetHost: string;
  library: DemoLibrary;
  /** The records that the API serves; they may be changed at any time. */
  records: RecordStore;
  /** The files; `set` and `delete` take a path. */
  assets: Bucket;
  /** All requests, oldest first. */
  requests: RecordedRequest[];
  /** TCP connections accepted so far: by both servers, or by the one of the files. */
  connections(): number;
  assetConnections(): number;
  /** Ends everything that is open. */
  close(): Promise<void>;
};

/** Starts a service. It keeps the process alive until `close`. */
export async function startDemoService(options: DemoServiceOptions = {}): Promise<DemoService> {
  const stop = new AbortController();
  const main = await listenOnLoopback(options.port ?? 0);
  const files = options.separateAssets === true ? await listenOnLoopback(0) : main;
  const servers = main === files ? [main] : [main, files];
  const library = makeLibrary(options, files.url);
  const state = newState(options, new RecordStore(library), stop.signal);
  main.serve((request, response) => handleRequest(state, request, response, main === files ? undefined : "api"));
  if (main !== files) files.serve((request, response) => handleRequest(state, request, response, "assets"));
  const close = async () => {
    stop.abort();
    await Promise.all(servers.map((server) => server.close()));
  };
  return {
    url: main.url,
    assetUrl: files.url,
    assetHost: `127.0.0.1:${files.port}`,
    library,
    records: state.api.records,
    assets: state.assets,
    requests: state.requests,
    connections: () => servers.reduce((sum, server) => sum + server.connections(), 0),
    assetConnections: () => files.connections(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function makeLibrary(options: DemoServiceOptions, assetBase: string): DemoLibrary {
  const { now = Date.now(), pendingResponses = 2 } = options;
  return options.library?.(assetBase) ?? demoLibrary({ assetBase, now, pendingResponses });
}

function newState(options: DemoServiceOptions, records: RecordStore, signal: AbortSignal): ServiceState {
  return {
    api: { records, token: options.token, filters: options.filters ?? "honoured" },
    assets: new Bucket({ padTo: options.padTo ?? 0, hashes: options.hashes ?? true }),
    mishaps: options.mishaps ?? noMishaps,
    requests: [],
    signal,
  };
}

import type { Meter } from "./answer-request.ts";
import type { FilterMode } from "./api-query.ts";
import type { AssetStore } from "./asset-store.ts";
import type { RandomRule, Step } from "../faults/fault-table.ts";
import type { Fault, Matcher, Repeat } from "../faults/faults.ts";
import type { Library } from "../library/library-types.ts";
import type { RecordBook } from "./records.ts";
import type { RecordedRequest } from "./recorded-request.ts";

export type StandInOptions = {
  /** 0 or nothing: a free port. */
  port?: number;
  /** What the account holds, given the origin of its files; the demo library unless said. */
  library?: (assetBase: string) => Library;
  /** The only token that is let in; any unless said. */
  token?: string;
  /** Files come from a second port, so that a test sees which origin was told what. */
  separateAssets?: boolean;
  filters?: FilterMode;
  /** How many answers the running task of the demo library stays pending; 2 unless said. */
  pendingAnswers?: number;
  /** Milliseconds since the epoch: when the running task of the demo library was begun; the start unless said. */
  now?: number;
  /** Songs are at least so many bytes. */
  padTo?: number;
  /** `x-goog-hash` with the files; on unless said. */
  hashes?: boolean;
  /** Value of every Date header, in place of the clock's. */
  date?: string;
};

/** A Producer on 127.0.0.1 with songs of its own. */
export type StandIn = AsyncDisposable & {
  /** Origin of the API, `http://127.0.0.1:PORT`. */
  url: string;
  /** Origin of the files; the same unless `separateAssets`. */
  assetUrl: string;
  /** `127.0.0.1:PORT` of the files, as the setting of allowed hosts takes it. */
  assetHost: string;
  library: Library;
  /** What the service answers with; change it at will. */
  records: RecordBook;
  /** What the buckets hold; `set` and `delete` by path. */
  assets: AssetStore;
  /** All requests, oldest first. */
  requests: RecordedRequest[];
  /** Those to the API, and those for files. */
  apiRequests(): RecordedRequest[];
  assetRequests(): RecordedRequest[];
  /** What a mirror may not do, one line each. */
  violations: string[];
  /** TCP connections accepted so far by both servers, and by the one of the files. */
  connections(): number;
  assetConnections(): number;
  /** The most requests that were open at once. */
  peak: Meter;
  /** Adds a rule; see faults.ts for what there is. */
  fault(match: Matcher, steps: Step | Step[], repeat?: Repeat): void;
  /** Hits each matching request with probability `rate`, the same ones for the same seed and order. */
  faultAtRandom(rule: Omit<RandomRule, "steps"> & { steps: Fault[] }): void;
  /** Every request for this id fails, alone or in a batch. */
  poison(id: string, status?: number): void;
  clearFaults(): void;
  /** Faults of `once` rules that no request has met yet. */
  faultsLeft(): number;
  /** The service forgets a task. */
  remove(id: string): void;
  /** Forgets requests and violations so far. */
  reset(): void;
  close(): Promise<void>;
};

import { startDemoService, type DemoService, type DemoServiceOptions } from "../../src/demo/service/demo-service.ts";
import type { RecordedRequest } from "../../src/demo/service/recorded-request.ts";
import type { Fault, Matcher, Repeat } from "./faults/faults.ts";
import { mishapOf } from "./faults/mishap.ts";
import { FaultTable, type FaultStep, type RandomRule } from "./faults/table.ts";
import { violationsOf } from "./violations.ts";

export type StandInOptions = Omit<DemoServiceOptions, "mishaps"> & {
  /** Value of every Date header. Default: the time of the clock. */
  date?: string;
};

/** The demo service with faults to order, which also checks and counts what it receives. */
export type StandIn = DemoService & {
  /** Requests to the API, and requests for files. */
  apiRequests(): RecordedRequest[];
  assetRequests(): RecordedRequest[];
  /** What a mirror may not do, one line each. */
  violations: string[];
  /** The most requests that were open at once. */
  peak: RequestCounts;
  /** Adds a rule; faults.ts lists the faults. */
  fault(match: Matcher, steps: FaultStep | FaultStep[], repeat?: Repeat): void;
  /** Hits each matching request with probability `rate`; the same seed and order of requests hit the same ones. */
  faultAtRandom(rule: Omit<RandomRule, "steps"> & { steps: Fault[] }): void;
  /** Every request for this id fails, alone or in a batch. */
  poison(id: string, status?: number): void;
  clearFaults(): void;
  /** Faults of `once` rules that have hit no request yet. */
  faultsLeft(): number;
  /** From now on the service does not know this task. */
  remove(id: string): void;
  /** Forgets the requests and violations so far. */
  reset(): void;
};

type RequestCounts = Record<RecordedRequest["server"], number>;

/** Starts a stand-in. It keeps the process alive until `close`. */
export async function startStandIn({ date, ...options }: StandInOptions = {}): Promise<StandIn> {
  const faults = new FaultTable();
  const violations: string[] = [];
  const open: RequestCounts = { api: 0, assets: 0 };
  const peak: RequestCounts = { api: 0, assets: 0 };
  const service = await startDemoService({
    ...options,
    mishaps(request, response) {
      violations.push(...violationsOf(request));
      const { server } = request;
      open[server] += 1;
      peak[server] = Math.max(peak[server], open[server]);
      response.once("close", () => {
        open[server] -= 1;
      });
      return mishapOf(faults.take(request), request, date);
    },
  });
  const { requests, records } = service;
  return {
    ...service,
    violations,
    peak,
    apiRequests: () => requests.filter(({ server }) => server === "api"),
    assetRequests: () => requests.filter(({ server }) => server === "assets"),
    fault: (match, steps, repeat = "once") => faults.add({ match, steps: [steps].flat(), repeat }),
    faultAtRandom: (rule) => faults.addRandom(rule),
    poison: (id, status = 500) => faults.add({ match: { id }, steps: [{ kind: "status", status }], repeat: "forever" }),
    clearFaults: () => faults.clear(),
    faultsLeft: () => faults.left,
    remove: (id) => void records.delete(id),
    reset() {
      requests.length = 0;
      violations.length = 0;
    },
  };
}

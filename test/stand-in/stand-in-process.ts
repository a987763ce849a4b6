import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { taskIds } from "../../src/demo/library/library-types.ts";
import type { Fault, Matcher, Repeat } from "./faults/faults.ts";
import { makeLibrary } from "./make-record.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

/**
 * The stand-in as a process of its own, for benches and kill tests: `node test/stand-in/stand-in-process.ts --tasks 1000`.
 * Prints one JSON line `{ url, assetUrl, assetHost, tasks, pid }` (and `ids` with --ids), then reads commands from
 * stdin, one JSON object a line, and replies to each with one line. Ends on SIGTERM or when stdin closes.
 * Commands: a FaultCommand, `{ "clearFaults": true }`, `{ "report": true }`.
 */
const { values: flags } = parseArgs({
  options: {
    /** Number of generated records. Default: the demo library. */
    tasks: { type: "string" },
    seed: { type: "string" },
    token: { type: "string" },
    port: { type: "string" },
    pending: { type: "string" },
    "pad-to": { type: "string" },
    "no-hashes": { type: "boolean" },
    "separate-assets": { type: "boolean" },
    ids: { type: "boolean" },
    /** A JSON array of fault commands that apply from the start. */
    faults: { type: "string" },
  },
});

/** A fault rule as JSON can carry it. With `rate` (and `seed`) it hits at random. */
type FaultCommand = {
  /** "api", "assets", "/regular expression/" on the URL of a file, or { id } for an id in an API request. */
  fault: string | { id: string };
  steps: Fault[];
  repeat?: Repeat;
  rate?: number;
  seed?: number;
};

const standIn = await startStandIn({
  ...(flags.tasks !== undefined && { library: generated(Number(flags.tasks), flags.seed) }),
  ...(flags.token !== undefined && { token: flags.token }),
  port: Number(flags.port ?? 0),
  pendingResponses: Number(flags.pending ?? 2),
  padTo: Number(flags["pad-to"] ?? 0),
  hashes: flags["no-hashes"] !== true,
  separateAssets: flags["separate-assets"] === true,
});
for (const command of JSON.parse(flags.faults ?? "[]") as FaultCommand[]) addFault(standIn, command);
const { url, assetUrl, assetHost, library } = standIn;
print({
  url,
  assetUrl,
  assetHost,
  tasks: library.size,
  pid: process.pid,
  ...(flags.ids === true && { ids: taskIds(library) }),
});

process.once("SIGTERM", () => void standIn.close().then(() => process.exit(0)));
for await (const line of createInterface({ input: process.stdin })) runCommand(line);
await standIn.close();

function generated(tasks: number, seed: string | undefined) {
  return (assetBase: string) => makeLibrary({ tasks, assetBase, ...(seed !== undefined && { seed }) });
}

function runCommand(line: string): void {
  try {
    const command = JSON.parse(line) as Partial<FaultCommand> & { clearFaults?: boolean; report?: boolean };
    if (command.clearFaults === true) standIn.clearFaults();
    if (command.fault !== undefined) addFault(standIn, command as FaultCommand);
    print(command.report === true ? report(standIn) : { ok: true });
  } catch (error) {
    print({ error: String(error) });
  }
}

function addFault(to: StandIn, command: FaultCommand): void {
  const match = matcherOf(command.fault);
  if (command.rate === undefined) return to.fault(match, command.steps, command.repeat);
  to.faultAtRandom({ match, steps: command.steps, rate: command.rate, seed: command.seed ?? 1 });
}

function matcherOf(match: FaultCommand["fault"]): Matcher {
  if (typeof match !== "string") return match;
  if (match === "api" || match === "assets") return match;
  const source = /^\/(.*)\/$/.exec(match)?.[1];
  if (source === undefined) throw new Error(`"${match}" is no matcher: api, assets, /regular expression/ or { id }`);
  return new RegExp(source);
}

function report(of: StandIn) {
  const { violations, peak } = of;
  const [api, assets] = [of.apiRequests().length, of.assetRequests().length];
  return { api, assets, connections: of.connections(), peak, violations, faultsLeft: of.faultsLeft() };
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

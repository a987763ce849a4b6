import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { matcherOf, type FaultCommand } from "./fault-command.ts";
import { taskIds } from "../library/library-types.ts";
import { makeLibrary } from "./make-record.ts";
import { startStandIn } from "../service/stand-in.ts";
import type { StandIn } from "../service/stand-in-types.ts";

/**
 * The stand-in as a process of its own, for benches and kill tests: `node src/demo/faults/stand-in-process.ts --tasks 1000`.
 * Prints one JSON line `{ url, assetUrl, assetHost, tasks, pid }` (and `ids` with --ids), then reads commands from
 * stdin, one JSON object a line, and answers each with one line. Ends on SIGTERM or when stdin closes.
 * Commands: `{ fault, steps, repeat? }` (fault-command.ts), `{ "clearFaults": true }`, `{ "report": true }`.
 */
const { values: flags } = parseArgs({
  options: {
    /** Records of the generator; without it the demo library. */
    tasks: { type: "string" },
    seed: { type: "string" },
    token: { type: "string" },
    port: { type: "string" },
    pending: { type: "string" },
    "pad-to": { type: "string" },
    "no-hashes": { type: "boolean" },
    "separate-assets": { type: "boolean" },
    ids: { type: "boolean" },
    /** A JSON array of fault commands that hold from the start. */
    faults: { type: "string" },
  },
});

const standIn = await startStandIn({
  ...(flags.tasks !== undefined && { library: generated(Number(flags.tasks), flags.seed) }),
  ...(flags.token !== undefined && { token: flags.token }),
  port: Number(flags.port ?? 0),
  pendingAnswers: Number(flags.pending ?? 2),
  padTo: Number(flags["pad-to"] ?? 0),
  hashes: flags["no-hashes"] !== true,
  separateAssets: flags["separate-assets"] === true,
});
for (const command of JSON.parse(flags.faults ?? "[]") as FaultCommand[]) addFault(standIn, command);
const { url, assetUrl, assetHost, library } = standIn;
say({
  url,
  assetUrl,
  assetHost,
  tasks: library.size,
  pid: process.pid,
  ...(flags.ids === true && { ids: taskIds(library) }),
});

process.once("SIGTERM", () => void standIn.close().then(() => process.exit(0)));
for await (const line of createInterface({ input: process.stdin })) obey(line);
await standIn.close();

function generated(tasks: number, seed: string | undefined) {
  return (assetBase: string) => makeLibrary({ tasks, assetBase, ...(seed !== undefined && { seed }) });
}

function obey(line: string): void {
  try {
    const command = JSON.parse(line) as Partial<FaultCommand> & { clearFaults?: boolean; report?: boolean };
    if (command.clearFaults === true) standIn.clearFaults();
    if (command.fault !== undefined) addFault(standIn, command as FaultCommand);
    say(command.report === true ? report(standIn) : { ok: true });
  } catch (error) {
    say({ error: String(error) });
  }
}

function addFault(to: StandIn, command: FaultCommand): void {
  if (command.rate === undefined) return to.fault(matcherOf(command.fault), command.steps, command.repeat);
  to.faultAtRandom({
    match: matcherOf(command.fault),
    steps: command.steps,
    rate: command.rate,
    seed: command.seed ?? 1,
  });
}

function report(of: StandIn) {
  const { violations, peak } = of;
  const [api, assets] = [of.apiRequests().length, of.assetRequests().length];
  return { api, assets, connections: of.connections(), peak, violations, faultsLeft: of.faultsLeft() };
}

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

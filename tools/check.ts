import { availableParallelism } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { findCrowding } from "./check/crowding.ts";
import { findForbiddenImports } from "./check/import-rules.ts";
import { findLongFiles } from "./check/long-files.ts";
import { findPrivateWords } from "./check/private-words.ts";
import { findSharedNames } from "./check/shared-names.ts";
import { findSchemaDrift } from "./check/schema-drift.ts";
import { findTraps } from "./check/traps.ts";

/**
 * `npm run check`: everything about the code that needs no test. One line a step, the output of those that fail.
 * `node tools/check.ts types lint` runs the named steps alone.
 */
const root = join(import.meta.dirname, "..");
const cache = "node_modules/.cache/producer-mirror";

/** `problems` fail the step, `remarks` are only shown. */
type Outcome = { problems: string; remarks?: string };
type Step = { name: string; run: () => Promise<Outcome> };

/** The slowest first, so that the others run beside it. */
const STEPS: Step[] = [
  command("types", "tsc", "--noEmit", "--incremental", "--tsBuildInfoFile", `${cache}/tsc.json`),
  command("pages", "tsc", "--noEmit", "-p", "src/web", "--incremental", "--tsBuildInfoFile", `${cache}/tsc-web.json`),
  command("unused", "knip", "--no-progress"),
  { name: "migrations", run: async () => ({ problems: await findSchemaDrift(root) }) },
  command(
    "format",
    "prettier",
    "--check",
    "--log-level",
    "warn",
    "--cache",
    "--cache-location",
    `${cache}/prettier`,
    ".",
  ),
  { name: "imports", run: async () => ({ problems: (await findForbiddenImports(root)).join("\n") }) },
  command("lint", "oxlint", "--type-aware", "--deny-warnings", "--quiet"),
  { name: "rooms", run: async () => ({ problems: (await findCrowding(root)).join("\n") }) },
  { name: "names", run: async () => ({ problems: (await findSharedNames(root)).join("\n") }) },
  { name: "words", run: async () => ({ problems: (await findPrivateWords(root)).join("\n") }) },
  { name: "traps", run: async () => ({ problems: (await findTraps(root)).join("\n") }) },
  { name: "length", run: async () => ({ problems: "", remarks: (await findLongFiles(root)).join("\n") }) },
];

process.exitCode = await main(process.argv.slice(2));

async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`no step ${unknown.join(", ")}; there are ${STEPS.map((step) => step.name).join(", ")}`);
    return 2;
  }
  const steps = STEPS.filter((step) => names.length === 0 || names.includes(step.name));
  const queue = steps.values();
  const failed: string[] = [];
  const work = async () => {
    for (const step of queue) if (!(await report(step))) failed.push(step.name);
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
  console.log(failed.length === 0 ? "check: all well" : `check: ${failed.join(", ")} failed`);
  return failed.length === 0 ? 0 : 1;
}

async function report(step: Step): Promise<boolean> {
  const started = performance.now();
  const outcome = await step.run().catch((error: unknown) => ({ problems: String(error), remarks: "" }));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const good = outcome.problems === "";
  const lines = [outcome.problems, outcome.remarks ?? ""].filter((text) => text !== "");
  console.log([`${good ? "ok    " : "FAILED"} ${step.name.padEnd(10)} ${seconds} s`, ...lines].join("\n"));
  return good;
}

/** A tool of node_modules that says what is wrong and exits with another code than 0. */
function command(name: string, file: string, ...args: string[]): Step {
  const run = async () => {
    const { failed, all, shortMessage } = await execa(file, args, {
      cwd: root,
      all: true,
      preferLocal: true,
      reject: false,
      stdin: "ignore",
    });
    return { problems: failed ? all || (shortMessage ?? "failed") : "" };
  };
  return { name, run };
}

import { join } from "node:path";
import { PassThrough } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { main, runProgram } from "../../src/program.ts";
import { createOutput } from "../../src/print/output/output.ts";
import { ended, type Ended } from "./program.ts";

type Program = { main: typeof main; runProgram: typeof runProgram };

/** The program as it is built, loaded once for all the commands of a test file. */
const program = import(/* @vite-ignore */ join(import.meta.dirname, "../../dist/program.js")) as Promise<Program>;

/** Where the tests were started; a command is given a folder of its own. */
const START = process.cwd();

/**
 * Runs a command of the built program in this process, with exactly this environment: the same code as in a process of
 * its own, without a tenth of a second to start it. What needs a pid, a signal, standard input or a second command beside
 * it wants `startProgram`.
 */
export async function runHere(
  args: string[],
  { env, cwd }: { env: Record<string, string>; cwd: string },
): Promise<Ended> {
  const started = performance.now();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([buffer(stdout), buffer(stderr)]);
  const output = createOutput({ stdout, stderr, env, json: args.includes("--json") });
  const signals = { signal: new AbortController().signal, exitCode: undefined };
  const { runProgram } = await program;
  process.chdir(cwd);
  const code = await runProgram(args, { env, cwd: () => cwd, output, signals });
  if (process.cwd() === cwd) process.chdir(START);
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return ended({
    code,
    signal: null,
    stdout: out.toString("utf8"),
    stderr: err.toString("utf8"),
    ms: performance.now() - started,
  });
}

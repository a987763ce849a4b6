import { spawn, type ChildProcessByStdio } from "node:child_process";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** The built program; another build of it can be put to the same tests. */
export const PROGRAM = process.env["PRODUCER_MIRROR_PROGRAM"] ?? join(import.meta.dirname, "../../dist/main.js");

export type Ended = {
  /** Null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  ms: number;
  /** Standard output as the one JSON document that it must be; throws when it is not. */
  readonly json: unknown;
};

export type Running = {
  pid: number;
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it has written so far. */
  output(): { stdout: string; stderr: string };
  kill(signal: NodeJS.Signals): void;
  done: Promise<Ended>;
};

export type StartOptions = {
  env: Record<string, string>;
  cwd: string;
  input?: string;
  /** A program that is given ours, such as `setpriv`. */
  wrapper?: string[];
  /** Another copy of the program. */
  program?: string;
};

/** Starts the program with exactly this environment. */
export function startProgram(args: string[], options: StartOptions): Running {
  const { env, cwd, input, wrapper = [], program = PROGRAM } = options;
  const started = performance.now();
  const [command = "", ...rest] = [...wrapper, process.execPath, program, ...args];
  const child = spawn(command, rest, { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on("data", (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.stderr.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  const output = () => ({
    stdout: Buffer.concat(chunks.stdout).toString("utf8"),
    stderr: Buffer.concat(chunks.stderr).toString("utf8"),
  });
  const done = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) =>
      resolve(ended({ code, signal, ...output(), ms: performance.now() - started })),
    );
  });
  return { pid: child.pid ?? 0, child, output, kill: (signal) => void child.kill(signal), done };
}

/** What a program left behind, its JSON read when it is asked for. */
export function ended(end: Omit<Ended, "json">): Ended {
  return {
    ...end,
    get json() {
      return JSON.parse(end.stdout) as unknown;
    },
  };
}

import type { Readable } from "node:stream";
import { execa } from "execa";
import { UpstreamError } from "../../../lib/errors.ts";
import type { Environment } from "./environment.ts";
import { createIdleTimer, resetOnChange, type IdleTimer } from "./idle-timer.ts";
import { createLineReader, createTail, type Tail } from "./lines.ts";
import { createGroupStopper, killAtExit } from "./stop-group.ts";

export type ProgramRun = {
  name: "restic" | "rclone";
  path: string;
  /** Passed as they are, without a shell. */
  args: string[];
  /** The whole environment of the child. */
  env: Environment;
  cwd?: string;
  signal: AbortSignal;
  /** The program is stopped after this time without activity. */
  idleMs: number;
  /** Gets each line of stdout. Returns false for a line that is no activity (a progress report that repeats itself). */
  onLine?: (line: string) => boolean | void;
  /** The same for stderr. */
  onErrorLine?: (line: string) => boolean | void;
  /** Called now and then while the program prints nothing: another number than before is activity. */
  measure?: () => Promise<number>;
  /** Gets stdout as bytes instead, and is awaited. */
  onBytes?: (chunk: Buffer) => Promise<void>;
};

export type ProgramEnd = {
  /** Undefined when a signal ended it. */
  exitCode: number | undefined;
  endedBy: string | undefined;
  /** The last lines of stderr, unchanged. */
  tail: string[];
};

/**
 * Runs a program to its end, in its own process group and without a terminal, so that nothing it starts outlives it and
 * nothing can ask for a password. It gets a signal to stop when `signal` aborts or `idleMs` pass without activity, and is
 * killed 3 s later. Returns every exit code; throws the signal's reason, UpstreamError for a program that hangs, and an
 * error for one that cannot be started. When our own process dies by SIGKILL, the program goes on by itself: it only ever
 * adds files.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const { path, args, env, cwd, signal } = run;
  signal.throwIfAborted();
  const child = withPrivateUmask(() =>
    execa(path, args, {
      env,
      extendEnv: false,
      ...(cwd === undefined ? {} : { cwd }),
      stdin: "ignore",
      buffer: false,
      encoding: "buffer",
      reject: false,
      detached: true,
      cleanup: false,
      forceKillAfterDelay: false,
    }),
  );
  using _last = killAtExit(child.pid);
  const group = createGroupStopper(child.nodeChildProcess, run.name === "restic" ? "SIGINT" : "SIGTERM");
  const stop = () => group.stop();
  const idle = createIdleTimer(run.idleMs, stop);
  const measuring = run.measure && resetOnChange(idle, run.idleMs, run.measure);
  signal.addEventListener("abort", stop, { once: true });
  const tail = createTail();
  try {
    const streams = [readStdout(child.stdout, run, idle), readStderr(child.stderr, run, tail, idle)];
    // Both are read to their end, even when a reader of one of them fails: then the program is stopped first.
    await Promise.allSettled(streams.map((stream) => stream.catch(stop)));
    const { exitCode, signal: endedBy, failed, originalMessage } = await child;
    await Promise.all(streams);
    signal.throwIfAborted();
    if (idle.expired) throw idleError(run);
    if (failed && exitCode === undefined && endedBy === undefined) throw new Error(originalMessage);
    return { exitCode, endedBy, tail: tail.lines };
  } finally {
    signal.removeEventListener("abort", stop);
    clearInterval(measuring);
    idle.end();
    group.finish();
  }
}

/** Files that the program writes on this machine are private too: rclone uses the umask that it inherits. */
function withPrivateUmask<T>(start: () => T): T {
  const before = process.umask(0o077);
  try {
    return start();
  } finally {
    process.umask(before);
  }
}

async function readStdout(stream: Readable, { onLine, onBytes }: ProgramRun, idle: IdleTimer): Promise<void> {
  if (!onBytes) return readLines(stream, (line) => void (onLine?.(line) !== false && idle.reset()));
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    idle.reset();
    await onBytes(chunk);
  }
}

async function readStderr(stream: Readable, { onErrorLine }: ProgramRun, tail: Tail, idle: IdleTimer): Promise<void> {
  await readLines(stream, (line) => {
    tail.add(line);
    if (onErrorLine?.(line) !== false) idle.reset();
  });
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const reader = createLineReader(onLine);
  const decoder = new TextDecoder();
  for await (const chunk of stream as AsyncIterable<Buffer>) reader.push(decoder.decode(chunk, { stream: true }));
  reader.end();
}

function idleError({ name, args, idleMs }: ProgramRun): UpstreamError {
  const seconds = Math.round(idleMs / 1000);
  return new UpstreamError(`${name} ${args[0] ?? ""} was stopped after ${seconds} s without activity`, {
    code: "program_silent",
    hint: "look whether the location can be reached, then run it again: what is there already is not sent twice",
  });
}

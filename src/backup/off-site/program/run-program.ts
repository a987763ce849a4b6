import type { Readable } from "node:stream";
import { execa } from "execa";
import { UpstreamError } from "../../../lib/errors.ts";
import type { Environment } from "./environment.ts";
import { endGroup, killAtExit } from "./end-group.ts";
import { createLineReader, createTail } from "./lines.ts";
import { createSilence, watchTrace, type Silence } from "./silence.ts";

export type ProgramRun = {
  name: "restic" | "rclone";
  path: string;
  /** Given as they are, without a shell. */
  args: string[];
  /** All of the child's environment. */
  env: Environment;
  cwd?: string;
  signal: AbortSignal;
  /** It is ended after so long without news. */
  idleMs: number;
  /** Lines of stdout; one answered with false is no news (a progress report that says the same again). */
  onLine?: (line: string) => boolean | void;
  /** The same for stderr. */
  onErrorLine?: (line: string) => boolean | void;
  /** Looked at now and then, for work that says nothing: another answer than before is news. */
  trace?: () => Promise<number>;
  /** Takes stdout as bytes instead; waited for. */
  onBytes?: (piece: Buffer) => Promise<void>;
};

export type ProgramEnd = {
  /** Undefined when a signal ended it. */
  exitCode: number | undefined;
  endedBy: string | undefined;
  /** The last lines of stderr, as they came. */
  tail: string[];
};

/**
 * Runs a program to its end, in a process group of its own and without a terminal, so that nothing it starts outlives
 * it and nothing can ask for a password. It is asked to stop when `signal` aborts or no news comes for `idleMs`, and
 * killed 3 s later. Answers every exit code; throws the signal's reason, UpstreamError for silence, and what kept it
 * from being started. A parent that dies by SIGKILL cannot end it: it then goes on by itself, and only ever adds.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const { path, args, env, cwd, signal } = run;
  signal.throwIfAborted();
  const child = forOwnerAlone(() =>
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
  const ending = endGroup(child.nodeChildProcess, run.name === "restic" ? "SIGINT" : "SIGTERM");
  const silence = createSilence(run.idleMs, () => ending.begin());
  const watch = run.trace && watchTrace(run.trace, run.idleMs, silence);
  const stop = () => ending.begin();
  signal.addEventListener("abort", stop, { once: true });
  const tail = createTail();
  try {
    const streams = [readStdout(child.stdout, run, silence), readStderr(child.stderr, run, tail, silence)];
    // Both are read to their end, also when what takes one of them fails: then the program is ended first.
    await Promise.allSettled(streams.map((stream) => stream.catch(stop)));
    const { exitCode, signal: endedBy, failed, originalMessage } = await child;
    await Promise.all(streams);
    signal.throwIfAborted();
    if (silence.fell) throw silent(run);
    if (failed && exitCode === undefined && endedBy === undefined) throw new Error(originalMessage);
    return { exitCode, endedBy, tail: tail.lines };
  } finally {
    signal.removeEventListener("abort", stop);
    clearInterval(watch);
    silence.end();
    ending.done();
  }
}

/** What the program writes on a disk of this machine is its owner's business too: rclone goes by the umask that it is given. */
function forOwnerAlone<T>(start: () => T): T {
  const before = process.umask(0o077);
  try {
    return start();
  } finally {
    process.umask(before);
  }
}

async function readStdout(stream: Readable, { onLine, onBytes }: ProgramRun, silence: Silence): Promise<void> {
  if (!onBytes) return readLines(stream, (line) => void (onLine?.(line) !== false && silence.broken()));
  for await (const piece of stream as AsyncIterable<Buffer>) {
    silence.broken();
    await onBytes(piece);
  }
}

async function readStderr(
  stream: Readable,
  { onErrorLine }: ProgramRun,
  tail: { add(line: string): void },
  silence: Silence,
): Promise<void> {
  await readLines(stream, (line) => {
    tail.add(line);
    if (onErrorLine?.(line) !== false) silence.broken();
  });
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  const reader = createLineReader(onLine);
  const decoder = new TextDecoder();
  for await (const piece of stream as AsyncIterable<Buffer>) reader.take(decoder.decode(piece, { stream: true }));
  reader.end();
}

function silent({ name, args, idleMs }: ProgramRun): UpstreamError {
  return new UpstreamError(
    `${name} ${args[0] ?? ""} gave no sign of life for ${Math.round(idleMs / 1000)} s and was ended`,
    {
      code: "program_silent",
      hint: "look whether the place can be reached, then run it again: what is there already is not sent twice",
    },
  );
}

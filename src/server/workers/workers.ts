import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Config } from "../../config.ts";
import { MirrorError, type ExitCode } from "../../lib/errors.ts";
import type { ServerEvent } from "../events/event-text.ts";
import type { Announced, Answered, Asked } from "./messages.ts";
import type { QuestionName, QuestionInput } from "./questions.ts";

/** Threads with a database of their own, for what would hold up the others. */
export type Workers = AsyncDisposable & {
  /** The answer as JSON text. Rejects with MirrorError. */
  ask<Name extends QuestionName>(question: Name, input: QuestionInput<Name>): Promise<string>;
};

type Waiting = { asked: Asked; resolve: (text: string) => void; reject: (error: unknown) => void };
type Thread = { worker: Worker; current: Waiting | undefined };

/** Answered from a library that a thread keeps in memory: the first thread alone answers them, so that it is kept once. */
const OF_LIBRARY = new Set(["rest", "restSong", "restPicture"]);
/** Questions that wait for a thread; more are refused. */
const MAX_WAITING = 500;

/**
 * Starts the threads; each opens the archive at its first question. A thread that ends is replaced. `hear` gets what happens
 * while they answer.
 */
export function startWorkers(config: Config, hear: (event: ServerEvent) => void): Workers {
  const count = Math.min(Math.max(availableParallelism(), 2), 4);
  const waiting: Waiting[] = [];
  const threads: Thread[] = [];
  let [next, isClosed] = [0, false];

  const start = (): Thread => {
    const thread: Thread = { worker: startThread(config), current: undefined };
    thread.worker.on("message", (answer: Answered | Announced) => {
      if ("event" in answer) return hear(answer.event);
      const done = thread.current;
      thread.current = undefined;
      if (done) finish(done, answer);
      feed();
    });
    thread.worker.on("error", (error) => thread.current?.reject(error));
    thread.worker.on("exit", () => {
      thread.current?.reject(stopped());
      threads.splice(threads.indexOf(thread), 1);
      if (!isClosed) threads.push(start());
      feed();
    });
    return thread;
  };
  const feed = () => {
    // The first thread takes last what others can answer too.
    for (const thread of threads.toReversed()) {
      if (thread.current) continue;
      const at = waiting.findIndex(({ asked }) => thread === threads[0] || !OF_LIBRARY.has(asked.question));
      thread.current = waiting.splice(at, at === -1 ? 0 : 1)[0];
      if (thread.current) thread.worker.postMessage(thread.current.asked);
    }
  };

  for (let index = 0; index < count; index++) threads.push(start());
  return {
    ask: (question, input) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(stopped());
        if (waiting.length >= MAX_WAITING) return reject(busy());
        waiting.push({ asked: { id: next++, question, input }, resolve, reject });
        feed();
      }),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(stopped());
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function startThread(config: Config): Worker {
  const name = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./serve-worker.js";
  // Neither a token nor a key is needed there, and a function cannot be handed over.
  const { token: _token, serveKey: _key, note: _note, ...settings } = config;
  const worker = new Worker(new URL(name, import.meta.url), { workerData: settings, env: {}, stdin: false });
  worker.unref();
  return worker;
}

function finish({ resolve, reject }: Waiting, answer: Answered): void {
  if ("text" in answer) return resolve(answer.text);
  const { code, exit, message, hint } = answer.error;
  reject(new MirrorError(code, exit as ExitCode, message, { hint: hint ?? undefined }));
}

function stopped(): MirrorError {
  return new MirrorError("stopping", 1, "the server is stopping");
}

function busy(): MirrorError {
  return new MirrorError("busy", 1, "too many questions at once", { hint: "ask again in a moment" });
}

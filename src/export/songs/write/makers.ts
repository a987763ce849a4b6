import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { openMaker, runJobs, type Job, type MakerOptions, type Outcome } from "./run-jobs.ts";

/** What makes files beside the main thread, which stays free for signals, progress and names. */
export type Makers = AsyncDisposable & {
  /** How many calls of `make` are worth having under way. */
  width: number;
  make(jobs: Job[]): Promise<Outcome[]>;
};

/** A thread takes longer to start than so many files to make. */
const FEW = 256;
const MOST_THREADS = 4;

/** Threads for many files, none for a few. A thread that fails otherwise than a job does throws that. */
export function openMakers(options: MakerOptions, files: number): Makers {
  return files < FEW ? here(options) : threads(options, Math.min(availableParallelism(), MOST_THREADS));
}

function here(options: MakerOptions): Makers {
  const maker = openMaker(options);
  maker.catch(() => {}); // told by `make`
  return {
    width: 1,
    async make(jobs) {
      const outcomes = runJobs(await maker, jobs);
      await nextTurn();
      return outcomes;
    },
    async [Symbol.asyncDispose]() {},
  };
}

function threads(options: MakerOptions, width: number): Makers {
  const all = Array.from({ length: width }, () => start(options));
  const idle = [...all];
  return {
    width,
    async make(jobs) {
      const thread = idle.pop();
      if (thread === undefined) throw new Error(`more than ${width} jobs at once`);
      const outcomes = await thread.run(jobs);
      idle.push(thread);
      return outcomes;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((thread) => thread.end()));
    },
  };
}

type Thread = { run(jobs: Job[]): Promise<Outcome[]>; end(): Promise<unknown> };

/** No environment: a thread needs none. What ends it, also while it has nothing to do, is what `run` throws. */
function start(workerData: MakerOptions): Thread {
  const name = import.meta.url.endsWith(".ts") ? "./make-thread.ts" : "./make-thread.js";
  const worker = new Worker(new URL(name, import.meta.url), { workerData, env: {}, execArgv: [] });
  let failure: Error | undefined;
  let asked: PromiseWithResolvers<Outcome[]> | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    asked?.reject(failure);
  };
  worker.on("message", (outcomes: Outcome[]) => asked?.resolve(outcomes));
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new Error(`a thread that makes files ended with ${code}`)));
  return {
    async run(jobs) {
      if (failure !== undefined) throw failure;
      asked = Promise.withResolvers();
      worker.postMessage(jobs);
      return asked.promise;
    },
    end: () => worker.terminate(),
  };
}

import { setTimeout } from "node:timers/promises";
import { MirrorError } from "../../lib/errors.ts";
import type { Workers } from "../workers/workers.ts";

/** Keeps what answers of the API say about tasks: their ids are tracked, records and results saved. */
export type AnswerKeeper = AsyncDisposable & {
  /** Gathers an answer while it passes. */
  gather(): Gathered;
};

/** An answer on its way: what does not fit in memory with the others is passed on, but not kept. */
export type Gathered = {
  add(chunk: Buffer): void;
  /** Returns at once; a worker saves it, one answer after the other. */
  keep(): void;
  /** It was none, or was cut. No effect after keep. */
  forget(): void;
};

/** Bytes of one answer that are looked through for tasks. */
export const MOST_OF_ONE = 16_000_000;
/** Bytes of all answers that pass or wait. */
const MOST_OF_ALL = 64_000_000;
/** The archive may be locked by a sync or a backup meanwhile. */
const TRIES = 10;
const PAUSE_MS = 3000;

export function openKeeper(workers: Workers): AnswerKeeper {
  let held = 0;
  let last: Promise<void> = Promise.resolve();
  const stop = new AbortController();
  const save = async (text: string) => {
    for (let tries = 1; tries <= TRIES; tries++) {
      const error: unknown = await workers.ask("keepAnswer", { text }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error === undefined || !(error instanceof MirrorError)) return;
      await setTimeout(PAUSE_MS, undefined, { signal: stop.signal }).catch(() => (tries = TRIES));
    }
  };
  return {
    gather() {
      let chunks: Buffer[] | undefined = [];
      let bytes = 0;
      const forget = () => {
        if (chunks !== undefined) held -= bytes;
        chunks = undefined;
      };
      return {
        add(chunk) {
          if (chunks === undefined) return;
          if (bytes + chunk.length > MOST_OF_ONE || held + chunk.length > MOST_OF_ALL) return forget();
          chunks.push(chunk);
          bytes += chunk.length;
          held += chunk.length;
        },
        keep() {
          if (chunks === undefined || bytes === 0) return;
          const text = Buffer.concat(chunks).toString();
          chunks = undefined;
          last = last.then(() => save(text)).finally(() => (held -= bytes));
        },
        forget,
      };
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await last;
    },
  };
}

import { setTimeout } from "node:timers/promises";
import { MirrorError } from "../../lib/errors.ts";
import type { Workers } from "../workers/workers.ts";

/** Keeps what answers of the API say about tasks: their ids are tracked, records and results saved. */
export type AnswerKeeper = AsyncDisposable & {
  /** Returns at once; a worker does it, one answer after the other. */
  keep(text: string): void;
};

/** Text of answers that wait; what comes beyond is not kept. */
const MOST_WAITING = 64_000_000;
/** The archive may be locked by a sync or a backup meanwhile. */
const TRIES = 10;
const PAUSE_MS = 3000;

export function openKeeper(workers: Workers): AnswerKeeper {
  let waiting = 0;
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
    keep(text) {
      if (waiting + text.length > MOST_WAITING) return;
      waiting += text.length;
      last = last.then(() => save(text)).finally(() => (waiting -= text.length));
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await last;
    },
  };
}

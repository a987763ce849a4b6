import PQueue from "p-queue";
import type { TaskRequest } from "./request.ts";
import type { Send } from "./send.ts";

/**
 * A `Send` that can pause: for `ms` milliseconds no request begins, and those under way go on. `onSend` is called when the
 * request has waited for its turn and begins.
 */
export type LimitedSend = ((...request: [...Parameters<Send>, onSend?: () => void]) => Promise<string>) & {
  pause(ms: number): void;
};

/** Sends at most `rate` requests a second (0 = no limit), and at most 4 at once. */
export function withLimit(send: Send, rate: number): LimitedSend {
  const interval = rate > 0 ? { intervalCap: 1, interval: 1000 / rate } : {};
  const queue = new PQueue({ concurrency: 4, ...interval });
  let until = 0;
  let timer: NodeJS.Timeout | undefined;
  const pause = (ms: number) => {
    until = Math.max(until, performance.now() + ms);
    queue.pause();
    clearTimeout(timer);
    timer = setTimeout(() => queue.start(), Math.max(0, until - performance.now()));
    timer.unref();
  };
  return Object.assign(
    (request: TaskRequest, signal: AbortSignal, onSend?: () => void) => {
      const begin = () => {
        onSend?.();
        return send(request, signal);
      };
      return queue.add(begin, { signal });
    },
    { pause },
  );
}

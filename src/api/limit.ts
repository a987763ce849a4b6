import PQueue from "p-queue";
import type { Send } from "./send.ts";

/** A wire that can be told to send nothing for so many milliseconds; what is under way goes on. */
export type LimitedSend = Send & { pause(ms: number): void };

/** The wire at most `rate` times a second (0 = no limit), at most 4 requests in flight. */
export function withLimit(send: Send, rate: number): LimitedSend {
  const interval = rate > 0 ? { intervalCap: 1, interval: 1000 / rate } : {};
  const queue = new PQueue({ concurrency: 4, ...interval });
  let until = 0;
  let timer: NodeJS.Timeout | undefined;
  const pause = (ms: number) => {
    until = Math.max(until, Date.now() + ms);
    queue.pause();
    clearTimeout(timer);
    timer = setTimeout(() => queue.start(), Math.max(0, until - Date.now()));
    timer.unref();
  };
  return Object.assign(
    (question: Parameters<Send>[0], signal: AbortSignal) => queue.add(() => send(question, signal), { signal }),
    {
      pause,
    },
  );
}

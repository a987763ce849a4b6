import PQueue from "p-queue";
import type { Send } from "./send.ts";

/** The wire at most `rate` times a second (0 = no limit), at most 4 requests in flight. */
export function withLimit(send: Send, rate: number): Send {
  const interval = rate > 0 ? { intervalCap: 1, interval: 1000 / rate } : {};
  const queue = new PQueue({ concurrency: 4, ...interval });
  return (question, signal) => queue.add(() => send(question, signal), { signal });
}

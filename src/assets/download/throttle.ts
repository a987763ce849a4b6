import { sleep } from "../../lib/net/backoff.ts";

/** Says how long to wait after so many bytes; null for not at all. Ends early, without an error, when the signal aborts. */
export type Throttle = (bytes: number, signal: AbortSignal) => Promise<void> | null;

/** Waits shorter than this are saved up: timers are no finer. */
const LEAST_MS = 10;

/** Keeps all downloads together at `bytesPerSecond`; nothing is limited without it. */
export function createThrottle(
  bytesPerSecond: number | undefined,
  now: () => number = performance.now.bind(performance),
): Throttle {
  if (bytesPerSecond === undefined) return () => null;
  let free = now();
  return (bytes, signal) => {
    free = Math.max(free, now()) + (bytes / bytesPerSecond) * 1000;
    const waitMs = free - now();
    return waitMs < LEAST_MS ? null : sleep(waitMs, signal).catch(() => {});
  };
}

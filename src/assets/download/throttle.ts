import { sleep } from "../../lib/net/backoff.ts";

/** Returns a wait after so many bytes; null for none. The wait ends early, without an error, when the signal aborts. */
export type Throttle = (bytes: number, signal: AbortSignal) => Promise<void> | null;

/** Shorter waits are added up: timers are no finer. */
const LEAST_MS = 10;

/** Limits all downloads together to `bytesPerSecond`; without it there is no limit. */
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

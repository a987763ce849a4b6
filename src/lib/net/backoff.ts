/** Full jitter: a random wait between 0 and an exponentially growing cap. https://aws.amazon.com/builders-library/ */
export function fullJitterMs(
  attempt: number,
  random: () => number = Math.random,
  baseMs = 500,
  capMs = 20_000,
): number {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** attempt));
}

/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits, 24 days at most; rejects with the signal's reason when it aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(
      () => {
        signal.removeEventListener("abort", stop);
        resolve();
      },
      Math.min(Math.max(ms, 0), LONGEST_TIMER_MS),
    );
    signal.addEventListener("abort", stop, { once: true });
  });
}

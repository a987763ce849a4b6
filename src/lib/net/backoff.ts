/** Full jitter: a random delay in milliseconds between 0 and an exponentially growing cap. https://aws.amazon.com/builders-library/ */
export function fullJitterMs(
  attempt: number,
  random: () => number = Math.random,
  baseMs = 500,
  capMs = 20_000,
): number {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** attempt));
}

/** A server may ask for a wait of at most this many seconds; after a longer one the caller gives up. */
export const LONGEST_RETRY_AFTER_SECONDS = 120;

/** Retries that every run may spend, however few requests it sends. */
const FREE_RETRIES = 20;

/** Counts the requests of one run and decides about its retries. */
export type RetryBudget = {
  /** Counts one request. */
  count(): void;
  /**
   * Spends a retry and returns the milliseconds to wait before it: what the server asks for, else full jitter. Returns
   * undefined when there is no retry: after the last try, when the budget is spent, or when the server asks for too much.
   */
  spend(failure: {
    /** The attempt that failed, from 0. */
    attempt: number;
    /** Attempts in all. */
    tries: number;
    /** What the server asks for; null when it does not say. */
    retryAfterSeconds: number | null;
    baseMs?: number;
  }): number | undefined;
};

/** A run may spend 20 retries and `perRequest` more for each request: a service that is down costs little. */
export function createRetryBudget(perRequest: number, random: () => number = Math.random): RetryBudget {
  let requests = 0;
  let spent = 0;
  return {
    count: () => void requests++,
    spend: ({ attempt, tries, retryAfterSeconds, baseMs }) => {
      if (attempt + 1 >= tries || spent >= FREE_RETRIES + requests * perRequest) return undefined;
      if (retryAfterSeconds !== null && retryAfterSeconds > LONGEST_RETRY_AFTER_SECONDS) return undefined;
      spent++;
      return retryAfterSeconds === null ? fullJitterMs(attempt, random, baseMs) : retryAfterSeconds * 1000;
    },
  };
}

/** A longer timer would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Waits, 24 days at most; rejects with the signal's reason when the signal aborts. */
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
      Math.min(Math.max(ms, 0), MAX_TIMER_MS),
    );
    signal.addEventListener("abort", stop, { once: true });
  });
}

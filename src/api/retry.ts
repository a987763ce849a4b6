import { fullJitterMs, sleep } from "../lib/net/backoff.ts";
import { ApiError, LONGEST_WAIT } from "./api-error.ts";
import type { SendAndRead } from "./client.ts";
import type { LimitedSend } from "./limit.ts";

export type Retry = { error: ApiError; waitMs: number; attempt: number };
export type RetryOptions = { onRetry?: (retry: Retry) => void; random?: () => number };

const TRIES = 5;
/** Retries that a run may spend: this many, and one for every ten requests. */
const BUDGET_FLOOR = 20;

/**
 * The wire tried again after 408, 5xx, network failures and answers that cannot be read, with full jitter, within a
 * budget for the whole run. 429 and every `Retry-After` pause all requests at once; one that asks for more than 120 s is
 * thrown to the caller.
 */
export function withRetry(send: LimitedSend, options: RetryOptions = {}): SendAndRead {
  let spent = 0;
  let sent = 0;
  return async (question, read, { signal, tries = TRIES }) => {
    for (let attempt = 0; ; attempt++) {
      try {
        sent++;
        return read(await send(question, signal));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        error.tries = attempt + 1;
        const waitMs = waitFor(error, attempt, options.random);
        const exhausted = attempt + 1 >= tries || spent >= BUDGET_FLOOR + sent / 10;
        if (waitMs === undefined || exhausted) throw error;
        spent++;
        if (error.followUp === "pause" || error.retryAfterSeconds !== null) send.pause(waitMs);
        options.onRetry?.({ error, waitMs, attempt });
        await sleep(waitMs, signal);
      }
    }
  };
}

/** Milliseconds until the next try; undefined when there is none. */
function waitFor(error: ApiError, attempt: number, random?: () => number): number | undefined {
  if (error.followUp !== "retry" && error.followUp !== "pause") return undefined;
  if (error.retryAfterSeconds === null) return fullJitterMs(attempt, random, error.followUp === "pause" ? 2000 : 500);
  return error.retryAfterSeconds > LONGEST_WAIT ? undefined : error.retryAfterSeconds * 1000;
}

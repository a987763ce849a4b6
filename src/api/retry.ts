import { createRetryBudget, sleep } from "../lib/net/backoff.ts";
import { ApiError } from "./api-error.ts";
import type { SendAndRead } from "./client.ts";
import type { LimitedSend } from "./limit.ts";

export type ApiRetry = { error: ApiError; waitMs: number; attempt: number };
export type RetryOptions = { onRetry?: (retry: ApiRetry) => void; random?: () => number };

const TRIES = 5;
const RETRIES_PER_REQUEST = 0.1;
/** The first wait lies below this; each further one may be twice as long. */
const BASE_MS = { retry: 500, pause: 2000 };

/**
 * Sends again after 408, 5xx, network failures and responses that cannot be read, with full jitter, within a budget for
 * the whole run. 429 and every `Retry-After` pause all requests at once; one that asks for more than 120 s is thrown to
 * the caller.
 */
export function withRetry(send: LimitedSend, { onRetry, random }: RetryOptions = {}): SendAndRead {
  const budget = createRetryBudget(RETRIES_PER_REQUEST, random);
  return async (request, read, { signal, tries = TRIES }) => {
    for (let attempt = 0; ; attempt++) {
      try {
        budget.count();
        return read(await send(request, signal));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        error.tries = attempt + 1;
        const { followUp, retryAfterSeconds } = error;
        if (followUp !== "retry" && followUp !== "pause") throw error;
        const waitMs = budget.spend({ attempt, tries, retryAfterSeconds, baseMs: BASE_MS[followUp] });
        if (waitMs === undefined) throw error;
        if (followUp === "pause" || retryAfterSeconds !== null) send.pause(waitMs);
        onRetry?.({ error, waitMs, attempt });
        await sleep(waitMs, signal);
      }
    }
  };
}

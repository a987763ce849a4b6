import { fullJitterMs, sleep } from "../lib/backoff.ts";
import { ApiError } from "./api-error.ts";
import type { AskOptions } from "./client.ts";
import type { TaskRequest } from "./request.ts";
import type { Send } from "./send.ts";

export type Retry = { error: ApiError; waitMs: number; attempt: number };
export type RetryOptions = { onRetry?: (retry: Retry) => void; random?: () => number };

const TRIES = 5;
/** The longest `Retry-After` that is waited for, in seconds. */
const LONGEST_WAIT = 120;
/** Retries that a run may spend: this many, and one for every ten requests. */
const BUDGET_FLOOR = 20;

/**
 * The wire tried again after 408, 5xx and network failures with full jitter, within a budget for the whole run. 429 and
 * every `Retry-After` pause all requests at once; one that asks for more than 120 s is thrown to the caller.
 */
export function withRetry(send: Send, options: RetryOptions = {}): (question: TaskRequest, options: AskOptions) => Promise<string> {
  let pausedUntil = 0;
  let spent = 0;
  let sent = 0;
  return async (question, { signal, tries = TRIES }) => {
    for (let attempt = 0; ; attempt++) {
      while (pausedUntil > Date.now()) await sleep(pausedUntil - Date.now(), signal);
      try {
        sent++;
        return await send(question, signal);
      } catch (error) {
        const waitMs = error instanceof ApiError ? waitFor(error, attempt, options.random) : undefined;
        const exhausted = attempt + 1 >= tries || spent >= BUDGET_FLOOR + sent / 10;
        if (!(error instanceof ApiError) || waitMs === undefined || exhausted) throw error;
        spent++;
        if (error.followUp === "pause" || error.retryAfterSeconds !== null) pausedUntil = Math.max(pausedUntil, Date.now() + waitMs);
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

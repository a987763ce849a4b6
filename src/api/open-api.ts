import { createApi, type Api } from "./client.ts";
import { withLimit, type LimitedSend } from "./limit.ts";
import { withRetry, type RetryOptions } from "./retry.ts";
import { createSend } from "./send.ts";

export type SendOptions = {
  apiUrl: string;
  rate: number;
  deadlineMs?: number;
  /** Gets the `Date` header of each response. */
  onDate?: (date: string) => void;
};

export type ApiOptions = SendOptions & RetryOptions & { token: string; userAgent: string };

/**
 * The way to the API, whose requests are limited and paused together, whoever sends them. `deadlineMs` bounds one request,
 * 60 s by default. Dispose of it to close its connections.
 */
export function openSend(options: SendOptions): LimitedSend & AsyncDisposable {
  const send = createSend(options.apiUrl, options);
  return Object.assign(withLimit(send, options.rate), {
    [Symbol.asyncDispose]: () => send[Symbol.asyncDispose](),
  });
}

/** The API over a way that others may use too, with its own requests counted and retried. */
export function apiOver(send: LimitedSend, options: RetryOptions & { token: string; userAgent: string }): Api {
  let requests = 0;
  const onSend = () => void requests++;
  const counted = Object.assign((...[request, signal]: Parameters<LimitedSend>) => send(request, signal, onSend), {
    pause: send.pause,
  });
  return createApi(options.token, options.userAgent, withRetry(counted, options), () => requests);
}

/** The API over a way of its own. Dispose of it to close its connections. */
export function openApi(options: ApiOptions): Api & AsyncDisposable {
  const send = openSend(options);
  return Object.defineProperty(apiOver(send, options) as Api & AsyncDisposable, Symbol.asyncDispose, {
    value: () => send[Symbol.asyncDispose](),
  });
}

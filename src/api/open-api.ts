import { createApi, type Api } from "./client.ts";
import { withLimit } from "./limit.ts";
import { withRetry, type RetryOptions } from "./retry.ts";
import { createSend, type Send } from "./send.ts";

export type ApiOptions = RetryOptions & {
  apiUrl: string;
  token: string;
  userAgent: string;
  rate: number;
  deadlineMs?: number;
  /** Gets the `Date` header of each response. */
  onDate?: (date: string) => void;
};

/**
 * The API with its requests counted, limited and retried. `deadlineMs` bounds one request, 60 s by default. Dispose of it
 * to close its connections.
 */
export function openApi(options: ApiOptions): Api & AsyncDisposable {
  const send = createSend(options.apiUrl, options);
  let requests = 0;
  const counted: Send = (request, signal) => {
    requests++;
    return send(request, signal);
  };
  const sendAndRead = withRetry(withLimit(counted, options.rate), options);
  const api = createApi(options.token, options.userAgent, sendAndRead, () => requests);
  return Object.defineProperty(api as Api & AsyncDisposable, Symbol.asyncDispose, {
    value: () => send[Symbol.asyncDispose](),
  });
}

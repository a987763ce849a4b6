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
  /** Given the `Date` of each answer. */
  onDate?: (date: string) => void;
};

/** The API as the program uses it: the wire, counted, limited, retried. `deadlineMs` bounds one request, 60 s unless said. Dispose of it to close its connections. */
export function openApi(options: ApiOptions): Api & AsyncDisposable {
  const wire = createSend(options.apiUrl, options);
  let requests = 0;
  const counted: Send = (question, signal) => {
    requests++;
    return wire(question, signal);
  };
  const deliver = withRetry(withLimit(counted, options.rate), options);
  const api = createApi(options.token, options.userAgent, deliver, () => requests);
  return Object.defineProperty(api as Api & AsyncDisposable, Symbol.asyncDispose, {
    value: () => wire[Symbol.asyncDispose](),
  });
}

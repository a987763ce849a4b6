import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { ApiRefusal } from "../replay/api-refusal.ts";

/** Where calls are passed on to, and for how long an answer is waited for. */
export type Upstream = { apiUrl: string; timeoutMs: number };

/** A synchronous generation takes minutes. */
export const TIMEOUT_MS = 30 * 60_000;

export type Call = {
  method: string;
  /** With its query, below /producer/. */
  path: string;
  headers: Record<string, string | string[]>;
  body: Buffer | IncomingMessage;
  signal: AbortSignal;
};

/** The address upstream of a path here. Throws ApiRefusal for one that leads out of /producer/. */
export function upstreamUrl(apiUrl: string, path: string): URL {
  const url = new URL(apiUrl + path);
  const base = new URL(apiUrl).pathname.replace(/\/$/, "");
  if (url.pathname.startsWith(`${base}/producer/`)) return url;
  throw new ApiRefusal(404, "no_api", "API does not exist, please make sure url is correct.");
}

/**
 * Sends a call upstream, once, over a connection of its own: one that was kept open may be closed just then, and nothing is
 * ever sent again. Resolves with the answer, whose body is still to come; the time-out and the signal end that too. Throws
 * ApiRefusal when there is no answer.
 */
export function callUpstream({ apiUrl, timeoutMs }: Upstream, call: Call): Promise<IncomingMessage> {
  const url = upstreamUrl(apiUrl, call.path);
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined;
    const asked = request(url, { method: call.method, headers: call.headers, agent: false });
    const end = (failure: ApiRefusal) => {
      reject(failure);
      answer?.destroy(failure);
      asked.destroy(failure);
    };
    const timer = setTimeout(() => end(new ApiRefusal(504, "timeout", "The API took too long.")), timeoutMs);
    const onAbort = () => end(new ApiRefusal(500, "api_error", "the caller has left"));
    call.signal.addEventListener("abort", onAbort, { once: true });
    asked.on("error", () =>
      end(new ApiRefusal(502, "api_error", "The API cannot be reached, or ended the connection.")),
    );
    asked.once("response", (response) => resolve((answer = response)));
    asked.once("close", () => {
      clearTimeout(timer);
      call.signal.removeEventListener("abort", onAbort);
    });
    if (call.signal.aborted) onAbort();
    else if (Buffer.isBuffer(call.body)) asked.end(call.body);
    else call.body.on("error", () => asked.destroy()).pipe(asked);
  });
}

import { Agent, errors, request as httpRequest } from "undici";
import { retryAfterSeconds } from "../lib/net/retry-after.ts";
import { safeLine } from "../lib/text/terminal-safe.ts";
import { ApiError } from "./api-error.ts";
import { brokenResponse, hideToken, parseBody, toApiError } from "./read-error.ts";
import type { TaskRequest } from "./request.ts";

/** Sends one request and returns the exact body text of a 2xx response. Throws ApiError, or the signal's reason. */
export type Send = (request: TaskRequest, signal: AbortSignal) => Promise<string>;

const MAX_BYTES = 20 * 1024 * 1024;
const DEADLINE_MS = 60_000;

type SendOptions = { deadlineMs?: number | undefined; onDate?: ((date: string) => void) | undefined };

/** Sends to one origin and follows no redirect. A request takes at most 60 s, its response at most 20 MB. */
export function createSend(apiUrl: string, options: SendOptions = {}): Send & AsyncDisposable {
  const { deadlineMs = DEADLINE_MS, onDate } = options;
  const agent = new Agent({ connect: { timeout: 10_000 }, keepAliveTimeout: 10_000, connections: 4 });
  const send = async (request: TaskRequest, signal: AbortSignal): Promise<string> => {
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      return await exchange(agent, apiUrl, request, AbortSignal.any([signal, deadline]), onDate);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ApiError ? error : networkError(error, apiUrl, deadline.aborted ? deadlineMs : undefined);
    }
  };
  return Object.assign(send, { [Symbol.asyncDispose]: () => agent.destroy() });
}

async function exchange(
  agent: Agent,
  apiUrl: string,
  { path, headers, body }: TaskRequest,
  signal: AbortSignal,
  onDate?: (date: string) => void,
): Promise<string> {
  const response = await httpRequest(`${apiUrl}${path}`, { method: "POST", headers, body, dispatcher: agent, signal });
  const status = response.statusCode;
  if (typeof response.headers["date"] === "string") onDate?.(response.headers["date"]);
  const isGood = status >= 200 && status < 300;
  const text = await readText(response.body, response.headers["content-length"], { status, fatal: isGood });
  if (isGood && text !== "") return text;
  const raw = hideToken(text, (headers["authorization"] ?? "").replace(/^Bearer /, ""));
  throw toApiError(status, raw, parseBody(raw), retryAfterSeconds(response.headers["retry-after"]));
}

/**
 * Decodes the body as it arrives. A whole response kept as bytes would survive the quick collections of new objects, and
 * dozens of megabytes would pile up until the next full garbage collection. `fatal`: invalid UTF-8 is an error.
 */
async function readText(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  announced: string | string[] | undefined,
  { status, fatal }: { status: number; fatal: boolean },
): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal });
  let text = "";
  let size = 0;
  let isJson = false;
  try {
    if (Number(announced ?? 0) > MAX_BYTES) throw tooLarge();
    for await (const chunk of body) {
      isJson ||= size === 0 && chunk[0] === 0x7b;
      size += chunk.length;
      if (size > MAX_BYTES) throw tooLarge();
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    body.destroy();
    throw error instanceof TypeError ? notText(error, status, isJson) : error;
  }
}

function tooLarge(): ApiError {
  return new ApiError("the API's response is larger than 20 MB", { followUp: "split", status: 200, code: "too_large" });
}

function notText(cause: Error, status: number, isJson: boolean): ApiError {
  if (isJson) return brokenResponse("it is not valid UTF-8 text", cause);
  const code = "unexpected_answer";
  return new ApiError("the API's response is not valid UTF-8 text", { followUp: "retry", status, code, cause });
}

function networkError(cause: unknown, apiUrl: string, lateMs: number | undefined): ApiError {
  const { host } = new URL(apiUrl);
  const late = lateMs !== undefined;
  const why = late ? `no complete response within ${lateMs / 1000} s` : explain(cause);
  return new ApiError(`cannot reach the API at ${host}: ${why}`, {
    followUp: "retry",
    status: null,
    code: late ? "timeout" : "network",
    cause,
  });
}

function explain(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name cannot be looked up";
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (/CERT|SELF_SIGNED|TLS|ALTNAME/.test(code ?? "")) return `its certificate is not valid (${code})`;
  if (cause instanceof errors.SocketError) return "the connection broke";
  return safeLine([code, message].filter(Boolean).join(" ").slice(0, 200));
}

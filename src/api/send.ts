import type { Agent, Dispatcher } from "undici";
import { guardedAgent } from "../lib/net/guarded-agent.ts";
import { networkProblem } from "../lib/net/network-problem.ts";
import { isPage, whoAnswered } from "../lib/net/who-answered.ts";
import { ApiError } from "./api-error.ts";
import { decodeBody } from "./decode-body.ts";
import { brokenResponse, hideToken } from "./read-error.ts";
import { readFailure } from "./read-failure.ts";
import type { TaskRequest } from "./request.ts";

/** Sends one request and returns the exact body text of a 2xx response. Throws ApiError, or the signal's reason. */
export type Send = (request: TaskRequest, signal: AbortSignal) => Promise<string>;

const MAX_BYTES = 20 * 1024 * 1024;
const DEADLINE_MS = 60_000;

type SendOptions = { deadlineMs?: number | undefined; onDate?: ((date: string) => void) | undefined };

/** Sends to one origin and follows no redirect, since the token goes nowhere else. A request takes at most 60 s, its response at most 20 MB. */
export function createSend(apiUrl: string, options: SendOptions = {}): Send & AsyncDisposable {
  const { deadlineMs = DEADLINE_MS, onDate } = options;
  const agent = guardedAgent({ mayBePrivate: () => true, connections: 4 });
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
  const url = new URL(`${apiUrl}${path}`);
  const target = { origin: url.origin, path: `${url.pathname}${url.search}` };
  const response = await agent.request({ ...target, method: "POST", headers, body, signal });
  const status = response.statusCode;
  if (typeof response.headers["date"] === "string") onDate?.(response.headers["date"]);
  const isGood = status >= 200 && status < 300;
  const text = await readText(response, isGood);
  const answer = { status, headers: response.headers, head: text };
  if (isGood && text !== "" && !(isPage(text) && whoAnswered(answer))) return text;
  const token = (headers["authorization"] ?? "").replace(/^Bearer /, "");
  throw readFailure({ ...answer, head: hideToken(text, token) }, url);
}

/**
 * Decodes the body as it arrives. A whole response kept as bytes would survive the quick collections of new objects, and
 * dozens of megabytes would pile up until the next full garbage collection. `fatal`: invalid UTF-8 is an error.
 */
async function readText(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  fatal: boolean,
): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal });
  let text = "";
  let size = 0;
  let isJson = false;
  try {
    if (Number(headers["content-length"] ?? 0) > MAX_BYTES) throw tooLarge();
    for await (const chunk of decodeBody(body, headers["content-encoding"])) {
      isJson ||= size === 0 && chunk[0] === 0x7b;
      size += chunk.length;
      if (size > MAX_BYTES) throw tooLarge();
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    body.on("error", () => undefined).destroy();
    if (isCodingError(error)) throw badCoding(error as Error, status);
    throw error instanceof TypeError ? notText(error, status, isJson) : error;
  }
}

/** Errors of zlib, which have codes of their own. */
function isCodingError(error: unknown): boolean {
  return /^(Z_|ZSTD_|ERR_(_BROTLI|_ZSTD|BROTLI|ZSTD|ZLIB))/i.test(String((error as NodeJS.ErrnoException).code));
}

function badCoding(cause: Error, status: number): ApiError {
  const message = `the API's response is cut short, or not in the encoding that it names (${cause.message})`;
  return new ApiError(message, { followUp: "retry", status, code: "unexpected_answer", cause });
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
  const why = late ? `no complete response within ${lateMs / 1000} s` : networkProblem(cause);
  return new ApiError(`cannot reach the API at ${host}: ${why}`, {
    followUp: "retry",
    status: null,
    code: late ? "timeout" : "network",
    cause,
  });
}

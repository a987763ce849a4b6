import { Agent, errors, request } from "undici";
import { retryAfterSeconds } from "../lib/retry-after.ts";
import { safeLine } from "../lib/terminal-safe.ts";
import { ApiError } from "./api-error.ts";
import { hideToken, parseBody, toApiError } from "./read-error.ts";
import type { TaskRequest } from "./request.ts";

/** Sends one question; returns the body's exact text of a 2xx answer. Throws ApiError, or the signal's reason. */
export type Send = (question: TaskRequest, signal: AbortSignal) => Promise<string>;

const MAX_BYTES = 20 * 1024 * 1024;
const DEADLINE_MS = 60_000;

/** The wire itself: one origin, no redirect followed, 60 s and 20 MB in all. */
export function createSend(apiUrl: string, deadlineMs = DEADLINE_MS): Send & AsyncDisposable {
  const agent = new Agent({ connect: { timeout: 10_000 }, keepAliveTimeout: 10_000, connections: 4 });
  const send = async (question: TaskRequest, signal: AbortSignal): Promise<string> => {
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      return await exchange(agent, apiUrl, question, AbortSignal.any([signal, deadline]));
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
): Promise<string> {
  const answer = await request(`${apiUrl}${path}`, { method: "POST", headers, body, dispatcher: agent, signal });
  const status = answer.statusCode;
  const bytes = await readCapped(answer.body, answer.headers["content-length"]);
  if (status >= 200 && status < 300 && bytes.length > 0) return decode(bytes, status);
  const raw = hideToken(new TextDecoder().decode(bytes), (headers["authorization"] ?? "").replace(/^Bearer /, ""));
  throw toApiError(status, raw, parseBody(raw), retryAfterSeconds(answer.headers["retry-after"]));
}

async function readCapped(
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  announced: string | string[] | undefined,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = Number(announced ?? 0) > MAX_BYTES ? Number(announced) : 0;
  if (size === 0) {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > MAX_BYTES) break;
      chunks.push(chunk);
    }
  }
  if (size <= MAX_BYTES) return Buffer.concat(chunks);
  body.destroy();
  throw new ApiError("the API's answer is larger than 20 MB", { followUp: "split", status: 200, code: "too_large" });
}

function decode(bytes: Buffer, status: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ApiError("the API's answer is no UTF-8 text", {
      followUp: "retry",
      status,
      code: "unexpected_answer",
      cause,
    });
  }
}

function networkError(cause: unknown, apiUrl: string, lateMs: number | undefined): ApiError {
  const { host } = new URL(apiUrl);
  const late = lateMs !== undefined;
  const why = late ? `no whole answer within ${lateMs / 1000} s` : explain(cause);
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

import { safeLine } from "../lib/text/terminal-safe.ts";
import { LONGEST_RETRY_AFTER_SECONDS } from "../lib/net/backoff.ts";
import { ApiError, type ApiFollowUp } from "./api-error.ts";

/** Codes after which a retry does not help, whatever the HTTP status. */
const REFUSALS = new Set([
  "invalid_token",
  "token_expired",
  "no_token",
  "token_mismatched",
  "used_up",
  "disabled",
  "forbidden",
  "api_not_implemented",
  "no_api",
]);

/** The code of a response whose text is broken. */
export const BROKEN_RESPONSE = "broken_answer";

const HINTS: Record<string, string> = {
  invalid_token:
    "copy the key again from your application's page on platform.acedata.cloud into ACEDATACLOUD_API_TOKEN",
  token_expired: "make a new key on platform.acedata.cloud and set ACEDATACLOUD_API_TOKEN to it",
  no_token: "set ACEDATACLOUD_API_TOKEN to the key of your application on platform.acedata.cloud",
  token_mismatched:
    "this key belongs to another service: acquire the Producer Tasks service and use its key, or a global one",
  used_up: "the balance of this application is used up: top it up, or use another key",
  disabled: "this application or service is switched off: look at its page on platform.acedata.cloud",
  forbidden: "this account may not use the service: look at its page on platform.acedata.cloud",
  api_not_implemented:
    "this token's service does not offer /producer/tasks: acquire it on its page on platform.acedata.cloud",
  no_api: "there is no /producer/tasks at this API URL: check PRODUCER_MIRROR_API_URL",
};

const UNKNOWN_REFUSAL =
  "this program does not know this answer of the API: check PRODUCER_MIRROR_API_URL, or look for a newer version";

export type ErrorBody = { code: string | null; message: string | null; traceId: string | null };

/** The error in a body of any of the six shapes that this API and its gateway send; null when the body holds none. */
export function readErrorBody(body: unknown): ErrorBody | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  const { error, detail, success, trace_id: traceId } = body as Record<string, unknown>;
  const trace = text(traceId);
  if (typeof error === "object" && error !== null) {
    const { code, message } = error as Record<string, unknown>;
    return { code: text(code), message: text(message), traceId: trace };
  }
  if (typeof error === "string") return { code: null, message: error, traceId: trace };
  if (typeof detail === "string") return { code: null, message: detail, traceId: trace };
  return success === false || error === null ? { code: null, message: null, traceId: trace } : null;
}

/**
 * Turns a response that holds no record into an error with a message and a follow-up. `raw` is quoted where `body`, its
 * JSON, is undefined.
 */
export function toApiError(status: number, raw: string, body: unknown, retryAfterSeconds: number | null): ApiError {
  const error = readErrorBody(body);
  const code = error?.code ?? defaultCode(status);
  const words = error?.message ?? (body === undefined ? excerpt(raw) : "");
  const trace = error?.traceId ?? null;
  const quoted = words ? `: "${safeLine(words).slice(0, 200)}"` : "";
  const message = `the API answered ${status} ${safeLine(code)}${quoted}${trace ? ` (trace ${safeLine(trace)})` : ""}`;
  const usual = chooseFollowUp(status, code, words);
  const followUp = usual === "retry" && (retryAfterSeconds ?? 0) > LONGEST_RETRY_AFTER_SECONDS ? "pause" : usual;
  const hint = followUp === "refused" ? (HINTS[code] ?? HINTS[defaultCode(status)] ?? UNKNOWN_REFUSAL) : undefined;
  return new ApiError(message, { followUp, status, code, traceId: trace, hint, retryAfterSeconds });
}

/** A response with records that cannot be read as a whole; `why` says where. One record may be the reason. */
export function brokenResponse(why: string, cause?: Error): ApiError {
  const message = `the API answered 200, but ${safeLine(why).slice(0, 200)}`;
  return new ApiError(message, { followUp: "retry", status: 200, code: BROKEN_RESPONSE, cause });
}

function chooseFollowUp(status: number, code: string, message: string): ApiFollowUp {
  if (status === 404 && (code === "task_not_found" || /task.{0,20}not (found|exist)/i.test(message))) return "absent";
  if (REFUSALS.has(code) || status === 401 || status === 402) return "refused";
  if (status === 429 || code === "too_many_requests") return "pause";
  if (status === 400 || status === 413 || (status < 400 && code === "bad_request")) return "split";
  if (status >= 400 && status < 500 && status !== 408) return "refused";
  return "retry";
}

function defaultCode(status: number): string {
  const codes: Record<number, string> = {
    401: "invalid_token",
    402: "used_up",
    403: "forbidden",
    404: "no_api",
    429: "too_many_requests",
  };
  return codes[status] ?? (status >= 500 ? "api_error" : status >= 400 ? "bad_request" : "unexpected_answer");
}

/** `raw` without the token, should a service repeat it: error texts are shown, and stored as `last_error`. */
export function hideToken(raw: string, token: string): string {
  return token === "" ? raw : raw.replaceAll(token, "***");
}

/** `raw` parsed as JSON; undefined when it is not JSON. */
export function parseBody(raw: string): unknown {
  try {
    return JSON.parse(raw.replace(/^\uFEFF/, "")) as unknown;
  } catch {
    return undefined;
  }
}

function excerpt(raw: string): string {
  return raw.replace(/\s+/g, " ").trim().slice(0, 200) || "an empty body";
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : null;
}

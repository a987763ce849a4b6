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

/** Keys under which gateways and frameworks put their words, the most telling first. */
const WORDS = ["message", "msg", "detail", "error_description", "description", "reason", "title"];

/**
 * The error in a body: of the six shapes that this API and its gateway send, or as other gateways and frameworks write
 * one (`{"message": …}`, `{"errors": […]}`, `{"detail": [{"msg": …}]}`); null when the body holds none.
 */
export function readErrorBody(body: unknown): ErrorBody | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  const fields = body as Record<string, unknown>;
  const { error, errors, success, code, trace_id: traceId } = fields;
  const trace = text(traceId);
  if (typeof error === "object" && error !== null) {
    const { code: inner } = error as Record<string, unknown>;
    return { code: text(inner), message: wordsOf(error), traceId: trace };
  }
  const isCode = typeof error === "string" && REFUSALS.has(error);
  if (isCode) return { code: error, message: wordsOf(body), traceId: trace };
  const message = (typeof error === "string" ? text(error) : null) ?? wordsOf(body) ?? wordsOf(errors);
  const isFailure = success === false || error === null || message !== null;
  return isFailure ? { code: typeof code === "string" ? text(code) : null, message, traceId: trace } : null;
}

/** The words of an error, be it a text, an object or a list of these. */
function wordsOf(value: unknown): string | null {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return value.map(wordsOf).find((words) => words !== null) ?? null;
  if (typeof value !== "object" || value === null) return null;
  const fields = value as Record<string, unknown>;
  return WORDS.map((key) => wordsOf(fields[key])).find((words) => words !== null) ?? null;
}

/**
 * Turns a response that holds no record into an error with a message and a follow-up. `raw` is quoted where `body`, its
 * JSON, is undefined.
 */
export function toApiError(status: number, raw: string, body: unknown, retryAfterSeconds: number | null): ApiError {
  const error = readErrorBody(body);
  const code = error?.code ?? defaultCode(status);
  const words = error?.message ?? (error?.code ? "" : excerpt(raw));
  const trace = error?.traceId ?? null;
  const quoted = words ? `: "${safeLine(words).slice(0, 200)}"` : "";
  const message = `the API answered ${status} ${safeLine(code)}${quoted}${trace ? ` (trace ${safeLine(trace)})` : ""}`;
  const usual = chooseFollowUp(status, code, words);
  const followUp = usual === "retry" && (retryAfterSeconds ?? 0) > LONGEST_RETRY_AFTER_SECONDS ? "pause" : usual;
  const hint = followUp === "refused" ? hintOf(status, error?.code ?? null) : undefined;
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

/** Without a code of its own a 403 may be about anything: it is no word about the account. */
function hintOf(status: number, code: string | null): string {
  if (code === null && status === 403) return UNKNOWN_REFUSAL;
  return HINTS[code ?? ""] ?? HINTS[defaultCode(status)] ?? UNKNOWN_REFUSAL;
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

/** The beginning of a body for a message. */
export function excerpt(raw: string): string {
  return raw.replace(/\s+/g, " ").trim().slice(0, 200) || "an empty body";
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : null;
}

import { jsonReply, textReply, type Reply } from "./reply.ts";

export type ErrorText = { code?: string | undefined; message?: string | undefined };

export const TRACE_ID = "2cf86e86-22a4-46e1-ac2f-032c0f2a4e89";

const DEFAULTS: Record<number, { code: string; message: string }> = {
  400: { code: "bad_request", message: "Request parameters error." },
  401: { code: "invalid_token", message: "The specified token is invalid." },
  402: { code: "payment_required", message: "Payment is required." },
  403: { code: "used_up", message: "Your balance is not sufficient." },
  404: { code: "no_api", message: "API does not exist, please make sure url is correct." },
  429: { code: "too_many_requests", message: "Too many requests, please slow down." },
  500: { code: "api_error", message: "fetch failed" },
  504: { code: "timeout", message: "The upstream took too long." },
};

/** An error as the API writes it. */
export function apiError(status: number, given: ErrorText = {}): Reply {
  return jsonReply(status, { error: errorText(status, given), trace_id: TRACE_ID });
}

/** The code and message of an error: those given, else those that the API has for this status. */
export function errorText(status: number, given: ErrorText): { code: string; message: string } {
  const known = DEFAULTS[status] ?? { code: "api_error", message: `status ${status}` };
  return { code: given.code ?? known.code, message: given.message ?? known.message };
}

/** An error as the XML API of Cloud Storage writes it. */
export function bucketError(status: number, code: string, message: string): Reply {
  const xml = `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return textReply(status, "application/xml; charset=UTF-8", xml);
}

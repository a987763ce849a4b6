import { jsonReply, textReply, type Reply } from "./reply.ts";

/** The ways in which errors of the API have been seen written; `gcs` is how a bucket writes them. */
export type ErrorStyle =
  "gateway" | "worker" | "error-string" | "error-null" | "detail" | "html" | "text" | "gcs" | "empty";

export type ErrorWords = { code?: string | undefined; message?: string | undefined };

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

/** An error as the API (or the gateway, worker, proxy before it) writes it. */
export function errorReply(status: number, style: ErrorStyle, words: ErrorWords = {}): Reply {
  const known = DEFAULTS[status] ?? { code: "api_error", message: `status ${status}` };
  const error = { code: words.code ?? known.code, message: words.message ?? known.message };
  switch (style) {
    case "gateway":
      return jsonReply(status, { error, trace_id: TRACE_ID });
    case "worker":
      return jsonReply(status, { success: false, error, trace_id: TRACE_ID });
    case "error-string":
      return jsonReply(status, { error: error.message });
    case "error-null":
      return jsonReply(status, { error: null });
    case "detail":
      return jsonReply(status, { detail: error.message });
    case "html":
      return textReply(
        status,
        "text/html; charset=utf-8",
        `<html><body><h1>${status}</h1><p>${error.message}</p></body></html>`,
      );
    case "text":
      return textReply(status, "text/plain; charset=utf-8", error.message);
    case "gcs":
      return gcsError(status, words.code ?? "AccessDenied", words.message ?? "Access denied.");
    case "empty":
      return { status, headers: [], body: Buffer.alloc(0) };
  }
}

/** How Cloud Storage writes an error of its XML API. */
export function gcsError(status: number, code: string, message: string): Reply {
  const xml = `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return textReply(status, "application/xml; charset=UTF-8", xml);
}

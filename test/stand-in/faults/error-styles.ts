import { apiError, bucketError, errorText, TRACE_ID, type ErrorText } from "../../../src/demo/service/error-replies.ts";
import { jsonReply, textReply, type Reply } from "../../../src/demo/service/reply.ts";

/** The forms in which errors of the API have been seen; `gcs` is the one of a bucket. */
export type ErrorStyle =
  "gateway" | "worker" | "error-string" | "error-null" | "detail" | "html" | "text" | "gcs" | "empty";

/** An error as the API, or the gateway, worker or proxy in front of it, writes it. */
export function errorReply(status: number, style: ErrorStyle, given: ErrorText): Reply {
  const error = errorText(status, given);
  switch (style) {
    case "gateway":
      return apiError(status, given);
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
      return bucketError(status, given.code ?? "AccessDenied", given.message ?? "Access denied.");
    case "empty":
      return { status, headers: [], body: Buffer.alloc(0) };
  }
}

import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { MirrorError } from "../../lib/errors.ts";
import { toStorageError } from "../../lib/files/storage-errors.ts";

/** A refusal, as the API words it: the status, its code, and one line. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function badRequest(message: string): ApiRefusal {
  return new ApiRefusal(400, "bad_request", message);
}

/** Any failure in the API's words. What we did not expect says nothing of its inside. */
export function toApiRefusal(thrown: unknown): ApiRefusal {
  if (thrown instanceof ApiRefusal) return thrown;
  const error = toStorageError(thrown);
  if (!(error instanceof MirrorError)) return new ApiRefusal(500, "api_error", "an unexpected failure");
  if (error.code === "busy") return new ApiRefusal(429, "too_many_requests", error.message);
  return new ApiRefusal(500, "api_error", error.message);
}

/** Answers a request as the API refuses one. `close`: what is still to come of the request is not read. */
export function sendFailure(response: ServerResponse, { status, code, message }: ApiRefusal, close = false): void {
  const body = JSON.stringify({ success: false, error: { code, message }, trace_id: randomUUID() });
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    "Cache-Control": "no-store",
    ...(close ? { Connection: "close" } : {}),
  });
  response.end(body);
}

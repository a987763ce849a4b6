/** What to do after a failed request. */
export type ApiFollowUp =
  /** No more requests in this run: the token, account or service is refused. */
  | "refused"
  /** 429, or a `Retry-After` that is longer than a run waits: all requests pause. */
  | "pause"
  /** 408, 5xx, network: send it again later. */
  | "retry"
  /** 400, 413: the API rejects some id of the batch; half of the batch may pass. */
  | "split"
  /** Something in front of the API answered, or sent us elsewhere: no more requests in this run. */
  | "in_front"
  /** The API does not know this single id, and says so in another way than `{}`. */
  | "absent";

/** The API, or the connection to it, failed. The message is the line that a person reads. */
export class ApiError extends Error {
  readonly followUp: ApiFollowUp;
  /** HTTP status; null when there was no response. */
  readonly status: number | null;
  readonly code: string;
  readonly traceId: string | null;
  readonly hint: string | undefined;
  /** The seconds of `Retry-After`; null when there was none. */
  readonly retryAfterSeconds: number | null;
  /** How often the request was sent before this was thrown. */
  tries = 1;

  constructor(
    message: string,
    details: {
      followUp: ApiFollowUp;
      status: number | null;
      code: string;
      traceId?: string | null;
      hint?: string | undefined;
      retryAfterSeconds?: number | null;
      cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.name = "ApiError";
    this.followUp = details.followUp;
    this.status = details.status;
    this.code = details.code;
    this.traceId = details.traceId ?? null;
    this.hint = details.hint;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
  }
}

/** The longest `Retry-After` that is waited for, in seconds. */
export const LONGEST_WAIT = 120;

/** What to do after an answer that is no record. */
export type ApiFollowUp =
  /** No more questions in this run: token, account or service. */
  | "refused"
  /** 429, and any `Retry-After` that is longer than a run waits: everything pauses. */
  | "pause"
  /** 408, 5xx, network: once more, later. */
  | "retry"
  /** 400, 413: some id in the batch does not go down; half of it may. */
  | "split"
  /** A single id that the API says it does not know, by another way than `{}`. */
  | "absent";

/** The API or the way to it failed. The message is the line that a person reads. */
export class ApiError extends Error {
  readonly followUp: ApiFollowUp;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly code: string;
  readonly traceId: string | null;
  readonly hint: string | undefined;
  /** Seconds asked for by `Retry-After`; null when there was none. */
  readonly retryAfterSeconds: number | null;
  /** How often the question was sent before this was thrown. */
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

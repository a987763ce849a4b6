export type AssetErrorCode =
  | "refused_url"
  | "redirect"
  | "http"
  | "network"
  | "timeout"
  | "cut"
  | "encoding"
  | "bad_bytes"
  | "hash_mismatch"
  | "too_large"
  | "bad_path";

/**
 * What may follow: `retry`: try again soon. `miss`: the server says it has no such file (403, 404, 410), so fetch a fresh
 * URL. `never`: the same request cannot succeed in this run. `pause`: the server asks to wait with all requests.
 */
export type AssetFollowUp = "retry" | "miss" | "never" | "pause";

export type AssetErrorDetails = {
  httpStatus?: number | undefined;
  followUp?: AssetFollowUp;
  retryAfterSeconds?: number | null;
  hint?: string;
  cause?: unknown;
};

/** One attempt at one file failed, through no fault of this machine (that is a DiskError). The message is one safe line. */
export class AssetError extends Error {
  override readonly name = "AssetError";
  readonly code: AssetErrorCode;
  readonly followUp: AssetFollowUp;
  /** The status of the last response; null when there was none. */
  readonly httpStatus: number | null;
  /** How long the server asks to wait; only with `pause`, null when not stated. */
  readonly retryAfterSeconds: number | null;
  readonly hint: string | undefined;

  constructor(code: AssetErrorCode, message: string, details: AssetErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.followUp = details.followUp ?? "retry";
    this.httpStatus = details.httpStatus ?? null;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
    this.hint = details.hint;
  }

  /** The same failure with another message. */
  with(message: string): AssetError {
    const { followUp, retryAfterSeconds } = this;
    return new AssetError(this.code, message, {
      followUp,
      retryAfterSeconds,
      httpStatus: this.httpStatus ?? undefined,
      cause: this,
    });
  }
}

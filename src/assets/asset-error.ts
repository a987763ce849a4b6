export type AssetErrorCode =
  | "refused_url"
  | "redirect"
  | "http"
  | "in_front"
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
 * URL. `address`: the server says that the URL is no longer valid, so fetch a fresh one; this is no word about the file.
 * `never`: the same request cannot succeed in this run. `pause`: the server asks to wait with all requests.
 */
export type AssetFollowUp = "retry" | "miss" | "address" | "never" | "pause";

export type AssetErrorDetails = {
  httpStatus?: number | undefined;
  followUp?: AssetFollowUp;
  retryAfterSeconds?: number | null;
  hint?: string;
  /** No host answered: the connection failed, or something in front of the host answered in its place. */
  isUnreachable?: boolean;
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
  readonly isUnreachable: boolean;

  constructor(code: AssetErrorCode, message: string, details: AssetErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.followUp = details.followUp ?? "retry";
    this.httpStatus = details.httpStatus ?? null;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
    this.hint = details.hint;
    this.isUnreachable = details.isUnreachable ?? false;
  }

  /** The same failure with another message. */
  with(message: string): AssetError {
    return this.#changed(message, this.isUnreachable);
  }

  /** The same failure, of a request that got no answer at all. */
  asUnreachable(): AssetError {
    return this.#changed(this.message, true);
  }

  #changed(message: string, isUnreachable: boolean): AssetError {
    const { followUp, retryAfterSeconds } = this;
    return new AssetError(this.code, message, {
      followUp,
      retryAfterSeconds,
      isUnreachable,
      httpStatus: this.httpStatus ?? undefined,
      cause: this,
    });
  }
}

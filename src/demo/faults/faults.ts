import type { RecordedRequest } from "../service/recorded-request.ts";
import type { ErrorStyle } from "../service/error-replies.ts";
import type { Junk } from "./fault-junk.ts";

/** Lets one request through: `[PASS, PASS, { … }]` hits the third. */
export const PASS = { kind: "none" } as const;

/** Faults that stand in place of the whole answer. */
export type AnswerFault =
  | {
      kind: "status";
      status: number;
      /** How the error is written; `gateway` unless said. */
      style?: ErrorStyle;
      code?: string;
      message?: string;
      /** Two values give two headers. */
      retryAfter?: string | string[];
      headers?: [string, string][];
    }
  | { kind: "redirect"; to: string; status?: number }
  /** Each hop leads to the same path with a higher `?hop=`; after `hops` of them the true answer, else never. */
  | { kind: "redirect-loop"; hops?: number; status?: number }
  | { kind: "empty"; status?: number; type?: string }
  /** 200 with a body of another kind; `type` is the lie about it, else the type that the true answer has. */
  | { kind: "junk"; what: Junk; type?: string; link?: string }
  | { kind: "body"; body: string | Buffer; type?: string; status?: number }
  /** API: arrays nested so deep in an item, or so many items `{}`. */
  | { kind: "deep"; depth: number }
  | { kind: "many-items"; count: number };

/** Faults of the JSON text of an API answer. */
export type TextFault =
  | { kind: "cut-json"; keep?: number }
  | { kind: "bom" }
  | { kind: "latin1" }
  | { kind: "content-type"; value: string | undefined };

/** Faults of the items of a batch; several fields work together. */
export type ItemsFault = {
  kind: "items";
  /** Leaves out so many from the front, or these ids. */
  missing?: number | string[];
  /** Adds so many records nobody asked for. */
  unasked?: number;
  duplicates?: boolean;
  reversed?: boolean;
  /** So many items become `{}`, from the end. */
  emptyObjects?: number;
  count?: number;
};

/** Faults of a stored file: the server is honest about the bytes that it has. */
export type ObjectFault = {
  kind: "object";
  /** Keeps this share of the file. */
  truncate?: number;
  /** Flips a bit at this share of the file. */
  flip?: number;
  append?: string | Buffer;
  /** Other playable bytes, and another ETag, for the same name. */
  version?: string;
};

/** Faults of the headers of a file. */
export type HeaderFault =
  | { kind: "range"; how: "ignored" | "wrong-start" | "unsatisfiable" | "unasked" }
  | { kind: "etag"; value: string | undefined }
  | { kind: "last-modified"; value: string | undefined }
  | { kind: "hash"; how: "wrong-md5" | "wrong-crc32c" | "broken" | "absent" | "one-header" };

/** Faults on the way. `after` below 1 is a share of the body, else bytes. */
export type DeliveryFault =
  | { kind: "hang" }
  | { kind: "hang-after-headers" }
  | { kind: "stall"; after: number }
  | { kind: "delay"; ms: number }
  | { kind: "slow"; bytesPerSecond: number }
  | { kind: "cut"; after: number; framing?: "length" | "none" | "chunked" | "http10" }
  | { kind: "no-length"; framing?: "none" | "chunked" | "http10" }
  /** Without `after`: before the first byte. */
  | { kind: "reset"; after?: number }
  /** Declares so many bytes more (or, below 0, less) than it sends. */
  | { kind: "length"; by: number }
  /** A bit flipped on the way, so that a digest in the headers tells. */
  | { kind: "corrupt"; at: number }
  /** `bombBytes`: the body is so many zero bytes, packed. */
  | { kind: "encoded"; layers?: ("gzip" | "br")[]; cut?: number; bombBytes?: number }
  | { kind: "endless" }
  /** So many bytes more, streamed: blanks before the end of a JSON body (still valid), zeros after a file. */
  | { kind: "huge"; bytes: number; declared?: boolean };

export type Fault = typeof PASS | AnswerFault | TextFault | ItemsFault | ObjectFault | HeaderFault | DeliveryFault;

/** "api", "assets"; a RegExp on the URL of a file; an id that an API request asks for; or any test. */
export type Matcher = "api" | "assets" | RegExp | { id: string } | ((request: RecordedRequest) => boolean);

/**
 * `once`: each fault hits one request. `forever`: the last one goes on. `each`: as once, but counted for each URL
 * apart, so that every file has its own bad start.
 */
export type Repeat = "once" | "forever" | "each";

import type { RecordedRequest } from "../../../src/demo/service/recorded-request.ts";
import type { ErrorStyle } from "./error-styles.ts";
import type { Junk } from "./junk.ts";

/** Lets one request through: `[PASS, PASS, { … }]` hits the third. */
export const PASS = { kind: "none" } as const;

/** Faults that replace the whole response. */
export type ReplyFault =
  | {
      kind: "status";
      status: number;
      /** The form of the error. Default: `gateway`, or `gcs` for files. */
      style?: ErrorStyle;
      code?: string;
      message?: string;
      /** Two values give two headers. */
      retryAfter?: string | string[];
      headers?: [string, string][];
    }
  | { kind: "redirect"; to: string; status?: number }
  /** Each hop leads to the same path with a higher `?hop=`; after `hops` of them the correct response follows, else never. */
  | { kind: "redirect-loop"; hops?: number; status?: number }
  | { kind: "empty"; status?: number; type?: string }
  /** 200 with a body of another kind; `type` is the content type. Default: the one of the correct response. */
  | { kind: "junk"; what: Junk; type?: string; link?: string }
  | { kind: "body"; body: string | Buffer; type?: string; status?: number }
  /** API: arrays nested so deep in an item, or so many items `{}`. */
  | { kind: "deep"; depth: number }
  | { kind: "many-items"; count: number };

/** Faults of the JSON text of an API response. */
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
  /** Adds so many records that were not requested. */
  unrequested?: number;
  duplicates?: boolean;
  reversed?: boolean;
  /** So many items become `{}`, from the end. */
  emptyObjects?: number;
  count?: number;
};

/** Faults of a stored file: the headers describe the damaged bytes correctly. */
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
  | { kind: "range"; how: "ignored" | "wrong-start" | "unsatisfiable" | "unrequested" }
  | { kind: "etag"; value: string | undefined }
  | { kind: "last-modified"; value: string | undefined }
  | { kind: "hash"; how: "wrong-md5" | "wrong-crc32c" | "broken" | "absent" | "one-header" };

/** Faults of the transfer. `after` below 1 is a share of the body, else a number of bytes. */
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
  /** A bit flipped in the transfer, so that a checksum in the headers does not match. */
  | { kind: "corrupt"; at: number }
  /** `bombBytes`: the body is so many zero bytes, packed. */
  | { kind: "encoded"; layers?: ("gzip" | "br")[]; cut?: number; bombBytes?: number }
  | { kind: "endless" }
  /** So many bytes more, streamed: spaces before the end of a JSON body (still valid), zeros after a file. */
  | { kind: "huge"; bytes: number; declared?: boolean };

export type Fault = typeof PASS | ReplyFault | TextFault | ItemsFault | ObjectFault | HeaderFault | DeliveryFault;

/** "api", "assets"; a RegExp on the URL of a file; an id that an API request names; or any condition. */
export type Matcher = "api" | "assets" | RegExp | { id: string } | ((request: RecordedRequest) => boolean);

/**
 * `once`: each fault hits one request. `forever`: the last one is repeated. `each`: as `once`, but separately for each
 * URL, so that every file has its own faults.
 */
export type Repeat = "once" | "forever" | "each";

import type { IncomingHttpHeaders } from "node:http";
import { parseRange, type RequestedRange } from "../../lib/net/range.ts";

/** What a request asks of a file: RFC 9110 13.2.2, in its order. */
export type AskedPart = { kind: "failed" } | { kind: "unchanged" } | RequestedRange;

/** Reads the conditions and the range of a request for a file with this ETag. Ranges are for GET alone. */
export function readConditions(
  method: string | undefined,
  headers: IncomingHttpHeaders,
  file: { etag: string; bytes: number },
): AskedPart {
  const { etag, bytes } = file;
  if (headers["if-match"] !== undefined && !names(headers["if-match"], etag, false)) return { kind: "failed" };
  if (headers["if-none-match"] !== undefined && names(headers["if-none-match"], etag, true))
    return { kind: "unchanged" };
  const ifRange = headers["if-range"];
  // A date never fits: none is sent.
  const isCurrent = ifRange === undefined || ifRange === etag;
  return method === "GET" && isCurrent ? parseRange(headers.range, bytes) : { kind: "whole" };
}

/** Whether a list of ETags names this one, or any (`*`); `weak` also takes `W/"…"`. */
function names(list: string, etag: string, weak: boolean): boolean {
  if (list.trim() === "*") return true;
  const tags = list.split(",").map((tag) => tag.trim());
  return tags.some((tag) => tag === etag || (weak && tag === `W/${etag}`));
}

import type { StoredObject } from "./bucket-object.ts";
import type { Bucket } from "./bucket.ts";
import { bucketError } from "./error-replies.ts";
import type { Mishap } from "./mishaps.ts";
import { parseRange, type RequestedRange } from "../../lib/net/range.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import type { Header, Reply } from "./reply.ts";

/**
 * Replies to a GET or HEAD of a file as Cloud Storage does, but for what `mishap` changes: validators, checksums, one
 * range, If-Range and If-None-Match.
 */
export function assetReply(bucket: Bucket, request: RecordedRequest, mishap: Mishap): Reply {
  if (request.method !== "GET" && request.method !== "HEAD")
    return bucketError(405, "MethodNotAllowed", "Not allowed.");
  const stored = bucket.get(decodedPath(request.url), mishap.version);
  if (stored === undefined) return bucketError(404, "NoSuchKey", "The specified key does not exist.");
  const object = mishap.changeObject?.(stored) ?? stored;
  const reply = objectReply(object, request, mishap);
  return mishap.changeReply?.(reply) ?? reply;
}

function decodedPath(url: string): string {
  const path = url.split("?")[0] ?? "";
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function objectReply(object: StoredObject, request: RecordedRequest, mishap: Mishap): Reply {
  if (request.headers["if-none-match"] === object.etag) return notModified(object);
  const range = requestedRange(object, request);
  return rangeReply(object, mishap.changeRange?.(range, object.body.length) ?? range);
}

/** If-Range with an outdated validator asks for the whole file. */
function requestedRange(object: StoredObject, { headers }: RecordedRequest): RequestedRange {
  const validator = headers["if-range"];
  const isCurrent = validator === undefined || validator === object.etag || validator === object.lastModified;
  return isCurrent ? parseRange(headers.range, object.body.length) : { kind: "whole" };
}

function rangeReply(object: StoredObject, range: RequestedRange): Reply {
  const size = object.body.length;
  if (range.kind === "unsatisfiable") {
    const error = bucketError(416, "InvalidRange", "The requested range cannot be satisfied.");
    return { ...error, headers: [...error.headers, ["Content-Range", `bytes */${size}`]] };
  }
  const hashes = object.hashes.map((value): Header => ["x-goog-hash", value]);
  const headers: Header[] = [["Content-Type", object.type], ...validators(object), ...hashes];
  if (range.kind === "whole") return { status: 200, headers, body: object.body };
  const { start, end } = range;
  const body = object.body.subarray(start, end + 1);
  return { status: 206, headers: [...headers, ["Content-Range", `bytes ${start}-${end}/${size}`]], body };
}

function notModified(object: StoredObject): Reply {
  return { status: 304, headers: validators(object), body: Buffer.alloc(0) };
}

function validators(object: StoredObject): Header[] {
  return [
    ["ETag", object.etag],
    ["Last-Modified", object.lastModified],
    ["Accept-Ranges", "bytes"],
    ["Cache-Control", "public, max-age=3600"],
    ["x-goog-stored-content-length", String(object.body.length)],
  ];
}

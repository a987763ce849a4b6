import type { StoredObject } from "./asset-object.ts";
import type { AssetStore } from "./asset-store.ts";
import { gcsError } from "./error-replies.ts";
import { damageHeaders, hashHeaders } from "../faults/fault-headers.ts";
import { damageObject, versionOf } from "../faults/fault-object.ts";
import type { Fault } from "../faults/faults.ts";
import { parseRange, type RangeWish } from "./range.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import type { Header, Reply } from "./reply.ts";

/** Answers a GET or HEAD of a file as Cloud Storage does: validators, digests, one range, If-Range, If-None-Match. */
export function assetReply(store: AssetStore, request: RecordedRequest, faults: Fault[]): Reply {
  if (request.method !== "GET" && request.method !== "HEAD") return gcsError(405, "MethodNotAllowed", "Not allowed.");
  const stored = store.get(decodedPath(request.url), versionOf(faults));
  if (stored === undefined) return gcsError(404, "NoSuchKey", "The specified key does not exist.");
  const object = damageObject(stored, faults);
  const { headers } = request;
  if (headers["if-none-match"] === object.etag) return damageHeaders(notModified(object), faults);
  return damageHeaders(partOf(object, wishOf(object, request, faults), faults), faults);
}

function decodedPath(url: string): string {
  const path = url.split("?")[0] ?? "";
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function wishOf(object: StoredObject, { headers }: RecordedRequest, faults: Fault[]): RangeWish {
  const how = faults.findLast((fault) => fault.kind === "range")?.how;
  const size = object.body.length;
  if (how === "ignored") return { how: "whole" };
  if (how === "unsatisfiable") return { how: "unsatisfiable" };
  if (how === "unasked") return { how: "part", start: Math.floor(size / 2), end: size - 1 };
  const validator = headers["if-range"];
  const holds = validator === undefined || validator === object.etag || validator === object.lastModified;
  const wish = holds ? parseRange(headers.range, size) : { how: "whole" as const };
  if (how !== "wrong-start" || wish.how !== "part") return wish;
  return { ...wish, start: Math.max(0, wish.start - 100) };
}

function partOf(object: StoredObject, wish: RangeWish, faults: Fault[]): Reply {
  const size = object.body.length;
  if (wish.how === "unsatisfiable") {
    const error = gcsError(416, "InvalidRange", "The requested range cannot be satisfied.");
    return { ...error, headers: [...error.headers, ["Content-Range", `bytes */${size}`]] };
  }
  const hashes = hashHeaders(object, faults).map((value): Header => ["x-goog-hash", value]);
  const headers: Header[] = [["Content-Type", object.type], ...validators(object), ...hashes];
  if (wish.how === "whole") return { status: 200, headers, body: object.body };
  const body = object.body.subarray(wish.start, wish.end + 1);
  return { status: 206, headers: [...headers, ["Content-Range", `bytes ${wish.start}-${wish.end}/${size}`]], body };
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

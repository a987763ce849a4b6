import { all, one, type Headers } from "./headers.ts";
import { readDigests, type StatedDigests } from "./stated-digests.ts";

/** What the headers of a response state about the whole file. Kept beside a part, so that a later attempt can resume it. */
export type ResponseFacts = StatedDigests & {
  /** Of the whole file; null when not stated. */
  totalBytes: number | null;
  contentType: string | null;
  etag: string | null;
  lastModified: string | null;
  /** When the response was made: its `Date`, else the time at which it arrived. Milliseconds UTC. */
  date: number;
  /** A content coding that the headers name, although none was requested; the bytes may be in it. */
  coding: string | null;
};

/** The bytes of an earlier attempt that are on the disk for certain, and its facts. */
export type Resume = { bytes: number; facts: ResponseFacts };

/** Codings by the names that RFC 9110 and its registry give them. Another word (`utf-8`, `aws-chunked`) is none. */
const CODINGS = new Set(["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi"]);
/** A file may change twice within the second that its date names (RFC 9110, 8.8.2.2). */
const ONE_SECOND = 1000;

/** Reads the headers of a 200, 206 or 416. */
export function readFacts(status: number, headers: Headers, now = Date.now()): ResponseFacts {
  const codings = all(headers, "content-encoding").join(", ").trim();
  const isCoded = codings.split(",").some((word) => CODINGS.has(word.trim().toLowerCase()));
  const date = Date.parse(one(headers, "date") ?? "");
  return {
    ...readDigests(status, headers),
    totalBytes: status === 206 || status === 416 ? readRange(headers).total : count(one(headers, "content-length")),
    contentType: one(headers, "content-type"),
    etag: one(headers, "etag"),
    lastModified: one(headers, "last-modified"),
    date: Number.isNaN(date) ? now : date,
    coding: isCoded ? codings.slice(0, 60) : null,
  };
}

/** The value of `If-Range`: a strong ETag, else a strong date of the last change. With null nothing can be resumed. */
export function validatorOf(facts: ResponseFacts): string | null {
  if (facts.coding !== null) return null;
  if (facts.etag !== null) return isStrong(facts.etag) ? facts.etag : null;
  return isStrongDate(facts) ? facts.lastModified : null;
}

/**
 * Whether two responses are proven to be of one version (RFC 9110, 8.8): they carry the same strong ETag or, where one of
 * them has none, the same strong date of the last change. An equal size proves nothing.
 */
export function isSameVersion(later: ResponseFacts, earlier: ResponseFacts): boolean {
  if (later.etag !== null && earlier.etag !== null) return isStrong(later.etag) && later.etag === earlier.etag;
  return isStrongDate(earlier) && later.lastModified === earlier.lastModified;
}

/** Whether a response is proven to be of another version than an earlier one. */
export function isOtherVersion(later: ResponseFacts, earlier: ResponseFacts): boolean {
  if (later.etag !== null && earlier.etag !== null) return later.etag !== earlier.etag;
  return later.lastModified !== null && earlier.lastModified !== null && later.lastModified !== earlier.lastModified;
}

/** Facts of the whole file from a partial response and the response before it. */
export function mergeFacts(later: ResponseFacts, earlier: ResponseFacts): ResponseFacts {
  const hasFirm = later.digests.some(({ isHint }) => !isHint);
  const { digests, unreadable } = hasFirm ? later : earlier;
  return {
    digests,
    unreadable,
    totalBytes: later.totalBytes ?? earlier.totalBytes,
    contentType: later.contentType ?? earlier.contentType,
    etag: later.etag ?? earlier.etag,
    lastModified: later.lastModified ?? earlier.lastModified,
    date: earlier.date,
    coding: later.coding ?? earlier.coding,
  };
}

/** The positions of a part in the whole file, each null when not stated. */
export function readRange(headers: Headers): { start: number | null; end: number | null; total: number | null } {
  const match = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/i.exec(one(headers, "content-range")?.trim() ?? "");
  return { start: count(match?.[1]), end: count(match?.[2]), total: count(match?.[3]) };
}

function isStrong(etag: string): boolean {
  return /^"[^"]*"$/.test(etag);
}

function isStrongDate({ lastModified, date }: ResponseFacts): boolean {
  const changed = Date.parse(lastModified ?? "");
  return !Number.isNaN(changed) && date - changed >= ONE_SECOND;
}

function count(text: string | null | undefined): number | null {
  return text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

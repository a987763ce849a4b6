import type { IncomingHttpHeaders } from "node:http";

/** What the headers of a response state about the whole file. Kept beside a part, so that a later attempt can resume it. */
export type ResponseFacts = {
  /** Of the whole file; null when not stated. */
  totalBytes: number | null;
  contentType: string | null;
  etag: string | null;
  lastModified: string | null;
  /** The values of all `x-goog-hash` headers. */
  googHashes: string[];
  /** The stated hashes are of other bytes than those sent: the store decompresses them, or encrypts with a customer's key. */
  hashesDiffer: boolean;
};

export type Headers = IncomingHttpHeaders | Record<string, string | string[] | undefined>;

/** The bytes of an earlier attempt, and its facts. */
export type Resume = { bytes: number; facts: ResponseFacts };

export type Judgement = "whole" | "continue" | "complete" | "restart" | "error";

/** Reads the headers of a 200, 206 or 416. */
export function readFacts(status: number, headers: Headers): ResponseFacts {
  const storedEncoding = one(headers, "x-goog-stored-content-encoding") ?? "identity";
  return {
    totalBytes: status === 200 ? count(one(headers, "content-length")) : readRange(headers).total,
    contentType: one(headers, "content-type"),
    etag: one(headers, "etag"),
    lastModified: one(headers, "last-modified"),
    googHashes: all(headers, "x-goog-hash"),
    hashesDiffer: storedEncoding !== "identity" || one(headers, "x-amz-server-side-encryption") === "aws:kms",
  };
}

/** The value of `If-Range`: a strong ETag, else the date of the last change. With null nothing can be resumed. */
export function validatorOf(facts: ResponseFacts): string | null {
  if (facts.etag !== null && /^"[^"]*"$/.test(facts.etag)) return facts.etag;
  return facts.etag === null ? facts.lastModified : null;
}

/**
 * What to do with a response. `continue` only when it begins where the part ends, is of the same version and the same
 * size, and goes to the end. A part that proves complete (416 with its size) is `complete`. Every other 206 or 416 is
 * `restart`. A 206 that was not requested and all other statuses are `error`.
 */
export function judgeResponse(status: number, headers: Headers, resume: Resume | null): Judgement {
  if (status === 200) return "whole";
  if (resume === null || (status !== 206 && status !== 416)) return "error";
  const range = readRange(headers);
  const same = isSameVersion(readFacts(status, headers), resume.facts);
  if (status === 416) return same && range.total === resume.bytes ? "complete" : "restart";
  const fits = range.start === resume.bytes && (range.total === null || range.end === range.total - 1);
  const known = resume.facts.totalBytes;
  const sameSize = known === null || (range.total ?? (range.end ?? 0) + 1) === known;
  return same && fits && sameSize ? "continue" : "restart";
}

/** Facts of the whole file from a partial response and the response before it. */
export function mergeFacts(later: ResponseFacts, earlier: ResponseFacts): ResponseFacts {
  return {
    totalBytes: later.totalBytes ?? earlier.totalBytes,
    contentType: later.contentType ?? earlier.contentType,
    etag: later.etag ?? earlier.etag,
    lastModified: later.lastModified ?? earlier.lastModified,
    googHashes: later.googHashes.length > 0 ? later.googHashes : earlier.googHashes,
    hashesDiffer: later.hashesDiffer || earlier.hashesDiffer,
  };
}

/** The encoding of a body, although none was requested; null for none. */
export function foreignEncoding(headers: Headers): string | null {
  const encodings = all(headers, "content-encoding").join(", ").trim();
  return encodings === "" || encodings.toLowerCase() === "identity" ? null : encodings.slice(0, 60);
}

function isSameVersion(later: ResponseFacts, earlier: ResponseFacts): boolean {
  if (later.etag !== null || earlier.etag !== null) return later.etag === null || later.etag === earlier.etag;
  return later.lastModified === null || later.lastModified === earlier.lastModified;
}

function readRange(headers: Headers): { start: number | null; end: number | null; total: number | null } {
  const match = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(one(headers, "content-range")?.trim() ?? "");
  return { start: count(match?.[1]), end: count(match?.[2]), total: count(match?.[3]) };
}

function count(text: string | null | undefined): number | null {
  return text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function one(headers: Headers, name: string): string | null {
  return all(headers, name)[0] ?? null;
}

function all(headers: Headers, name: string): string[] {
  const value = headers[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

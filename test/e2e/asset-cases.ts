import { expect } from "vitest";
import { junkBody } from "../stand-in/faults/junk.ts";
import type { Fault } from "../stand-in/faults/faults.ts";

export type Kind = "audio" | "image";
/** What goes wrong with one file for ever, and what its row must say of it. */
export type Case = { title: string; kind: Kind; fault: Fault | Fault[]; says: RegExp };

const NOT_PROVEN: Fault = { kind: "hash", how: "absent" };
const NO_ETAG: Fault = { kind: "etag", value: undefined };
export const CASES: Case[] = [
  {
    title: "E64: a body cut at 60 %, then closed",
    kind: "audio",
    fault: { kind: "cut", after: 0.6 },
    says: /ended the file early/,
  },
  {
    title: "E64: a body reset at 60 %",
    kind: "audio",
    fault: { kind: "reset", after: 0.6 },
    says: /ended the file early/,
  },
  {
    title: "E64: a cover cut at 60 %",
    kind: "image",
    fault: { kind: "cut", after: 0.6 },
    says: /ended the file early/,
  },
  {
    title: "E65: a Content-Length shorter than the file",
    kind: "audio",
    fault: [{ kind: "length", by: -3000 }, NOT_PROVEN],
    says: /./,
  },
  {
    title: "E66: no length, cut at 50 %, clean close",
    kind: "audio",
    fault: [{ kind: "cut", after: 0.5, framing: "none" }, NOT_PROVEN],
    says: /./,
  },
  {
    title: "E66: HTTP/1.0 cut at 50 %",
    kind: "audio",
    fault: [{ kind: "cut", after: 0.5, framing: "http10" }, NOT_PROVEN],
    says: /./,
  },
  {
    title: "E66: a JPEG without its end",
    kind: "image",
    fault: [{ kind: "cut", after: 0.5, framing: "none" }, NOT_PROVEN],
    says: /./,
  },
  {
    title: "E67: chunked without a last chunk",
    kind: "audio",
    fault: { kind: "cut", after: 0.9, framing: "chunked" },
    says: /ended the file early/,
  },
  { title: "E68: gzip, cut", kind: "audio", fault: { kind: "encoded", cut: 0.5 }, says: /gzip/ },
  { title: "E68: gzip, whole", kind: "audio", fault: { kind: "encoded" }, says: /gzip/ },
  {
    title: "E69: 200 KB of gzip that are 200 MB",
    kind: "audio",
    fault: { kind: "encoded", bombBytes: 200_000_000 },
    says: /gzip/,
  },
  {
    title: "E69: gzip in gzip in brotli",
    kind: "image",
    fault: { kind: "encoded", layers: ["gzip", "gzip", "br"] },
    says: /gzip, gzip, br/,
  },
  {
    title: "E70: HTML with status 200 and audio/mp4",
    kind: "audio",
    fault: { kind: "junk", what: "html" },
    says: /html/i,
  },
  {
    title: "E70: a login page that says so",
    kind: "audio",
    fault: { kind: "junk", what: "html", type: "text/html" },
    says: /html/i,
  },
  { title: "E70: AccessDenied in XML", kind: "audio", fault: { kind: "junk", what: "xml" }, says: /xml/i },
  { title: "E70: JSON in place of a cover", kind: "image", fault: { kind: "junk", what: "json" }, says: /json|\{/i },
  { title: "E71: 0 bytes", kind: "audio", fault: { kind: "empty" }, says: /empty|0 bytes/i },
  { title: "E71: 204", kind: "audio", fault: { kind: "empty", status: 204 }, says: /204/ },
  { title: "E71: 202", kind: "audio", fault: { kind: "empty", status: 202 }, says: /202/ },
  {
    title: "E72: an honest server with a truncated song, and no digest of it",
    kind: "audio",
    fault: [{ kind: "object", truncate: 0.43 }, NOT_PROVEN, NO_ETAG],
    says: /./,
  },
  {
    title: "E72: an honest server with a truncated cover, and no digest of it",
    kind: "image",
    fault: [{ kind: "object", truncate: 0.7 }, NOT_PROVEN, NO_ETAG],
    says: /./,
  },
  { title: "E73: SVG with a script as a cover", kind: "image", fault: { kind: "junk", what: "svg" }, says: /svg|xml/i },
  { title: "E73: HTML as a cover", kind: "image", fault: { kind: "junk", what: "html" }, says: /html/i },
  { title: "E73: GIF as a cover", kind: "image", fault: { kind: "junk", what: "gif" }, says: /gif/i },
  {
    title: "E73: a song in place of a cover",
    kind: "image",
    fault: { kind: "body", body: "\0\0\0\x20ftypM4A " },
    says: /./,
  },
  {
    title: "E74: an HLS playlist as a song",
    kind: "audio",
    fault: { kind: "junk", what: "hls" },
    says: /playlist|#EXTM3U|HLS|text/i,
  },
  { title: "E76: a cover without an end", kind: "image", fault: { kind: "endless" }, says: /20/ },
  {
    title: "E76: a cover that says it has 50 MB",
    kind: "image",
    fault: { kind: "huge", bytes: 50_000_000, declared: true },
    says: /20/,
  },
  { title: "E77: 1 byte a second", kind: "audio", fault: { kind: "slow", bytesPerSecond: 1 }, says: /stalled/ },
  { title: "E77: silence after half", kind: "audio", fault: { kind: "stall", after: 0.5 }, says: /stalled/ },
  {
    title: "E77: silence after the headers",
    kind: "image",
    fault: { kind: "hang-after-headers" },
    says: /stalled/,
  },
  { title: "E77: never an answer", kind: "audio", fault: { kind: "hang" }, says: /stalled|answer/ },
  {
    title: "E83: redirects in a circle",
    kind: "audio",
    fault: { kind: "redirect-loop" },
    says: /more than 10 redirects/,
  },
  { title: "E83: 30 hops", kind: "image", fault: { kind: "redirect-loop", hops: 30 }, says: /more than 10 redirects/ },
  {
    title: "E83: to file:",
    kind: "audio",
    fault: { kind: "redirect", to: "file:///etc/passwd" },
    says: /refused: .*redirect 1/,
  },
  {
    title: "E83: to data:",
    kind: "audio",
    fault: { kind: "redirect", to: "data:audio/mp4;base64,AAAA" },
    says: /refused: .*redirect 1/,
  },
  {
    title: "E83: to ftp:",
    kind: "audio",
    fault: { kind: "redirect", to: "ftp://127.0.0.1/x.m4a" },
    says: /refused: .*redirect 1/,
  },
  {
    title: "E83: to plain http elsewhere",
    kind: "audio",
    fault: { kind: "redirect", to: "http://storage.googleapis.com/x.m4a" },
    says: /refused: plain http.*redirect 1/,
  },
  { title: "157: an md5 that does not fit", kind: "audio", fault: { kind: "hash", how: "wrong-md5" }, says: /md5/ },
  { title: "157: a bit flipped on the way", kind: "audio", fault: { kind: "corrupt", at: 0.5 }, says: /md5|crc32c/ },
  { title: "a server that fails for ever", kind: "audio", fault: { kind: "status", status: 503 }, says: /503/ },
  { title: "a 206 that nobody asked for", kind: "audio", fault: { kind: "range", how: "unrequested" }, says: /206/ },
];

/** What is odd and right all the same: taken, with these endings and remarks. */
export type Odd = {
  title: string;
  kind: Kind;
  fault?: Fault | Fault[];
  holds?: (bytes: Buffer) => Buffer;
  ending: string;
  row: Record<string, unknown>;
};

export const ODDITIES: Odd[] = [
  {
    title: "E65: a Content-Length that is too long, the rest proven by asking for it",
    kind: "audio",
    fault: { kind: "length", by: 3000 },
    ending: ".m4a",
    row: { proof: "md5 length boxes" },
  },
  {
    title: "E66: a whole body without a length",
    kind: "audio",
    fault: { kind: "no-length" },
    ending: ".m4a",
    row: { proof: "md5 boxes" },
  },
  {
    title: "E72: a song that the store itself holds cut, with a digest of it",
    kind: "audio",
    holds: (bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.43)),
    ending: ".m4a",
    row: { proof: "md5 length", note: expect.stringMatching(/as the server has them, but: .*cut short/) as unknown },
  },
  {
    title: "35: a song with bytes behind its last box, with a digest of it",
    kind: "audio",
    holds: (bytes) => Buffer.concat([bytes, Buffer.from("behind")]),
    ending: ".m4a",
    row: { proof: "md5 length", note: expect.stringMatching(/after the last box/) as unknown },
  },
  { title: "E73: a PNG behind .jpg", kind: "image", holds: () => junkBody("png").body, ending: ".png", row: {} },
  { title: "E73: a WebP behind .jpg", kind: "image", holds: () => junkBody("webp").body, ending: ".webp", row: {} },
  {
    title: "E73: a JPEG with a zip behind it",
    kind: "image",
    holds: (bytes) => Buffer.concat([bytes, Buffer.from("PK\x05\x06 trailing")]),
    ending: ".jpg",
    row: { note: expect.stringMatching(/behind|after|trailing/i) as unknown },
  },
  {
    title: "157: no digest at all",
    kind: "audio",
    fault: [
      { kind: "hash", how: "absent" },
      { kind: "etag", value: '"weak"' },
    ],
    ending: ".m4a",
    row: { proof: "length boxes" },
  },
  {
    title: "157: digests that cannot be read",
    kind: "audio",
    fault: [
      { kind: "hash", how: "broken" },
      { kind: "etag", value: '"weak"' },
    ],
    ending: ".m4a",
    row: { proof: "length boxes", note: expect.stringMatching(/could not be read/) as unknown },
  },
  {
    title: "157: both digests in one header",
    kind: "audio",
    fault: { kind: "hash", how: "one-header" },
    ending: ".m4a",
    row: { proof: "md5 length boxes" },
  },
  {
    title: "157: an md5 that fits beside a crc32c that does not",
    kind: "image",
    fault: { kind: "hash", how: "wrong-crc32c" },
    ending: ".jpg",
    row: {},
  },
];

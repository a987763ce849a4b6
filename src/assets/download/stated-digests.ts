import { all, one, type Headers } from "./headers.ts";

/** A digest of the whole file, as the server states it. */
export type StatedDigest = {
  algorithm: "md5" | "sha256" | "crc32c";
  /** Lower-case hex. */
  hex: string;
  /** It only looks like a digest: it can prove the bytes right, never wrong. */
  isHint: boolean;
};

export type StatedDigests = { digests: StatedDigest[]; unreadable: string[] };

const SIZES = { md5: 16, sha256: 32, crc32c: 4 };

/**
 * The digests of the whole file in the headers of a response: `x-goog-hash` of Google's store, `Repr-Digest` (RFC 9530),
 * `Digest` (RFC 3230), and those of the message, which a partial one does not have of the file: `Content-MD5`,
 * `Content-Digest`. An ETag of 32 hex digits is a hint, since object stores make it from the md5 and others do not.
 * What cannot be decoded proves nothing and is named.
 */
export function readDigests(status: number, headers: Headers): StatedDigests {
  const found: StatedDigests = { digests: [], unreadable: [] };
  const isWhole = status !== 206 && status !== 416;
  const add = (header: string, name: string, value: string) => addDigest(found, header, name.toLowerCase(), value);
  // Google's store names the digest of what it holds, which it may have unpacked for us.
  if ((one(headers, "x-goog-stored-content-encoding") ?? "identity") === "identity")
    for (const [name, value] of pairs(headers, "x-goog-hash")) add("x-goog-hash", name, value);
  const message = isWhole && one(headers, "content-encoding") === null ? ["content-digest"] : [];
  for (const header of ["repr-digest", "digest", ...message])
    for (const [name, value] of pairs(headers, header)) add(header, name, value.replace(/^:(.*):$/, "$1"));
  const md5 = message.length > 0 ? one(headers, "content-md5") : null;
  if (md5 !== null) add("content-md5", "md5", md5.trim());
  const hint = /^"([0-9a-f]{32})"$/i.exec(one(headers, "etag") ?? "")?.[1];
  if (hint !== undefined) found.digests.push({ algorithm: "md5", hex: hint.toLowerCase(), isHint: true });
  return found;
}

function addDigest(found: StatedDigests, header: string, name: string, value: string): void {
  const algorithm = name === "sha-256" ? "sha256" : name;
  if (algorithm !== "md5" && algorithm !== "sha256" && algorithm !== "crc32c") return;
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(value) ? Buffer.from(value, "base64") : Buffer.alloc(0);
  if (bytes.length !== SIZES[algorithm]) found.unreadable.push(`${header}: ${name} could not be read`);
  else found.digests.push({ algorithm, hex: bytes.toString("hex"), isHint: false });
}

/** `name=value` of a header that holds a list of them. */
function pairs(headers: Headers, header: string): [name: string, value: string][] {
  return all(headers, header)
    .flatMap((line) => line.split(","))
    .map((item) => /^\s*([\w-]+)=(.*?)\s*$/.exec(item))
    .flatMap((match) => (match === null ? [] : [[match[1]!, match[2]!] as [string, string]]));
}

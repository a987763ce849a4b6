import { createHash } from "node:crypto";
import { crc32cBase64 } from "./crc32c.ts";

/** One object of a bucket, as its headers tell of it. */
export type StoredObject = {
  body: Buffer;
  type: string;
  /** With its quotes; a strong validator. */
  etag: string;
  lastModified: string;
  /** Values of `x-goog-hash`, or none. */
  hashes: string[];
};

const LAST_MODIFIED = "Tue, 30 Dec 2025 18:36:25 GMT";

/** Without `hashes` nothing is digested: the ETag is made from `name` and the length (for large bodies in benches). */
export function storedObject(name: string, body: Buffer, type: string, hashes: boolean): StoredObject {
  if (!hashes) {
    const etag = `"${createHash("md5").update(`${name} ${body.length}`).digest("hex")}"`;
    return { body, type, etag, lastModified: LAST_MODIFIED, hashes: [] };
  }
  const md5 = createHash("md5").update(body).digest();
  return {
    body,
    type,
    etag: `"${md5.toString("hex")}"`,
    lastModified: LAST_MODIFIED,
    hashes: [`crc32c=${crc32cBase64(body)}`, `md5=${md5.toString("base64")}`],
  };
}

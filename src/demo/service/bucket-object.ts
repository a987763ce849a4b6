import { createHash } from "node:crypto";
import { crc32c } from "../../lib/files/crc32c.ts";

/** One object of a bucket, with what its headers report. */
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

/** Without `hashes` the body is not read: the ETag is made from `name` and the length (for large bodies in benches). */
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

/** CRC-32C as `x-goog-hash` carries it: four bytes, big-endian, in base64. */
export function crc32cBase64(bytes: Uint8Array): string {
  const result = Buffer.alloc(4);
  result.writeUInt32BE(crc32c(0, bytes));
  return result.toString("base64");
}

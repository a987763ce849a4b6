import { crc32c } from "../../lib/crc32c.ts";

/** CRC-32C of bytes in base64, as `x-goog-hash` carries it: four bytes, big-endian. */
export function crc32cBase64(bytes: Uint8Array): string {
  const result = Buffer.alloc(4);
  result.writeUInt32BE(crc32c(0, bytes));
  return result.toString("base64");
}

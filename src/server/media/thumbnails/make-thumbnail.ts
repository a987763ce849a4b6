import { decodeJpeg, encodeJpeg } from "./codec.ts";
import { jpegFacts } from "./jpeg-facts.ts";
import { shrink } from "./shrink.ts";

/** More is not decoded: 25 megapixels take 300 MB and a second. */
const MOST_PIXELS = 25_000_000;
/** Each scan of a progressive picture goes over all of it. */
const MOST_SCANNED = 250_000_000;

/**
 * The picture as a JPEG whose longer side has `size` pixels. Null for what is to be sent as it is: no JPEG, a damaged or an
 * enormous one, and one that is not larger than that.
 */
export async function makeThumbnail(bytes: Buffer, size: number): Promise<Buffer | null> {
  const facts = jpegFacts(bytes);
  if (!facts) return null;
  const { width, height, scans } = facts;
  const longer = Math.max(width, height);
  if (longer <= size || width * height > MOST_PIXELS || width * height * scans > MOST_SCANNED) return null;
  const side = (pixels: number) => Math.max(1, Math.round((pixels * size) / longer));
  try {
    return await encodeJpeg(shrink(await decodeJpeg(bytes), side(width), side(height)));
  } catch {
    return null;
  }
}

/** What a JPEG says of itself before it is decoded. */
export type JpegFacts = { width: number; height: number; scans: number };

/** Reads the markers of a JPEG (ITU T.81); undefined for bytes that are none. */
export function jpegFacts(bytes: Buffer): JpegFacts | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  const facts = { width: 0, height: 0, scans: 0 };
  for (let at = bytes.indexOf(0xff, 2); at !== -1 && at + 9 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const code = bytes[at + 1] ?? 0;
    if (code === 0xd9) break;
    if (isFrame(code)) [facts.height, facts.width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
    if (code === 0xda) facts.scans++;
    if (code === 0xff) at += 1;
    else at += isAlone(code) ? 2 : 2 + bytes.readUInt16BE(at + 2);
  }
  return facts.width > 0 && facts.height > 0 && facts.scans > 0 ? facts : undefined;
}

/** Markers without a segment, and the zero after a 0xff that is a byte of the picture. */
function isAlone(code: number): boolean {
  return code <= 0x01 || (code >= 0xd0 && code <= 0xd8);
}

function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

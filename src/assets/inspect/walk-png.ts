import { BadBytes, rest, skip, take, type Walk, trailing, type WalkResult } from "./walk.ts";

/** Walks the chunks of a PNG (ISO 15948): IHDR first, image data, IEND last. Bytes after the end are noted. */
export function* walkPng(): Walk<WalkResult> {
  yield* take(8);
  let image = false;
  for (let index = 0; ; index++) {
    const header = yield* take(8);
    const length = header.readUInt32BE(0);
    const type = header.toString("latin1", 4, 8);
    if (!/^[A-Za-z]{4}$/.test(type) || length > 0x7fffffff)
      throw new BadBytes("something that is no chunk where a chunk should be");
    if (index === 0 && type !== "IHDR") throw new BadBytes("does not begin with an IHDR chunk");
    yield* skip(length + 4);
    image ||= type === "IDAT" && length > 0;
    if (type === "IEND") break;
  }
  if (!image) throw new BadBytes("has no image data");
  return { durationSeconds: null, note: trailing((yield* rest()).count) };
}

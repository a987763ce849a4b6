import { BadBytes, rest, skip, skipPast, take, type Walk, trailing, type WalkResult } from "./walk.ts";

const EOI = 0xd9;
const SOS = 0xda;

/**
 * Walks the markers of a JPEG (ITU T.81) to its real end: an end marker inside an embedded thumbnail does not count,
 * since segments are skipped by their length. Bytes after the end are allowed, since phones write some, and noted.
 */
export function* walkJpeg(): Walk<WalkResult> {
  yield* take(2);
  let frame = false;
  let scan = false;
  for (let marker = yield* nextMarker(); marker !== EOI;) {
    if (marker === 0xd8 || marker === 0) throw new BadBytes("a misplaced marker");
    if (!isStandalone(marker)) yield* segment();
    frame ||= isFrame(marker);
    scan ||= marker === SOS;
    marker = marker === SOS ? yield* endOfScan() : yield* nextMarker();
  }
  if (!frame || !scan) throw new BadBytes("has no image data");
  return { durationSeconds: null, note: trailing((yield* rest()).count) };
}

function* nextMarker(): Walk<number> {
  if ((yield* take(1))[0] !== 0xff) throw new BadBytes("something that is no marker where a marker should be");
  return yield* markerCode();
}

/** The byte after 0xff; any number of further 0xff may come before it. */
function* markerCode(): Walk<number> {
  for (;;) {
    const code = (yield* take(1))[0]!;
    if (code !== 0xff) return code;
  }
}

function* segment(): Walk<void> {
  const length = (yield* take(2)).readUInt16BE(0);
  if (length < 2) throw new BadBytes("a segment with an impossible length");
  yield* skip(length - 2);
}

/** Skips entropy-coded data, in which 0xff00 is a byte and 0xffd0 to 0xffd7 are restarts; returns the marker after it. */
function* endOfScan(): Walk<number> {
  for (;;) {
    yield* skipPast(0xff);
    const code = yield* markerCode();
    if (code !== 0 && !(code >= 0xd0 && code <= 0xd7)) return code;
  }
}

function isStandalone(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

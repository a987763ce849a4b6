import { BadBytes, rest, skip, take, takeUpTo, type Walk, type WalkResult } from "./walk.ts";

const MAX_BOXES = 1_000_000;
/** Only valid inside of moov or moof: at the top level it shows that a part of the file is missing. */
const INNER = new Set(
  (
    "mvhd trak tkhd edts elst mdia mdhd hdlr minf smhd vmhd nmhd dinf dref stbl stsd stts ctts stss stsc stsz stz2 stco co64 " +
    "sgpd sbgp mvex mehd trex mfhd traf tfhd tfdt trun ilst"
  ).split(" "),
);
/** May extend to the end of the file. For any other box, that is what zeros after the file look like. */
const OPEN = new Set(["mdat", "moov"]);
type Box = { type: string; payload: number; toEnd: boolean };
type Parts = { moov: boolean; openFragment: boolean; mediaBytes: number; durationSeconds: number | null };

/**
 * Walks the top-level boxes of an MP4 (ISO 14496-12): their sizes must add up to the file exactly, `ftyp` is first,
 * `moov` and an `mdat` with something in it are there. Finds files that were cut or have something appended, which
 * ffprobe accepts. It cannot find a flipped byte inside `mdat`. The duration comes from `mvhd`, null where that has none.
 */
export function* walkMp4(): Walk<WalkResult> {
  const parts: Parts = { moov: false, openFragment: false, mediaBytes: 0, durationSeconds: null };
  for (let index = 0; ; index++) {
    if (index > MAX_BOXES) throw new BadBytes("more than 1,000,000 boxes");
    const box = yield* nextBox();
    if (box === null) break;
    if (index === 0 && box.type !== "ftyp") throw new BadBytes("does not begin with an ftyp box");
    if (INNER.has(box.type)) throw new BadBytes(`a ${box.type} box where none can be: a part of the file is missing`);
    const passed = yield* walkBox(box, parts);
    if (box.type === "mdat") parts.mediaBytes += passed;
    if (box.type === "moof" || box.type === "mdat") parts.openFragment = box.type === "moof";
    if (box.toEnd) break;
  }
  if (!parts.moov) throw new BadBytes("has no moov box");
  if (parts.openFragment) throw new BadBytes("cut short: a fragment without its media data");
  if (parts.mediaBytes === 0) throw new BadBytes("has no media data (mdat)");
  return { durationSeconds: parts.durationSeconds, note: null };
}

/**
 * Walks the top-level boxes of a picture in the same format (HEIF, AVIF; ISO 23008-12): `ftyp` is first, a `meta` box
 * says what it is, and the sizes add up to the file exactly.
 */
export function* walkHeif(): Walk<WalkResult> {
  const seen = new Set<string>();
  for (let index = 0; ; index++) {
    if (index > MAX_BOXES) throw new BadBytes("more than 1,000,000 boxes");
    const box = yield* nextBox();
    if (box === null) break;
    if (index === 0 && box.type !== "ftyp") throw new BadBytes("does not begin with an ftyp box");
    seen.add(box.type);
    if (box.toEnd) {
      yield* rest();
      break;
    }
    yield* skip(box.payload);
  }
  if (!seen.has("meta")) throw new BadBytes("has no meta box");
  if (!seen.has("mdat") && !seen.has("idat")) throw new BadBytes("has no image data (mdat)");
  return { durationSeconds: null, note: null };
}

/** The header of the next box, null at the end of the file. */
function* nextBox(): Walk<Box | null> {
  const header = yield* takeUpTo(8);
  if (header.length === 0) return null;
  if (header.length < 8) throw new BadBytes(`${header.length} bytes after the last box`);
  const type = header.toString("latin1", 4, 8);
  if (!/^[\x20-\x7e]{4}$/.test(type)) throw new BadBytes("something that is no box where a box should be");
  const size = header.readUInt32BE(0);
  if (size === 0 && !OPEN.has(type))
    throw new BadBytes(`a ${type} box without an end: something was appended to the file`);
  if (size === 0) return { type, payload: 0, toEnd: true };
  if (size !== 1) return { type, payload: checked(size - 8, type), toEnd: false };
  const large = (yield* take(8)).readBigUInt64BE(0);
  return { type, payload: checked(Number(large) - 16, type), toEnd: false };
}

function checked(payload: number, type: string): number {
  if (payload < 0 || !Number.isSafeInteger(payload)) throw new BadBytes(`the ${type} box has an impossible size`);
  return payload;
}

/** Skips a box's payload and returns its size. */
function* walkBox(box: Box, parts: Parts): Walk<number> {
  if (box.type === "moov") parts.moov = true;
  if (box.toEnd) return (yield* rest()).count;
  if (box.type === "moov") parts.durationSeconds ??= yield* walkMoov(box.payload);
  else yield* skip(box.payload);
  return box.payload;
}

/** Finds `mvhd` among the children, for the duration alone. Other problems inside are found by a full decode. */
function* walkMoov(size: number): Walk<number | null> {
  let left = size;
  let duration: number | null = null;
  while (left >= 8) {
    const header = yield* take(8);
    const child = header.readUInt32BE(0) - 8;
    left -= 8;
    if (child < 0 || child > left) break;
    left -= child;
    if (header.toString("latin1", 4, 8) === "mvhd" && child >= 20 && child <= 4096)
      duration = readMvhd(yield* take(child));
    else yield* skip(child);
  }
  yield* skip(left);
  return duration;
}

/** Seconds from a movie header's payload, version 0 (32 bits) or 1 (64 bits); null when it has no duration. */
function readMvhd(payload: Buffer): number | null {
  const long = payload[0] === 1;
  if (long && payload.length < 32) return null;
  const timescale = payload.readUInt32BE(long ? 20 : 12);
  const units = long ? Number(payload.readBigUInt64BE(24)) : payload.readUInt32BE(16);
  const unknown = units === 0 || units >= (long ? 2 ** 64 - 1 : 2 ** 32 - 1);
  return timescale === 0 || unknown ? null : units / timescale;
}

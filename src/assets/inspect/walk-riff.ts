import { BadBytes, rest, skip, take, takeUpTo, type Walk, trailing, type WalkResult } from "./walk.ts";

/** The size that a program leaves when it writes into a pipe and cannot go back. */
const UNKNOWN = 0xffffffff;

/** Walks a WebP (RFC 9649): its RIFF size must be there in full, with an image first. Bytes after it are noted. */
export function* walkWebp(): Walk<WalkResult> {
  const head = yield* take(20);
  const size = head.readUInt32LE(4);
  if (!/^VP8[ LX]$/.test(head.toString("latin1", 12, 16)) || size < 16) throw new BadBytes("has no image data");
  if (head.readUInt32LE(16) + 12 > size) throw new BadBytes("a chunk larger than the file");
  yield* skip(size + 8 - 20);
  return { durationSeconds: null, note: trailing((yield* rest()).count) };
}

/** Walks the chunks of a WAV: format, then sound, each of its stated size. A missing size is noted. */
export function* walkWav(): Walk<WalkResult> {
  const head = yield* take(12);
  const riff = head.readUInt32LE(4);
  const open = riff === UNKNOWN || riff === 0;
  let left = open ? Infinity : riff - 4;
  let bytesPerSecond = 0;
  let sound = 0;
  while (left >= 8) {
    const header = open ? yield* takeUpTo(8) : yield* take(8);
    if (open && header.length === 0) break;
    if (header.length < 8) throw new BadBytes("cut short");
    const type = header.toString("latin1", 0, 4);
    const size = header.readUInt32LE(4);
    if (type === "data" && bytesPerSecond === 0) throw new BadBytes("sound without a format before it");
    if (type === "data" && (size === UNKNOWN || (open && size === 0))) return yield* openEnded(bytesPerSecond);
    left -= 8 + size;
    if (left < 0) throw new BadBytes(`the ${JSON.stringify(type)} chunk is larger than the file`);
    if (type === "fmt ") bytesPerSecond = yield* readFormat(size);
    else yield* skip(size);
    if (type === "data") sound += size;
    left -= yield* padding(size, left);
  }
  if (sound === 0) throw new BadBytes("has no sound");
  if (Number.isFinite(left)) yield* skip(left);
  return { durationSeconds: sound / bytesPerSecond, note: trailing((yield* rest()).count) };
}

/** Chunks of odd size are followed by a byte of padding, which some programs leave out at the end of the file. */
function* padding(size: number, left: number): Walk<number> {
  if (size % 2 === 0 || left < 1) return 0;
  return (yield* left === Infinity ? takeUpTo(1) : take(1)).length;
}

function* readFormat(size: number): Walk<number> {
  if (size < 16 || size > 4096) throw new BadBytes("a format of an impossible size");
  const bytesPerSecond = (yield* take(size)).readUInt32LE(8);
  if (bytesPerSecond === 0) throw new BadBytes("a format of zero bytes per second");
  return bytesPerSecond;
}

function* openEnded(bytesPerSecond: number): Walk<WalkResult> {
  const { count } = yield* rest();
  if (count === 0) throw new BadBytes("has no sound");
  return { durationSeconds: count / bytesPerSecond, note: "the file does not state its size" };
}

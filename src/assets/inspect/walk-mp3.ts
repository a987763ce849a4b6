import { readFrameHeader, type Mp3Frame } from "./mp3-frame.ts";
import { BadBytes, rest, skip, take, takeUpTo, type Walk, trailing, type WalkResult } from "./walk.ts";

type Song = { frames: number; seconds: number; bytes: number; stated: { frames: number | null; bytes: number | null } };

/**
 * Walks the frames of an MP3, after ID3v2 tags. The last frame must be whole; a Xing or Info header, which encoders put
 * first, says how many there should be, so that a cut between two frames is found as well. What comes after the last
 * frame (ID3v1, APE) is noted unless it is a known tag.
 */
export function* walkMp3(): Walk<WalkResult> {
  const song: Song = { frames: 0, seconds: 0, bytes: 0, stated: { frames: null, bytes: null } };
  let head = yield* skipId3(yield* take(4));
  for (;;) {
    const frame = readFrameHeader(head);
    if (frame === null) break;
    yield* walkFrame(frame, song);
    head = yield* takeUpTo(4);
  }
  if (song.frames < 2) throw new BadBytes("no MP3 frames");
  if (head.length < 4 && head[0] === 0xff) throw new BadBytes("cut short");
  checkStated(song);
  const { count } = yield* rest();
  const known = /^(TAG|APET|LYRI|3DI)/.test(head.toString("latin1"));
  return { durationSeconds: song.seconds, note: known ? null : trailing(head.length + count) };
}

/** Skips ID3v2 tags and returns the four bytes after them. */
function* skipId3(head: Buffer): Walk<Buffer> {
  while (head.toString("latin1", 0, 3) === "ID3") {
    const more = yield* take(6);
    const footer = more[1]! & 0x10 ? 10 : 0;
    const size = [2, 3, 4, 5].reduce((sum, at) => sum * 128 + (more[at]! & 0x7f), 0);
    yield* skip(size + footer);
    head = yield* take(4);
  }
  return head;
}

function* walkFrame(frame: Mp3Frame, song: Song): Walk<void> {
  if (song.frames === 0) {
    const payload = yield* take(frame.bytes - 4);
    const at = frame.sideInfoBytes;
    if (/^(Xing|Info)$/.test(payload.toString("latin1", at, at + 4)))
      return readStated(payload.subarray(at), frame, song);
  } else yield* skip(frame.bytes - 4);
  song.frames += 1;
  song.bytes += frame.bytes;
  song.seconds += frame.samples / frame.sampleRate;
}

/** The information frame holds no sound; its byte count covers the whole stream, itself included. */
function readStated(header: Buffer, frame: Mp3Frame, song: Song): void {
  const flags = header.length >= 16 ? header.readUInt32BE(4) : 0;
  if (flags & 1) song.stated.frames = header.readUInt32BE(8);
  if ((flags & 3) === 3) song.stated.bytes = header.readUInt32BE(12) - frame.bytes;
}

function checkStated({ frames, bytes, stated }: Song): void {
  if (stated.frames !== null && frames < stated.frames) throw new BadBytes("cut short");
  if (stated.bytes !== null && bytes < stated.bytes) throw new BadBytes("cut short");
}

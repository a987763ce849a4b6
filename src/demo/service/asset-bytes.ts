import type { AssetName, ObjectKind } from "../library/asset-path.ts";
import { coverOf, readMedia, songOf } from "../library/media.ts";

export const CONTENT_TYPES: Record<ObjectKind, string> = {
  audio: "audio/mp4",
  preview: "audio/mp4",
  image: "image/jpeg",
  video: "video/mp4",
  wav: "audio/wav",
  stems: "application/zip",
};

/**
 * A playable file for any id: one of the media with the id written where players skip it, so that no two
 * objects have the same bytes. Another `version` has other bytes for the same name; MP4s get at least `padTo` bytes.
 */
export function assetBytes({ kind, id }: AssetName, version = "", padTo = 0): Buffer {
  const mark = Buffer.from(`${kind} ${id} ${version}`.trim());
  switch (kind) {
    case "audio":
      return withBox(readMedia(songOf(id).file), mark, padTo);
    case "preview":
      return withBox(readMedia("preview.m4a"), mark, 0);
    case "video":
      return withBox(readMedia("song.mp4"), mark, padTo);
    case "image":
      return withJpegComment(readMedia(coverOf(id)), mark);
    case "wav":
      return withWavChunk(readMedia("song.wav"), mark);
    case "stems":
      return withZipComment(readMedia("stems.zip"), mark);
  }
}

/** ISO/IEC 14496-12 8.1.2: a `free` box holds anything and is skipped. */
function withBox(mp4: Buffer, mark: Buffer, padTo: number): Buffer {
  const box = Buffer.alloc(Math.max(8 + mark.length, padTo - mp4.length));
  box.writeUInt32BE(box.length, 0);
  box.write("free", 4, "latin1");
  mark.copy(box, 8);
  return Buffer.concat([mp4, box]);
}

/** A COM segment behind the JFIF segment, which the media all have at byte 2. */
function withJpegComment(jpeg: Buffer, mark: Buffer): Buffer {
  const position = 4 + jpeg.readUInt16BE(4);
  const head = Buffer.from([0xff, 0xfe, 0, 0]);
  head.writeUInt16BE(mark.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, position), head, mark, jpeg.subarray(position)]);
}

function withWavChunk(wav: Buffer, mark: Buffer): Buffer {
  const chunk = Buffer.alloc(8 + mark.length + (mark.length % 2));
  chunk.write("note", 0, "latin1");
  chunk.writeUInt32LE(mark.length, 4);
  mark.copy(chunk, 8);
  const whole = Buffer.concat([wav, chunk]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}

/** The comment at the very end; its length is the last field of the zip. */
function withZipComment(zip: Buffer, mark: Buffer): Buffer {
  const whole = Buffer.concat([zip, mark]);
  whole.writeUInt16LE(mark.length, zip.length - 2);
  return whole;
}

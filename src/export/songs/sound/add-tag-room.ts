import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { boxesIn, type Box } from "./boxes.ts";
import { readAt, type SoundFile } from "./bytes.ts";
import { moveOffsets } from "./move-offsets.ts";

/** An empty list of tags as iTunes makes it, in the boxes that it belongs into. */
const ROOM = box("udta", box("meta", zeros(4), box("hdlr", zeros(8), text("mdirappl"), zeros(9)), box("ilst")));

/**
 * Adds an empty box for tags at the end of a movie that has none, which the tag library cannot do: it fails. What the
 * movie's tables say of what lies behind is corrected. A file without a movie stays as it is.
 */
export function addTagRoom(path: string): void {
  const file = openSync(path, "r+");
  try {
    const bytes = { file, size: fstatSync(file).size };
    const moov = [...boxesIn(bytes, 0, bytes.size)].find(({ type }) => type === "moov");
    if (!moov || [...boxesIn(bytes, moov.start, moov.end)].some(({ type }) => type === "udta")) return;
    const behind = readAt(bytes, moov.end, bytes.size - moov.end);
    writeSync(file, Buffer.concat([ROOM, behind]), 0, ROOM.length + behind.length, moov.end);
    lengthen(bytes, moov);
    moveOffsets({ file, size: bytes.size + ROOM.length }, moov.end, ROOM.length, { tables: true });
  } finally {
    closeSync(file);
  }
}

/** A box that says no length goes on to the end of the file. */
function lengthen(bytes: SoundFile, { at, start, end }: Box): void {
  const isLong = start - at === 16;
  const size = readAt(bytes, isLong ? at + 8 : at, isLong ? 8 : 4);
  if (!isLong && size.readUInt32BE(0) === 0) return;
  const length = end - at + ROOM.length;
  if (isLong) size.writeBigUInt64BE(BigInt(length));
  else size.writeUInt32BE(length);
  writeSync(bytes.file, size, 0, size.length, isLong ? at + 8 : at);
}

function box(type: string, ...content: Buffer[]): Buffer {
  const size = zeros(4);
  size.writeUInt32BE(8 + Buffer.concat(content).length);
  return Buffer.concat([size, text(type), ...content]);
}

function zeros(count: number): Buffer {
  return Buffer.alloc(count);
}

function text(latin: string): Buffer {
  return Buffer.from(latin, "latin1");
}

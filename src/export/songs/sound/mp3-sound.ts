import { gaplessNotes, readAt, type SoundFile, type Sound } from "./bytes.ts";

/** An MP3 without the tags before and behind it; its frames, also the first with its gapless counts, are the sound. */
export function mp3Sound(bytes: SoundFile): Sound {
  const from = endOfId3(bytes);
  const to = beginOfEndTags(bytes, from);
  const tags = Buffer.concat([readAt(bytes, 0, from), readAt(bytes, to, bytes.size - to)]);
  return { facts: gaplessNotes(tags), extents: [{ at: from, bytes: to - from }] };
}

function endOfId3(bytes: SoundFile): number {
  for (let at = 0; ;) {
    const head = readAt(bytes, at, Math.min(10, bytes.size - at));
    if (head.length < 10 || head.toString("latin1", 0, 3) !== "ID3") return at;
    const size = head.subarray(6).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    at = Math.min(bytes.size, at + 10 + size + (head[5]! & 0x10 ? 10 : 0));
  }
}

/** ID3v1, APE and Lyrics3 in any order. */
function beginOfEndTags(bytes: SoundFile, from: number): number {
  for (let to = bytes.size; ;) {
    const tail = readAt(bytes, Math.max(from, to - 128), Math.min(128, to - from));
    const text = tail.toString("latin1");
    const length = text.startsWith("TAG") && tail.length === 128 ? 128 : (apeLength(tail) ?? lyricsLength(text));
    if (length === undefined || to - length < from) return to;
    to -= length;
  }
}

function apeLength(tail: Buffer): number | undefined {
  const footer = tail.subarray(-32);
  if (footer.length < 32 || footer.toString("latin1", 0, 8) !== "APETAGEX") return undefined;
  return footer.readUInt32LE(12) + (footer.readUInt32LE(20) & 0x80000000 ? 32 : 0);
}

function lyricsLength(text: string): number | undefined {
  const size = /(\d{6})LYRICS200$/.exec(text)?.[1];
  return size === undefined ? undefined : Number(size) + 15;
}

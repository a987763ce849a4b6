import { readAt, type SoundFile } from "./bytes.ts";

/** A box of an MP4 (ISO 14496-12): where it begins, where what is in it begins, and its end. Type "" is what is no box. */
export type Box = { type: string; at: number; start: number; end: number };

/** The boxes between two offsets of the file, one after the other. */
export function* boxesIn(bytes: SoundFile, from: number, to: number): Generator<Box> {
  for (let at = from; at < to;) {
    const box = boxAt(bytes, at, to);
    yield box;
    at = box.end;
  }
}

function boxAt(bytes: SoundFile, at: number, to: number): Box {
  const rest = { type: "", at, start: at, end: to };
  if (to - at < 8) return rest;
  const head = readAt(bytes, at, Math.min(16, to - at));
  const type = head.toString("latin1", 4, 8);
  const short = head.readUInt32BE(0);
  if (short === 0) return { type, at, start: at + 8, end: to };
  if (short === 1 && head.length < 16) return rest;
  const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
  const start = at + (short === 1 ? 16 : 8);
  return at + length > to || at + length < start ? rest : { type, at, start, end: at + length };
}

export function contentOf(bytes: SoundFile, { start, end }: Box): Buffer {
  return readAt(bytes, start, end - start);
}

import { readAt, type SoundFile, type Sound } from "./bytes.ts";

/** Tags, and room for them. */
const ASIDE = new Set(["LIST", "id3 ", "ID3 ", "JUNK", "PAD ", "FLLR"]);
/** The size that a program leaves when it writes into a pipe and cannot go back. */
const UNKNOWN = 0xffffffff;

/** All chunks of a WAV but its tags. */
export function wavSound(bytes: SoundFile): Sound {
  const sound: Sound = { facts: [], extents: [] };
  for (let at = 12; at + 8 <= bytes.size;) {
    const head = readAt(bytes, at, 8);
    const type = head.toString("latin1", 0, 4);
    const stated = head.readUInt32LE(4);
    const size = Math.min(stated, bytes.size - at - 8);
    if (!ASIDE.has(type)) {
      sound.facts.push(stated === UNKNOWN ? `${type} to the end` : type);
      sound.extents.push({ at: at + 8, bytes: size });
    }
    at += 8 + size + (size % 2);
  }
  return sound;
}

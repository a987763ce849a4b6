import { readSync } from "node:fs";

/** What of a file makes its sound: facts that must be equal, and where bytes lie that must be. */
export type Sound = { facts: string[]; extents: Extent[] };
export type Extent = { at: number; bytes: number };

/** A file that is open, and its size. */
export type SoundFile = { file: number; size: number };

/** Read and held at once of what may be large. */
export const BLOCK = 1024 * 1024;

/** `count` bytes from `at` on. Throws when the file ends before, since a table that says otherwise cannot be followed. */
export function readAt({ file, size }: SoundFile, at: number, count: number): Buffer {
  if (at < 0 || count < 0 || at + count > size) throw new Error("its own tables name bytes that it does not have");
  const bytes = Buffer.allocUnsafe(count);
  for (let done = 0; done < count;) {
    const more = readSync(file, bytes, done, count - done, at + done);
    if (more === 0) throw new Error("it became shorter while it was read");
    done += more;
  }
  return bytes;
}

/**
 * What iTunes and others note about samples that are not to be heard, at either end (`iTunSMPB`): from MP4 items, and
 * from ID3 comments in any encoding.
 */
export function gaplessNotes(tags: Buffer): string[] {
  const text = tags.toString("latin1").replaceAll("\0", "");
  const found = text.matchAll(/iTunSMPB.{0,24}?((?:[ ]?[0-9A-F]{8,16}){3,})/gs);
  return [...new Set([...found].map(([, note = ""]) => `gapless ${note.trim()}`))].toSorted();
}

import { BadBytes, rest, type Walk, type WalkResult } from "./walk.ts";

const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const ENTRY_BYTES = 46;
const ENTRY_SIGNATURE = 0x02014b50;
/** The end record, a comment of at most 64 KiB, and a directory of a few thousand entries before it. */
const TAIL = 1024 * 1024;

type End = { at: number; entries: number; size: number; offset: number };
type Entries = { encrypted: boolean; unsafe: boolean };

/**
 * Checks the directory at the end of a ZIP (PKWARE APPNOTE): it ends exactly with the file, begins where it says, and
 * its entries add up. Nothing is ever unpacked; dangers for a program that does so are noted. Memory is bounded:
 * of a directory over 1 MiB only the end is checked.
 */
export function* walkZip(): Walk<WalkResult> {
  const { count, tail } = yield* rest(TAIL);
  const end = findEnd(tail);
  if (end.entries === 0) throw new BadBytes("an empty ZIP");
  const zip64 = end.entries === 0xffff || end.size === 0xffffffff || end.offset === 0xffffffff;
  if (zip64) return { durationSeconds: null, note: "a ZIP64 directory, not checked" };
  const endOffset = count - tail.length + end.at;
  if (end.offset + end.size !== endOffset) throw new BadBytes("the ZIP's directory is not where it should be");
  if (end.size > end.at) return { durationSeconds: null, note: `${end.entries} entries, not checked` };
  return { durationSeconds: null, note: noteOf(readEntries(tail.subarray(end.at - end.size, end.at), end)) };
}

function findEnd(tail: Buffer): End {
  for (let at = tail.length - END_BYTES; at >= Math.max(0, tail.length - END_BYTES - 0xffff); at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE || at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length)
      continue;
    return {
      at,
      entries: tail.readUInt16LE(at + 10),
      size: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
    };
  }
  throw new BadBytes("no end of a ZIP: cut short");
}

function readEntries(directory: Buffer, end: End): Entries {
  const found = { encrypted: false, unsafe: false };
  let at = 0;
  for (let index = 0; index < end.entries; index++) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE) throw broken();
    if (directory.readUInt32LE(at + 42) >= end.offset) throw broken();
    const name = directory.toString("latin1", at + ENTRY_BYTES, at + ENTRY_BYTES + directory.readUInt16LE(at + 28));
    const isLink = directory.readUInt32LE(at + 38) >>> 28 === 0xa;
    found.encrypted ||= (directory.readUInt16LE(at + 8) & 1) === 1;
    found.unsafe ||= isLink || /(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:/.test(name);
    at +=
      ENTRY_BYTES + directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  if (at !== directory.length) throw broken();
  return found;
}

function broken(): BadBytes {
  return new BadBytes("the ZIP's directory is broken");
}

function noteOf({ encrypted, unsafe }: Entries): string | null {
  const notes = [
    encrypted ? "encrypted entries" : "",
    unsafe ? "entries that would be unpacked outside their folder" : "",
  ];
  return notes.filter((note) => note !== "").join(", ") || null;
}

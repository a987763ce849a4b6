import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { boxesIn, contentOf, type Box } from "./boxes.ts";
import type { SoundFile } from "./bytes.ts";

/**
 * Corrects the offsets that fragments and their table for random access name, after the tags before them have grown by
 * `by` bytes: the tag library knows the tables of whole files only.
 */
export function moveFragments(path: string, by: number): void {
  const file = openSync(path, "r+");
  try {
    const bytes = { file, size: fstatSync(file).size };
    const top = [...boxesIn(bytes, 0, bytes.size)];
    const moov = top.find(({ type }) => type === "moov");
    if (moov && by !== 0)
      for (const box of top) moveIn(bytes, box, (offset) => (offset < moov.end - by ? offset : offset + by));
  } finally {
    closeSync(file);
  }
}

function moveIn(bytes: SoundFile, box: Box, moved: (offset: number) => number): void {
  if (["moof", "traf", "mfra"].includes(box.type))
    for (const child of boxesIn(bytes, box.start, box.end)) moveIn(bytes, child, moved);
  if (box.type !== "tfhd" && box.type !== "tfra") return;
  const content = contentOf(bytes, box);
  if (box.type === "tfra") moveTable(content, moved);
  else if (content[3]! & 1) content.writeBigUInt64BE(BigInt(moved(Number(content.readBigUInt64BE(8)))), 8);
  writeSync(bytes.file, content, 0, content.length, box.start);
}

function moveTable(content: Buffer, moved: (offset: number) => number): void {
  const isLong = content[0] === 1;
  const numbers = content.readUInt32BE(8);
  const more = [4, 2, 0].reduce((sum, shift) => sum + ((numbers >> shift) & 3) + 1, 0);
  const length = (isLong ? 16 : 8) + more;
  for (let at = 16; at + length <= content.length; at += length) {
    if (isLong) content.writeBigUInt64BE(BigInt(moved(Number(content.readBigUInt64BE(at + 8)))), at + 8);
    else content.writeUInt32BE(moved(content.readUInt32BE(at + 4)), at + 4);
  }
}

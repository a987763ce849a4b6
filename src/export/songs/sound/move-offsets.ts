import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { boxesIn, contentOf, type Box } from "./boxes.ts";
import type { SoundFile } from "./bytes.ts";

/** Boxes that hold others with offsets in them: of fragments, and of a whole file's tables. */
const FRAGMENTS = ["moof", "traf", "mfra"];
const MOVIE = ["moov", "trak", "mdia", "minf", "stbl"];

/**
 * Corrects the offsets that fragments and their table for random access name, after the tags before them have grown by
 * `by` bytes: the tag library knows the tables of whole files only.
 */
export function moveFragments(path: string, by: number): void {
  const file = openSync(path, "r+");
  try {
    const bytes = { file, size: fstatSync(file).size };
    const moov = [...boxesIn(bytes, 0, bytes.size)].find(({ type }) => type === "moov");
    if (moov && by !== 0) moveOffsets(bytes, moov.end - by, by, { tables: false });
  } finally {
    closeSync(file);
  }
}

/** Corrects the offsets of what lay at `from` and behind, which has moved by `by` bytes; with `tables` those of whole files too. */
export function moveOffsets(bytes: SoundFile, from: number, by: number, { tables }: { tables: boolean }): void {
  const holders = tables ? [...FRAGMENTS, ...MOVIE] : FRAGMENTS;
  const moved = (offset: number) => (offset < from ? offset : offset + by);
  const moveIn = (box: Box): void => {
    if (holders.includes(box.type)) for (const child of boxesIn(bytes, box.start, box.end)) moveIn(child);
    if (!["tfhd", "tfra", "stco", "co64"].includes(box.type)) return;
    const content = contentOf(bytes, box);
    if (box.type === "tfra") moveTable(content, moved);
    else if (box.type !== "tfhd") moveChunks(content, box.type === "co64", moved);
    else if (content[3]! & 1) content.writeBigUInt64BE(BigInt(moved(Number(content.readBigUInt64BE(8)))), 8);
    writeSync(bytes.file, content, 0, content.length, box.start);
  };
  for (const box of boxesIn(bytes, 0, bytes.size)) moveIn(box);
}

function moveChunks(content: Buffer, isLong: boolean, moved: (offset: number) => number): void {
  for (let at = 8; at + (isLong ? 8 : 4) <= content.length; at += isLong ? 8 : 4) {
    if (isLong) content.writeBigUInt64BE(BigInt(moved(Number(content.readBigUInt64BE(at)))), at);
    else content.writeUInt32BE(moved(content.readUInt32BE(at)), at);
  }
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

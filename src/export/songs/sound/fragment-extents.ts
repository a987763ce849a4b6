import { boxesIn, contentOf, type Box } from "./boxes.ts";
import type { SoundFile, Extent } from "./bytes.ts";

/** Sizes of samples by track that fragments leave out, from `trex` boxes. */
export function sampleSizes(bytes: SoundFile, moov: Box): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const mvex of boxesIn(bytes, moov.start, moov.end))
    if (mvex.type === "mvex")
      for (const box of boxesIn(bytes, mvex.start, mvex.end)) {
        if (box.type !== "trex") continue;
        const content = contentOf(bytes, box);
        sizes.set(content.readUInt32BE(4), content.readUInt32BE(16));
      }
  return sizes;
}

/** Where the samples of a fragment lie (ISO 14496-12, 8.8.7 and 8.8.8). */
export function fragmentExtents(bytes: SoundFile, moof: Box, sizes: Map<number, number>): Extent[] {
  const extents: Extent[] = [];
  let end = moof.at;
  for (const traf of boxesIn(bytes, moof.start, moof.end)) {
    if (traf.type !== "traf") continue;
    const inner = [...boxesIn(bytes, traf.start, traf.end)];
    const header = inner.find(({ type }) => type === "tfhd");
    if (!header) throw new Error("it has a fragment without a header");
    const { base, sampleSize } = readHeader(contentOf(bytes, header), moof, end, sizes);
    end = base;
    for (const box of inner) {
      if (box.type !== "trun") continue;
      const run = readRun(contentOf(bytes, box), sampleSize);
      const at = run.offset === null ? end : base + run.offset;
      extents.push({ at, bytes: run.bytes });
      end = at + run.bytes;
    }
  }
  return extents;
}

/** Offsets count from `base`: an offset in the file, the fragment's begin, or the end of the samples before. */
function readHeader(content: Buffer, moof: Box, end: number, sizes: Map<number, number>) {
  const flags = content.readUInt32BE(0) & 0xffffff;
  let at = 8;
  const base = flags & 1 ? Number(content.readBigUInt64BE(at)) : flags & 0x020000 ? moof.at : end;
  if (flags & 1) at += 8;
  if (flags & 2) at += 4;
  if (flags & 8) at += 4;
  return { base, sampleSize: flags & 0x10 ? content.readUInt32BE(at) : (sizes.get(content.readUInt32BE(4)) ?? 0) };
}

function readRun(content: Buffer, sampleSize: number): { offset: number | null; bytes: number } {
  const flags = content.readUInt32BE(0) & 0xffffff;
  const samples = content.readUInt32BE(4);
  const offset = flags & 1 ? content.readInt32BE(8) : null;
  if (!(flags & 0x200)) return { offset, bytes: samples * sampleSize };
  const first = 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
  const before = flags & 0x100 ? 4 : 0;
  const length = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
  let bytes = 0;
  for (let sample = 0; sample < samples; sample++) bytes += content.readUInt32BE(first + sample * length + before);
  return { offset, bytes };
}

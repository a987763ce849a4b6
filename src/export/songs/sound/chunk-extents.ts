import { contentOf, type Box } from "./boxes.ts";
import type { SoundFile, Extent } from "./bytes.ts";

/** Where the chunks of a track lie, by the tables of its `stbl`. Throws for tables that do not fit each other. */
export function chunkExtents(bytes: SoundFile, tables: Box[]): Extent[] {
  const table = (...types: string[]) => {
    const box = tables.find(({ type }) => types.includes(type));
    return box && { type: box.type, content: contentOf(bytes, box) };
  };
  const [offsets, sizes, runs] = [table("stco", "co64"), table("stsz", "stz2"), table("stsc")];
  if (!offsets || !sizes || !runs) throw new Error("it has a track without tables");
  const sizeOf = sizes.type === "stsz" ? plainSizes(sizes.content) : compactSizes(sizes.content);
  const extents: Extent[] = [];
  let sample = 0;
  let run = 0;
  const runCount = runs.content.readUInt32BE(4);
  const chunks = offsets.content.readUInt32BE(4);
  for (let chunk = 0; chunk < chunks; chunk++) {
    while (run + 1 < runCount && runs.content.readUInt32BE(8 + 12 * (run + 1)) <= chunk + 1) run++;
    const samples = runs.content.readUInt32BE(12 + 12 * run);
    const size = sizeOf(sample, samples);
    sample += samples;
    const at =
      offsets.type === "stco"
        ? offsets.content.readUInt32BE(8 + 4 * chunk)
        : Number(offsets.content.readBigUInt64BE(8 + 8 * chunk));
    extents.push({ at, bytes: size });
  }
  return extents;
}

/** The size of `count` samples from `first` on. */
type SizeOf = (first: number, count: number) => number;

function plainSizes(content: Buffer): SizeOf {
  const same = content.readUInt32BE(4);
  return same > 0 ? (_, count) => count * same : summed((sample) => content.readUInt32BE(12 + 4 * sample));
}

function compactSizes(content: Buffer): SizeOf {
  const bits = content[7];
  if (bits === 16) return summed((sample) => content.readUInt16BE(12 + 2 * sample));
  if (bits === 8) return summed((sample) => content.readUInt8(12 + sample));
  return summed((sample) => (content.readUInt8(12 + (sample >> 1)) >> (sample % 2 === 0 ? 4 : 0)) & 15);
}

function summed(sizeOf: (sample: number) => number): SizeOf {
  return (first, count) => {
    let size = 0;
    for (let sample = first; sample < first + count; sample++) size += sizeOf(sample);
    return size;
  };
}

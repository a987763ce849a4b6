import { readFileSync } from "node:fs";
import { join } from "node:path";

export const MEDIA = join(import.meta.dirname, "../../../fixtures/media");

export type Layout = {
  /** How a fragment says where its samples lie; without it the file has one table for all. */
  fragments?: "absolute" | "from the fragment" | "implied";
  tables?: "stco" | "co64";
  soundFirst?: boolean;
  sidx?: "before the movie" | "after the movie";
  mfra?: boolean;
  /** Between the movie's tables, or among its tags. */
  saio?: boolean;
  gapless?: string;
  /** Where there is room for tags; by default in the movie, where it belongs. */
  room?: "none" | "in its track" | "in both";
};

const FRAMES = 12;
const AT_ONCE = 4;

/** A real song of a few packets, in the layout that is asked for. */
export function makeMp4(layout: Layout): Buffer {
  const source = readFileSync(join(MEDIA, "plain.m4a"));
  const samples = readSamples(source).slice(0, FRAMES);
  const take = (type: string) => boxAt(source, source.indexOf(type, 0, "latin1") - 4);
  const ftyp = take("ftyp");
  const movie = (chunks: number[]) => makeMovie(layout, samples, chunks, take);
  return layout.fragments ? fragmented(layout, samples, ftyp, movie([])) : whole(layout, samples, ftyp, movie);
}

export function box(type: string, ...content: (Buffer | number[])[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => Buffer.from(part)));
  return Buffer.concat([u32(bytes.length + 8), Buffer.from(type, "latin1"), bytes]);
}

export function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
}

function u64(value: number): Buffer {
  return u32(Math.floor(value / 2 ** 32), value % 2 ** 32);
}

function boxAt(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(at, at + bytes.readUInt32BE(at));
}

/** One chunk holds them all in the file that they are taken from. */
function readSamples(source: Buffer): Buffer[] {
  const sizes = source.indexOf("stsz", 0, "latin1") + 16;
  let at = source.readUInt32BE(source.indexOf("stco", 0, "latin1") + 12);
  return Array.from({ length: FRAMES }, (_, number) => {
    const size = source.readUInt32BE(sizes + 4 * number);
    at += size;
    return source.subarray(at - size, at);
  });
}

function makeMovie(layout: Layout, samples: Buffer[], chunks: number[], take: (type: string) => Buffer): Buffer {
  const isWhole = layout.fragments === undefined;
  const offsets = layout.tables === "co64" ? box("co64", u32(0, chunks.length), ...chunks.map(u64)) : undefined;
  const tables = [
    take("stsd"),
    box("stts", u32(0, ...(isWhole ? [1, samples.length, 1024] : [0]))),
    box("stsc", u32(0, ...(isWhole ? [1, 1, AT_ONCE, 1] : [0]))),
    box("stsz", u32(0, 0, ...(isWhole ? [samples.length, ...samples.map(({ length }) => length)] : [0]))),
    offsets ?? box("stco", u32(0, chunks.length, ...chunks)),
    ...(layout.saio ? [box("saio", u32(0, 1, chunks[0] ?? 0))] : []),
  ];
  const media = box(
    "mdia",
    take("mdhd"),
    take("hdlr"),
    box("minf", take("smhd"), take("dinf"), box("stbl", ...tables)),
  );
  const edit = box("edts", box("elst", u32(0, 1, 10_000, 1024, 0x10000)));
  const { room = "in the movie" } = layout;
  const tags = ["none", "in its track"].includes(room) ? [] : [makeTags(layout.gapless)];
  const own = ["in its track", "in both"].includes(room) ? [makeTags()] : [];
  const extended = isWhole ? [] : [box("mvex", box("trex", u32(0, 1, 1, 1024, 0, 0)))];
  return box("moov", take("mvhd"), box("trak", take("tkhd"), edit, media, ...own), ...extended, ...tags);
}

function makeTags(note = ""): Buffer {
  const item = box(
    "----",
    box("mean", u32(0), Buffer.from("com.apple.iTunes")),
    box("name", u32(0), Buffer.from("iTunSMPB")),
    box("data", u32(1, 0), Buffer.from(note)),
  );
  const handler = box("hdlr", u32(0, 0), Buffer.from("mdirappl"), u32(0, 0), [0]);
  return box("udta", box("meta", u32(0), handler, box("ilst", note === "" ? [] : item)));
}

function whole({ soundFirst }: Layout, samples: Buffer[], ftyp: Buffer, movie: (chunks: number[]) => Buffer): Buffer {
  const sound = box("mdat", ...samples);
  const start = 8 + ftyp.length + (soundFirst ? 0 : movie([0, 0, 0]).length);
  const chunks = [0, 1, 2].map((at) => start + Buffer.concat(samples.slice(0, at * AT_ONCE)).length);
  return Buffer.concat(soundFirst ? [ftyp, sound, movie(chunks)] : [ftyp, movie(chunks), sound]);
}

function fragmented(layout: Layout, samples: Buffer[], ftyp: Buffer, movie: Buffer): Buffer {
  const index = (size: number, between: number) =>
    box("sidx", u32(0, 1, 44_100, 0, between, 1, size, FRAMES * 1024, 0));
  const indexLength = layout.sidx ? index(0, 0).length : 0;
  const begin = ftyp.length + movie.length + indexLength;
  const offsets: number[] = [];
  const parts: Buffer[] = [];
  for (let at = 0; at < samples.length; at += AT_ONCE) {
    const start = begin + Buffer.concat(parts).length;
    offsets.push(start);
    const some = samples.slice(at, at + AT_ONCE);
    const fragment = (offset: number) => makeFragment(layout, some, at, start, offset);
    const length = fragment(0).length;
    parts.push(fragment(length + 8), box("mdat", ...some));
  }
  const size = Buffer.concat(parts).length;
  const sidx = layout.sidx ? [index(size, layout.sidx === "before the movie" ? movie.length : 0)] : [];
  const head = layout.sidx === "before the movie" ? [ftyp, ...sidx, movie] : [ftyp, movie, ...sidx];
  const entries = offsets.map((offset, at) =>
    Buffer.concat([u32(at * AT_ONCE * 1024, offset), Buffer.from([1, 1, 1])]),
  );
  const random = layout.mfra ? [box("mfra", box("tfra", u32(0, 1, 0, offsets.length), ...entries))] : [];
  return Buffer.concat([...head, ...parts, ...random]);
}

function makeFragment({ fragments }: Layout, samples: Buffer[], first: number, start: number, offset: number): Buffer {
  const isAbsolute = fragments === "absolute";
  const flags = isAbsolute ? 1 : fragments === "implied" ? 0 : 0x020000;
  const header = box("tfhd", u32(flags, 1), isAbsolute ? u64(start) : []);
  const time = box("tfdt", u32(0, first * 1024));
  const run = box("trun", u32(0x201, samples.length, offset, ...samples.map(({ length }) => length)));
  return box("moof", box("mfhd", u32(0, 1 + first)), box("traf", header, time, run));
}

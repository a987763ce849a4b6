import crypto from "node:crypto";
import { boxesIn, contentOf, type Box } from "./boxes.ts";
import { BLOCK, gaplessNotes, readAt, type SoundFile, type Sound } from "./bytes.ts";
import { chunkExtents } from "./chunk-extents.ts";
import { fragmentExtents, sampleSizes } from "./fragment-extents.ts";

const PARENTS = new Set(["moov", "trak", "edts", "mdia", "minf", "stbl", "mvex", "moof", "traf", "mfra"]);
/** Holds no sound of its own, or only by the tables that name it. */
const ASIDE = new Set(["mdat", "free", "skip", "wide", "udta", "meta"]);
const NAMING_PLACES = new Set(["stco", "co64", "tfhd", "tfra"]);
/** Names offsets in the file too, in ways that are not followed here. */
const OTHER_TABLES = new Set(["saio", "iloc", "cmov"]);

/**
 * All of an MP4 but its tags: each box of every track and fragment as it is, but for offsets in the file, and what lies at
 * these offsets. Throws for a file whose tables cannot be followed.
 */
export function mp4Sound(bytes: SoundFile): Sound {
  const top = [...boxesIn(bytes, 0, bytes.size)];
  const sound: Sound = { facts: [], extents: [] };
  const sizes = new Map<number, number>();
  for (const box of top) {
    if (ASIDE.has(box.type)) continue;
    if (box.type === "moov") sound.facts.push(...gaplessNotes(contentOf(bytes, box)));
    if (box.type === "sidx") sound.facts.push(indexOfTarget(bytes, box, top));
    addBox(bytes, box, box.type, sound, top);
    if (box.type === "moov") for (const [track, size] of sampleSizes(bytes, box)) sizes.set(track, size);
    if (box.type === "moof") sound.extents.push(...fragmentExtents(bytes, box, sizes));
  }
  return sound;
}

function addBox(bytes: SoundFile, box: Box, path: string, sound: Sound, top: Box[]): void {
  if (OTHER_TABLES.has(box.type)) throw new Error(`its ${box.type} box is not understood`);
  if (PARENTS.has(box.type)) {
    const inner = [...boxesIn(bytes, box.start, box.end)];
    if (box.type === "stbl") sound.extents.push(...chunkExtents(bytes, inner));
    for (const child of inner) if (!ASIDE.has(child.type)) addBox(bytes, child, `${path}/${child.type}`, sound, top);
  } else sound.facts.push(`${path} ${factOf(bytes, box, top)}`);
}

/** A box without the offsets that it names: what lies there is compared instead. */
function factOf(bytes: SoundFile, box: Box, top: Box[]): string {
  if (!NAMING_PLACES.has(box.type)) return digestOf(bytes, box);
  const content = contentOf(bytes, box);
  if (box.type === "stco" || box.type === "co64") return String(content.readUInt32BE(4));
  if (box.type === "tfra") return fragmentsOf(content, top);
  if (content[3]! & 1) content.fill(0, 8, 16);
  return crypto.hash("sha256", content);
}

function digestOf(bytes: SoundFile, { start, end }: Box): string {
  const hash = crypto.createHash("sha256");
  for (let at = start; at < end; at += BLOCK) hash.update(readAt(bytes, at, Math.min(BLOCK, end - at)));
  return hash.digest("hex");
}

/** Which of the file's boxes the segment index begins with. */
function indexOfTarget(bytes: SoundFile, box: Box, top: Box[]): string {
  const content = contentOf(bytes, box);
  const first = content[0] === 0 ? content.readUInt32BE(16) : Number(content.readBigUInt64BE(20));
  return `sidx to ${positionOf(box.end + first, top)}`;
}

/** Times and fragments of a table for random access: which fragment instead of where it lies. */
function fragmentsOf(content: Buffer, top: Box[]): string {
  const numbers = [1, 2, 3].map((_, at) => ((content.readUInt32BE(8) >> (4 - 2 * at)) & 3) + 1);
  const width = content[0] === 1 ? 8 : 4;
  const length = 2 * width + numbers.reduce((sum, count) => sum + count, 0);
  const entries: string[] = [content.toString("hex", 0, 16)];
  for (let at = 16; at + length <= content.length; at += length) {
    const offset = width === 8 ? Number(content.readBigUInt64BE(at + 8)) : content.readUInt32BE(at + 4);
    const [time, more] = [
      content.toString("hex", at, at + width),
      content.toString("hex", at + 2 * width, at + length),
    ];
    entries.push(`${time} ${positionOf(offset, top)} ${more}`);
  }
  return crypto.hash("sha256", entries.join("\n"));
}

/** Among the boxes that no tag writer adds or takes away. */
function positionOf(offset: number, top: Box[]): number {
  return top.filter(({ type }) => !["free", "skip", "wide"].includes(type)).findIndex(({ at }) => at === offset);
}

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { BLOCK, readAt, type SoundFile, type Extent, type Sound } from "./bytes.ts";
import { mp3Sound } from "./mp3-sound.ts";
import { mp4Sound } from "./mp4-sound.ts";
import { wavSound } from "./wav-sound.ts";

const READERS: Record<string, (bytes: SoundFile) => Sound> = { m4a: mp4Sound, mp3: mp3Sound, wav: wavSound };

/**
 * Compares the sound of a tagged copy with that of its original: the same packets where the file's own tables say that
 * they are, the same timing. Throws an error that says why it is not the same, or cannot be compared.
 */
export function compareSound(original: string, copy: string, ending: string): void {
  const reader = READERS[ending];
  if (!reader) throw new Error("its sound cannot be compared with the original's");
  using one = openBytes(original);
  using other = openBytes(copy);
  const [before, after] = [readSound(reader, one), readSound(reader, other)];
  if (before.extents.every(({ bytes }) => bytes === 0)) throw new Error("its own tables name no sound");
  if (before.facts.join("\n") !== after.facts.join("\n")) throw new Error("tags would change how it is played");
  const [from, to] = [joined(before.extents, after.extents), joined(after.extents, before.extents)];
  const isSame = from.length === to.length && from.every((extent, at) => isSameBytes(one, extent, other, to[at]!));
  if (!isSame) throw new Error("tags would move its sound away from where its tables say it is");
}

function readSound(reader: (bytes: SoundFile) => Sound, bytes: SoundFile): Sound {
  try {
    return reader(bytes);
  } catch (error) {
    // A table that is shorter than it says.
    throw error instanceof RangeError ? new Error("its own tables do not fit each other", { cause: error }) : error;
  }
}

/** Extents that follow each other in both files are one. */
function joined(extents: Extent[], others: Extent[]): Extent[] {
  const found: Extent[] = [];
  for (const [at, extent] of extents.entries()) {
    const last = found.at(-1);
    const [before, other] = [others[at - 1], others[at]];
    const follows = last !== undefined && last.at + last.bytes === extent.at;
    const alsoThere = before !== undefined && other !== undefined && before.at + before.bytes === other.at;
    if (follows && alsoThere) last.bytes += extent.bytes;
    else found.push({ ...extent });
  }
  return found;
}

function isSameBytes(one: SoundFile, from: Extent, other: SoundFile, to: Extent): boolean {
  if (from.bytes !== to.bytes || to.at + to.bytes > other.size) return false;
  for (let done = 0; done < from.bytes; done += BLOCK) {
    const count = Math.min(BLOCK, from.bytes - done);
    if (!readAt(one, from.at + done, count).equals(readAt(other, to.at + done, count))) return false;
  }
  return true;
}

function openBytes(path: string): SoundFile & Disposable {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  return { file, size: fstatSync(file).size, [Symbol.dispose]: () => closeSync(file) };
}

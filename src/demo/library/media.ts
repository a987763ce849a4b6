import { existsSync, readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { COVER_COUNT, SONG_FILES } from "./media-list.ts";

const cache = new Map<string, Buffer>();

/** Bytes of one file of media/, which is next to this module in src/demo/library, and next to the program in dist/. */
export function readMedia(name: string): Buffer {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const url = new URL(`./media/${name}`, import.meta.url);
  if (!existsSync(url)) throw new Error(`this installation is incomplete: media/${name} is not next to the program`);
  const bytes = readFileSync(url);
  cache.set(name, bytes);
  return bytes;
}

/** Which song a clip id gets; `duration` is its length in seconds as the API writes it. */
export function songOf(clipId: string): { file: string; duration: string } {
  return SONG_FILES[crc32(clipId) % SONG_FILES.length] ?? SONG_FILES[0];
}

export function coverOf(clipId: string): string {
  return `cover-${String((crc32(clipId) % COVER_COUNT) + 1).padStart(2, "0")}.jpg`;
}

import { rm } from "node:fs/promises";
import type { AssetStore } from "../../assets/store/store.ts";
import type { KeptFile } from "../../query/lists/archive-files.ts";
import type { CopySource, WantedCopy } from "./copy-source.ts";
import { isStill } from "./put-back.ts";

const MOST_FILES = 100;
const MOST_BYTES = 2e9;

/**
 * Brings lost files from a source, so many at a time that the disk has room for them, each held against its digest
 * before `take` gets it by its absolute path. Throws what the source throws, and DiskError.
 */
export async function bringFrom(
  { store, source, signal }: { store: AssetStore; source: CopySource; signal: AbortSignal },
  files: KeptFile[],
  take: (place: string, sha256: string) => Promise<void>,
): Promise<void> {
  for (const wanted of portions(wantedCopies(files))) {
    const staging = await store.makeStaging();
    try {
      for await (const { place, sha256 } of source.bring(wanted, staging, signal)) {
        signal.throwIfAborted();
        if (await isStill(place, sha256, signal)) await take(place, sha256);
      }
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
}

/** Each digest once. */
export function wantedCopies(files: KeptFile[]): WantedCopy[] {
  const wanted = new Map<string, WantedCopy>();
  for (const { sha256, bytes, path } of files)
    if (sha256 !== null && !wanted.has(sha256)) wanted.set(sha256, { sha256, bytes, path });
  return [...wanted.values()];
}

function portions(wanted: WantedCopy[]): WantedCopy[][] {
  const all: WantedCopy[][] = [];
  let room = 0;
  for (const one of wanted) {
    const size = one.bytes ?? 0;
    const last = all.at(-1);
    if (last !== undefined && last.length < MOST_FILES && room >= size) last.push(one);
    else {
      all.push([one]);
      room = MOST_BYTES;
    }
    room -= size;
  }
  return all;
}

import { rm } from "node:fs/promises";
import type { AssetStore } from "../../assets/store/store.ts";
import type { ArchiveFile } from "../../query/lists/archive-files.ts";
import type { CopySource, WantedCopy } from "./copy-source.ts";
import { hasDigest } from "./put-back.ts";

const MAX_BATCH_FILES = 100;
const MAX_BATCH_BYTES = 2e9;

/**
 * Fetches lost files from a source, in batches that bound the disk space they need. `onCopy` gets the absolute path of
 * each copy whose digest is right. Throws what the source throws, and DiskError.
 */
export async function fetchCopies(
  { store, source, signal }: { store: AssetStore; source: CopySource; signal: AbortSignal },
  files: ArchiveFile[],
  onCopy: (path: string, sha256: string) => Promise<void>,
): Promise<void> {
  for (const wanted of toBatches(wantedCopies(files))) {
    const staging = await store.makeStaging();
    try {
      for await (const { path, sha256 } of source.fetch(wanted, staging, signal)) {
        signal.throwIfAborted();
        if (await hasDigest(path, sha256, signal)) await onCopy(path, sha256);
      }
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
}

/** What to ask a source for: each digest once. */
export function wantedCopies(files: ArchiveFile[]): WantedCopy[] {
  const wanted = new Map<string, WantedCopy>();
  for (const { sha256, bytes, path } of files)
    if (sha256 !== null && !wanted.has(sha256)) wanted.set(sha256, { sha256, bytes, path });
  return [...wanted.values()];
}

function toBatches(wanted: WantedCopy[]): WantedCopy[][] {
  const batches: WantedCopy[][] = [];
  let bytesLeft = 0;
  for (const one of wanted) {
    const size = one.bytes ?? 0;
    const last = batches.at(-1);
    if (last !== undefined && last.length < MAX_BATCH_FILES && bytesLeft >= size) last.push(one);
    else {
      batches.push([one]);
      bytesLeft = MAX_BATCH_BYTES;
    }
    bytesLeft -= size;
  }
  return batches;
}

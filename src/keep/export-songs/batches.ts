import type { Write } from "./plan-changes.ts";

/** What may wait for the disk at once: an interrupted export makes no more than this again. */
const MOST_BYTES = 128 * 2 ** 20;
const MOST_FILES = 16_384;

/** Writes in their order, in parts that are flushed and named together; none is empty. */
export function* batchesOf(
  writes: Write[],
  most: { bytes: number; files: number } = { bytes: MOST_BYTES, files: MOST_FILES },
): Generator<Write[]> {
  let batch: Write[] = [];
  let bytes = 0;
  for (const write of writes) {
    const size = bytesOf(write);
    if (batch.length > 0 && (bytes + size > most.bytes || batch.length === most.files)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(write);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** About: tags come on top. */
function bytesOf({ file: { content } }: Write): number {
  return "text" in content ? content.text.length : content.copyOf.bytes;
}

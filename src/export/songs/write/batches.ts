import { folderOf } from "../folders.ts";
import type { Write } from "../plan-changes.ts";

export type Most = { bytes: number; files: number };

/** What may wait for the disk at once: an interrupted export makes no more than this again. */
const MOST: Most = { bytes: 128 * 2 ** 20, files: 16_384 };

/** Writes folder by folder, in batches that are flushed and named together; a folder that fits into one is not divided. */
export function batchesOf(writes: Write[], most = MOST): Write[][] {
  const folders = [...Map.groupBy(writes, ({ file }) => folderOf(file.path)).values()];
  const parts = folders.flatMap((folder) => [...filled(folder, countOne, most)]);
  return [...filled(parts, countAll, most)].map((some) => some.flat());
}

/** The same writes in parts, in their order. */
export function partsOf(writes: Write[], most: Most): Write[][] {
  return [...filled(writes, countOne, most)];
}

/** Items in their order, as many together as fit; none of it is empty. */
function* filled<Item>(items: Item[], count: (item: Item) => Most, most: Most): Generator<Item[]> {
  let some: Item[] = [];
  let sum: Most = { bytes: 0, files: 0 };
  for (const item of items) {
    const { bytes, files } = count(item);
    if (some.length > 0 && (sum.bytes + bytes > most.bytes || sum.files + files > most.files)) {
      yield some;
      some = [];
      sum = { bytes: 0, files: 0 };
    }
    some.push(item);
    sum = { bytes: sum.bytes + bytes, files: sum.files + files };
  }
  if (some.length > 0) yield some;
}

function countAll(writes: Write[]): Most {
  return { bytes: writes.reduce((sum, write) => sum + countOne(write).bytes, 0), files: writes.length };
}

/** About: tags come on top. */
function countOne({ file: { content } }: Write): Most {
  return { bytes: "text" in content ? content.text.length : content.copyOf.bytes, files: 1 };
}

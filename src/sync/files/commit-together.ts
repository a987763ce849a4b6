/**
 * Saves what finishes in one turn of the event loop in one go: a commit flushes the disk, which takes as long for one as
 * for eight. The promise of an item is fulfilled once it is saved, and fails with all others of its turn.
 */
export function commitTogether<Item>(save: (items: Item[]) => void): (item: Item) => Promise<void> {
  let waiting: { item: Item; resolve: () => void; reject: (error: unknown) => void }[] = [];
  const commit = () => {
    const batch = waiting;
    waiting = [];
    try {
      save(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length === 1) setImmediate(commit);
    });
}

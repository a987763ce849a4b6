/** Rows per batch: a few hundred kilobytes with their texts. */
const ROWS = 200;

/**
 * Yields the rows that `read` returns for the keys, in batches while they are iterated, so that the rows of a long list are
 * never in memory together. A row that is deleted in between is left out; one that is added is not included.
 */
export function* readInBatches<Key, Row>(keys: Key[], read: (some: Key[]) => Row[], size = ROWS): Generator<Row> {
  for (let at = 0; at < keys.length; at += size) yield* read(keys.slice(at, at + size));
}

/** With their texts a few hundred kilobytes. */
const ROWS = 200;

/**
 * What `read` makes of the keys, in batches, as fast as they are taken: however long a list is, its rows are never in
 * memory together. A row that goes while the list is read is left out, one that comes is not in it.
 */
export function* readInBatches<Key, Row>(keys: Key[], read: (some: Key[]) => Row[], size = ROWS): Generator<Row> {
  for (let at = 0; at < keys.length; at += size) yield* read(keys.slice(at, at + size));
}

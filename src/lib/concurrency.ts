/** Runs `work` once per key; later calls with the same key get the same promise. */
export function onceEach<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const result = known.get(key) ?? work(key);
    known.set(key, result);
    return result;
  };
}

/** Waits for all promises; the first failure aborts the others and is thrown when all have ended. */
export async function allOrAbort(work: Promise<unknown>[], controller: AbortController): Promise<void> {
  let first: { error: unknown } | undefined;
  const guarded = work.map((promise) =>
    promise.catch((error: unknown) => {
      first ??= { error };
      controller.abort(error);
    }),
  );
  await Promise.all(guarded);
  if (first) throw first.error;
}

/** Does `work` for every item, at most `width` at once; the first failure is thrown when all that had begun has ended. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  let failed = false;
  const worker = async () => {
    for (let next = waiting.next(); !next.done && !failed; next = waiting.next()) {
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: width }, worker));
  const broken = ends.find((end) => end.status === "rejected");
  if (broken) throw broken.reason;
}

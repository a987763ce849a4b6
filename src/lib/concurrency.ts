/** Does `work` once for each key; who asks again gets the same promise. */
export function onceEach<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const result = known.get(key) ?? work(key);
    known.set(key, result);
    return result;
  };
}

/** Waits for all; the first failure makes the others end, and is thrown when they have. */
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

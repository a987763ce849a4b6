/** Distinct ids in batches of at most `size`, in the order given. */
export function planBatches(ids: string[], size: number): string[][] {
  const distinct = [...new Set(ids)];
  const batches: string[][] = [];
  for (let at = 0; at < distinct.length; at += size) batches.push(distinct.slice(at, at + size));
  return batches;
}

/** The two halves of a batch that the API rejects as a whole. */
export function halve(ids: string[]): string[][] {
  const middle = Math.ceil(ids.length / 2);
  return [ids.slice(0, middle), ids.slice(middle)].filter((half) => half.length > 0);
}

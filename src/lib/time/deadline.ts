/** Returns a function that says whether so many milliseconds are over, whatever is done to the clock meanwhile. */
export function deadlineAfter(ms = Infinity): () => boolean {
  const end = performance.now() + ms;
  return () => performance.now() >= end;
}

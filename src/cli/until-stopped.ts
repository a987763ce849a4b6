/** Waits for the signal; rejects when `ended` does before. */
export async function untilStopped(signal: AbortSignal, ended: Promise<unknown>): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([stopped, ended]);
}

import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const MB = 1024 * 1024;
const LOOK_MS = 200;

/**
 * Keeps the room for new objects at about `mb` from when it has grown to that. V8 lets it grow to 128 MB under a steady
 * stream of answers and never gives it back, though a few batches are all that lives at once; there is no flag for it
 * that a program could set for itself, but for the factor by which it grows.
 */
export function boundYoungHeap(mb = 8): Disposable {
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    if ((young?.space_size ?? 0) < mb * MB) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    clearInterval(timer);
  }, LOOK_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

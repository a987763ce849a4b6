import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const MB = 1024 * 1024;
const LOOK_MS = 200;

/**
 * Keeps a long run small, in what V8 would only give back under pressure. Both come from a steady stream of answers of
 * which a few live at once:
 * - the room for new objects grows to 128 MB and stays so: from `newMb` on it keeps its size (there is no flag for the
 *   size that a program could set for itself, but for the factor by which it grows);
 * - the bytes of answers that waited while a batch was saved count as old, and lie there until the next collection of
 *   everything, which 50 MB of them do not bring about: at `bytesMb` one is made.
 * The other way round, a small heap is collected as a whole for each few MB of files that pass by, an eighth of a
 * download's time: below `smallMb` it may grow to three times its size first.
 */
export function limitMemory({ newMb = 8, bytesMb = 16, smallMb = 24 } = {}): Disposable {
  let grows = true;
  const look = () => {
    setFlagsFromString(`--heap-growing-percent=${heapBytes() < smallMb * MB ? 200 : 0}`);
    if (grows && newSpaceBytes() >= newMb * MB) {
      setFlagsFromString("--semi-space-growth-factor=1");
      grows = false;
    }
    if (waitingBytes() >= bytesMb * MB) collectAll();
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      setFlagsFromString("--heap-growing-percent=0");
    },
  };
}

/** Of all that is live or waits for a collection. */
function heapBytes(): number {
  return getHeapStatistics().used_heap_size;
}

function newSpaceBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ?? 0;
}

/** Node reads a file of /proc for this as well: without a descriptor left, the answer is not worth the run. */
function waitingBytes(): number {
  try {
    return process.memoryUsage().arrayBuffers;
  } catch {
    return 0;
  }
}

/** What `--expose-gc` gives, without it having been given: a new context has it from then on. */
function collectAll(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (() => void) | undefined;
  collect?.();
}

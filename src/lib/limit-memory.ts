import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const MB = 1024 * 1024;
const CHECK_MS = 200;

/**
 * Limits the memory of a long run, which V8 would only give back under pressure. A steady stream of responses, of which a
 * few are alive at once, has two effects:
 * - The space for new objects grows to 128 MB and stays there. From `newMb` on it is kept from growing: a program cannot
 *   set the size itself, but it can set the growth factor.
 * - The bytes of responses that waited while a batch was saved count as old objects and stay until the next full
 *   collection, which 50 MB of them do not trigger. At `bytesMb` one is forced.
 * Conversely, a small heap would be fully collected for each few MB of files that pass through, which took an eighth of a
 * download's time: below `smallMb` it may grow to three times its size first.
 */
export function limitMemory({ newMb = 8, bytesMb = 16, smallMb = 24 } = {}): Disposable {
  let grows = true;
  const check = () => {
    setFlagsFromString(`--heap-growing-percent=${heapBytes() < smallMb * MB ? 200 : 0}`);
    if (grows && newSpaceBytes() >= newMb * MB) {
      setFlagsFromString("--semi-space-growth-factor=1");
      grows = false;
    }
    if (waitingBytes() >= bytesMb * MB) collectAll();
  };
  const timer = setInterval(check, CHECK_MS);
  timer.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      setFlagsFromString("--heap-growing-percent=0");
    },
  };
}

/** Bytes of all objects, alive or not collected yet. */
function heapBytes(): number {
  return getHeapStatistics().used_heap_size;
}

function newSpaceBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ?? 0;
}

/** Node reads a file of /proc for this: running out of descriptors must not end the run. */
function waitingBytes(): number {
  try {
    return process.memoryUsage().arrayBuffers;
  } catch {
    return 0;
  }
}

/** Calls `gc`, which `--expose-gc` adds to every context that is created afterwards. */
function collectAll(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (() => void) | undefined;
  collect?.();
}

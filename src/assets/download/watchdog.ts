import { AssetError } from "../asset-error.ts";

const SLOWEST = 1024;
/** Looks per idle window; the window of the speed rule is twice as long. */
const LOOKS = 8;

export type Watchdog = {
  /** Aborts with an AssetError `timeout`, or with the caller's own reason when that signal aborts. */
  readonly signal: AbortSignal;
  /** Something came: bytes of the body, or 0 for a sign of life such as headers. */
  saw(bytes: number): void;
  /** Stops the clock while we, not the server, are the slow ones. */
  pause(): void;
  resume(): void;
  stop(): void;
};

/** Ends a transfer after `idleSeconds` without a byte, or twice that time below 1 KiB/s: 30 s and 60 s by default. */
export function createWatchdog(idleSeconds: number, outer: AbortSignal): Watchdog {
  const controller = new AbortController();
  const recent: number[] = [];
  let bytesSinceLook = 0;
  let alive = true;
  let silentLooks = 0;
  let paused = false;
  const timer = setInterval(look, (idleSeconds * 1000) / LOOKS);
  const onAbort = () => controller.abort(outer.reason);
  outer.addEventListener("abort", onAbort, { once: true });
  if (outer.aborted) onAbort();

  function look(): void {
    if (paused) return;
    silentLooks = alive ? 0 : silentLooks + 1;
    recent.push(bytesSinceLook);
    if (recent.length > 2 * LOOKS) recent.shift();
    bytesSinceLook = 0;
    alive = false;
    if (silentLooks >= LOOKS) controller.abort(timeout(`no byte for ${idleSeconds} s`));
    else if (isSlow()) controller.abort(timeout(`below 1 KiB/s for ${2 * idleSeconds} s`));
  }

  function isSlow(): boolean {
    const bytes = recent.reduce((sum, count) => sum + count, 0);
    return recent.length === 2 * LOOKS && bytes < SLOWEST * 2 * idleSeconds;
  }

  return {
    signal: controller.signal,
    saw: (bytes) => {
      bytesSinceLook += bytes;
      alive = true;
    },
    pause: () => void (paused = true),
    resume: () => {
      paused = false;
      alive = true;
    },
    stop: () => {
      clearInterval(timer);
      outer.removeEventListener("abort", onAbort);
    },
  };
}

function timeout(problem: string): AssetError {
  return new AssetError("timeout", `the download stood still: ${problem}`);
}

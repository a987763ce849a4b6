import { AssetError } from "../asset-error.ts";

/** Bytes per second. */
const SLOWEST = 1024;
/** Checks per idle window. The window of the speed rule is twice as long. */
const CHECKS = 8;

export type Watchdog = {
  /** Aborts with an AssetError `timeout`, or with the caller's own reason when that signal aborts. */
  readonly signal: AbortSignal;
  /** Reports that bytes of the body arrived, or 0 for another sign of life such as headers. */
  sawBytes(bytes: number): void;
  /** Pauses the clock while this machine, not the server, is slow. */
  pause(): void;
  resume(): void;
  stop(): void;
};

/** Ends a transfer after `idleSeconds` without a byte, or twice that time below 1 KiB/s: 30 s and 60 s by default. */
export function createWatchdog(idleSeconds: number, outer: AbortSignal): Watchdog {
  const controller = new AbortController();
  const recent: number[] = [];
  let bytesSinceCheck = 0;
  let alive = true;
  let silentChecks = 0;
  let paused = false;
  const timer = setInterval(check, (idleSeconds * 1000) / CHECKS);
  const onAbort = () => controller.abort(outer.reason);
  outer.addEventListener("abort", onAbort, { once: true });
  if (outer.aborted) onAbort();

  function check(): void {
    if (paused) return;
    silentChecks = alive ? 0 : silentChecks + 1;
    recent.push(bytesSinceCheck);
    if (recent.length > 2 * CHECKS) recent.shift();
    bytesSinceCheck = 0;
    alive = false;
    if (silentChecks >= CHECKS) controller.abort(timeout(`no byte for ${idleSeconds} s`));
    else if (isSlow()) controller.abort(timeout(`below 1 KiB/s for ${2 * idleSeconds} s`));
  }

  function isSlow(): boolean {
    const bytes = recent.reduce((sum, count) => sum + count, 0);
    return recent.length === 2 * CHECKS && bytes < SLOWEST * 2 * idleSeconds;
  }

  return {
    signal: controller.signal,
    sawBytes: (bytes) => {
      bytesSinceCheck += bytes;
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
  return new AssetError("timeout", `the download stalled: ${problem}`);
}

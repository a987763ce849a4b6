/** Measures the time since the last `reset`. */
export type IdleTimer = { reset(): void; readonly expired: boolean; end(): void };

/** Calls `onExpired` when `idleMs` pass without a reset. */
export function createIdleTimer(idleMs: number, onExpired: () => void): IdleTimer {
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    onExpired();
  }, idleMs);
  return {
    reset: () => void timer.refresh(),
    get expired() {
      return expired;
    },
    end: () => clearTimeout(timer),
  };
}

/** Resets the timer whenever `measure` returns another number than before. */
export function resetOnChange(timer: IdleTimer, idleMs: number, measure: () => Promise<number>): NodeJS.Timeout {
  let last = -1;
  const check = async () => {
    const now = await measure();
    if (now !== last) timer.reset();
    last = now;
  };
  return setInterval(() => void check().catch(() => {}), idleMs / 6).unref();
}

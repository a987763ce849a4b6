/** Counts the time since the last news. */
export type Silence = { broken(): void; readonly fell: boolean; end(): void };

/** Calls `onSilence` when there was no news for so long. */
export function createSilence(idleMs: number, onSilence: () => void): Silence {
  let fell = false;
  const timer = setTimeout(() => {
    fell = true;
    onSilence();
  }, idleMs);
  return {
    broken: () => void timer.refresh(),
    get fell() {
      return fell;
    },
    end: () => clearTimeout(timer),
  };
}

/** Breaks the silence whenever `trace` answers another number than before. */
export function watchTrace(trace: () => Promise<number>, idleMs: number, silence: Silence): NodeJS.Timeout {
  let last = -1;
  const look = async () => {
    const now = await trace();
    if (now !== last) silence.broken();
    last = now;
  };
  return setInterval(() => void look().catch(() => {}), idleMs / 6).unref();
}

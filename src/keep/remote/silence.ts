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

import { readFileSync } from "node:fs";

/** Begins to look at a process; the result gives the most memory that it had, in bytes. */
export function watchMemory(pid: number): () => number {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, peakOf(pid));
  }, 50);
  return () => {
    clearInterval(timer);
    return most;
  };
}

/** VmHWM of proc(5). */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

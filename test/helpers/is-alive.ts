import { readFileSync } from "node:fs";

/** Whether a process still runs; one that has ended and waits for its parent to look does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

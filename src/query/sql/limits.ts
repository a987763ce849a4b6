import { readFileSync } from "node:fs";
import { execa } from "execa";
import type { Limits } from "./messages.ts";

/** Watches the limits of a child process; `exceeded` names the one that it went over. Disposing ends the watch, not the child. */
export type Watch = Disposable & {
  readonly exceeded: "time" | "memory" | undefined;
  /** Call when the query begins: from then on its own time limit applies. */
  begin(): void;
  /** Waits for the child; the clock runs only meanwhile. */
  waiting<T>(work: Promise<T>): Promise<T>;
};

const CHECK_MS = 20;
/** Time for a Node process to start and open the database. */
const START_MS = 15_000;

/**
 * Calls `kill` when the child with this process id goes over a limit. Its memory counts from `begin` on: until the child
 * runs its own program, the system reports the memory of its parent.
 */
export function watchChild(pid: number, { timeMs, memoryBytes }: Limits, kill: () => void): Watch {
  let exceeded: Watch["exceeded"];
  let left = START_MS;
  let begun = false;
  let since: number | undefined;
  let checking = false;
  const stop = (why: "time" | "memory") => {
    exceeded ??= why;
    kill();
  };
  const check = async () => {
    if (since !== undefined && performance.now() - since > left) stop("time");
    if (!begun || checking) return;
    checking = true;
    if ((await residentBytes(pid)) > memoryBytes) stop("memory");
    checking = false;
  };
  const timer = setInterval(() => void check(), CHECK_MS);
  return {
    get exceeded() {
      return exceeded;
    },
    begin() {
      left = timeMs;
      begun = true;
    },
    async waiting(work) {
      since = performance.now();
      try {
        return await work;
      } finally {
        left -= performance.now() - since;
        since = undefined;
      }
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** The peak resident memory on Linux, the current one elsewhere; 0 when the process has ended. */
async function residentBytes(pid: number): Promise<number> {
  try {
    if (process.platform !== "linux")
      return Number((await execa("ps", ["-o", "rss=", "-p", String(pid)])).stdout) * 1024;
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

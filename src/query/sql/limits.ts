import { readFileSync } from "node:fs";
import { execa } from "execa";
import type { Limits } from "./messages.ts";

/** Looks after a child; what it went over is in `exceeded`. Disposing ends the watch, not the child. */
export type Watch = Disposable & {
  readonly exceeded: "time" | "memory" | undefined;
  /** The query begins: from now on its own time limit holds. */
  begin(): void;
  /** The clock runs only while the parent waits for the child. */
  waiting<T>(work: Promise<T>): Promise<T>;
};

const EVERY_MS = 20;
/** For a Node process to start and to open the database. */
const START_MS = 15_000;

/**
 * Calls `kill` once the child with this id is over a limit. Its memory counts from `begin` on: until it has become a
 * program of its own, the system reports that of its parent.
 */
export function watchChild(pid: number, { timeMs, memoryBytes }: Limits, kill: () => void): Watch {
  let exceeded: Watch["exceeded"];
  let left = START_MS;
  let begun = false;
  let since: number | undefined;
  let looking = false;
  const stop = (why: "time" | "memory") => {
    exceeded ??= why;
    kill();
  };
  const look = async () => {
    if (since !== undefined && performance.now() - since > left) stop("time");
    if (!begun || looking) return;
    looking = true;
    if ((await residentBytes(pid)) > memoryBytes) stop("memory");
    looking = false;
  };
  const timer = setInterval(() => void look(), EVERY_MS);
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

/** The most that was resident at once on Linux, what is resident now elsewhere; 0 when the process is gone. */
async function residentBytes(pid: number): Promise<number> {
  try {
    if (process.platform !== "linux")
      return Number((await execa("ps", ["-o", "rss=", "-p", String(pid)])).stdout) * 1024;
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

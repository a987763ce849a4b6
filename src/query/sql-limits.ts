import { existsSync, readFileSync } from "node:fs";
import { execa } from "execa";

export type Limits = {
  /** Milliseconds that the query itself may take; waiting for the reader of its rows does not count. */
  timeMs: number;
  /** Most resident memory of the child. */
  memoryBytes: number;
};

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
const PRLIMIT = ["/usr/bin/prlimit", "/bin/prlimit"];
/** What Node itself has mapped for writing before a query begins. */
const OWN_DATA_BYTES = 256 * 1024 * 1024;

/** Calls `kill` once the child with this id is over a limit. */
export function watch(pid: number, { timeMs, memoryBytes }: Limits, kill: () => void): Watch {
  let exceeded: Watch["exceeded"];
  let left = START_MS;
  let since: number | undefined;
  let looking = false;
  const stop = (why: "time" | "memory") => {
    exceeded ??= why;
    kill();
  };
  const look = async () => {
    if (since !== undefined && performance.now() - since > left) stop("time");
    if (looking) return;
    looking = true;
    if ((await residentBytes(pid)) > memoryBytes) stop("memory");
    looking = false;
  };
  const timer = setInterval(() => void look(), EVERY_MS);
  return {
    get exceeded() {
      return exceeded;
    },
    begin: () => void (left = timeMs),
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

/**
 * The command line with bounds that the kernel keeps, where util-linux is there: memory that a single allocation cannot
 * jump over, processor time for the case that the parent was killed, and no core file.
 */
export function bounded(command: string[], { timeMs, memoryBytes }: Limits): string[] {
  const prlimit = process.platform === "linux" ? PRLIMIT.find((path) => existsSync(path)) : undefined;
  if (!prlimit) return command;
  const seconds = Math.ceil((2 * timeMs + START_MS) / 1000);
  return [prlimit, `--data=${memoryBytes + OWN_DATA_BYTES}`, `--cpu=${seconds}`, "--core=0", ...command];
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

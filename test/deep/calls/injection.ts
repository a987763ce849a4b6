import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { MirrorOptions } from "../../helpers/world.ts";

export const NO_STRACE = "needs strace and the right to trace";

/** True where a program may be started under strace. */
export function mayTrace(): boolean {
  return spawnSync("strace", ["-o", "/dev/null", "-e", "trace=none", "true"]).status === 0;
}

export type Injection = {
  /** The system call, such as `fsync`. */
  call: string;
  /** Only calls on these absolute paths count. */
  paths: readonly string[];
  /** `signal=SIGKILL` before the call is made, or `error=EIO` in place of it. */
  effect: string;
  /** The first call that is hit, from 1; `forever` hits all after it too. */
  nth: number;
  forever?: boolean;
};

/**
 * What starts the program with a fault in its system calls. strace counts for each thread by itself: libuv gets one
 * thread, and calls of the main thread are distinguished from those of that one by their paths.
 */
export function underInjection({ call, paths, effect, nth, forever = false }: Injection): MirrorOptions {
  // Signals are not delivered with --seccomp-bpf (strace 6.1); errors are, at half the time.
  const fast = effect.startsWith("error") ? ["--seccomp-bpf"] : [];
  const when = `${nth}${forever ? "+" : ""}`;
  return underStrace([...fast, "-o", "/dev/null", "-e", `inject=${call}:${effect}:when=${when}`], [call], paths);
}

/** What starts the program so that `log` gets one line for each of these calls. */
export function underTrace(log: string, calls: readonly string[], paths: readonly string[]): MirrorOptions {
  return underStrace(["--seccomp-bpf", "-y", "-o", log], calls, paths);
}

/** How often each of the calls is in a log. */
export function countCalls(log: string, calls: readonly string[]): Record<string, number> {
  const lines = readFileSync(log, "utf8").split("\n");
  const count = (call: string) => lines.filter((line) => new RegExp(`^\\d+ +${call}\\(`).test(line)).length;
  return Object.fromEntries(calls.map((call) => [call, count(call)] as const).filter(([, times]) => times > 0));
}

function underStrace(options: string[], calls: readonly string[], paths: readonly string[]): MirrorOptions {
  return {
    wrapper: [
      "strace",
      "-f",
      "-qq",
      ...options,
      "-e",
      `trace=${calls.join(",")}`,
      ...paths.flatMap((path) => ["-P", path]),
    ],
    env: { UV_THREADPOOL_SIZE: "1", UV_USE_IO_URING: "0" },
  };
}

/** All that the main thread writes: the database, the locks, the journal. */
export function databasePaths(home: string): string[] {
  const month = new Date().toISOString().slice(0, 7);
  const names = ["archive.db", "archive.db-wal", "archive.db-shm", "lock.db", "lock.db-journal", "lock.json"];
  return [
    home,
    join(home, "journal"),
    join(home, "journal", `${month}.ndjson`),
    ...names.map((name) => join(home, name)),
  ];
}

/** All that libuv's thread writes, given the paths of the files as they lie at the end, such as `1d/1dd0….m4a`. */
export function assetPaths(assets: string, finals: string[]): string[] {
  const folders = new Set(finals.map((path) => path.slice(0, 2)));
  const parts = finals.flatMap((path) => {
    const part = path.replace(/\.m4a$/, ".audio.part").replace(/\.jpg$/, ".image.part");
    return [part, `${part}.json`];
  });
  const names = [".producer-mirror", ".producer-mirror.new", ...folders, ...finals, ...parts];
  return [assets, ...names.map((name) => join(assets, name))];
}

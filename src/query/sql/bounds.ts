import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Limits } from "./messages.ts";

/** Resident in Node before any query: it comes off, so that the kernel is not later than the parent's watch. */
const OWN_BYTES = 160 * 1024 * 1024;
const PRLIMIT = ["/usr/bin/prlimit", "/bin/prlimit"];

/**
 * Gives this process bounds that the kernel keeps, where util-linux is there (elsewhere the parent's watch is all):
 * memory that one allocation cannot jump over, processor time in case the parent is killed, no core file. What is
 * mapped before any query comes on top: over 500 MB, most of it never touched.
 */
export function limitThisProcess({ timeMs, memoryBytes }: Limits): void {
  const prlimit = process.platform === "linux" ? PRLIMIT.find((path) => existsSync(path)) : undefined;
  const mapped = prlimit && /^VmData:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  if (!prlimit || !mapped) return;
  const data = Number(mapped) * 1024 + Math.max(0, memoryBytes - OWN_BYTES);
  const seconds = Math.ceil((2 * timeMs) / 1000) + 15;
  spawnSync(prlimit, [`--pid=${process.pid}`, `--data=${data}`, `--cpu=${seconds}`, "--core=0"], { stdio: "ignore" });
}

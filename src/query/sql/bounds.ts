import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Limits } from "./messages.ts";

/** Memory of Node before any query; subtracted, so that the kernel's limit is not reached later than the parent's. */
const OWN_BYTES = 160 * 1024 * 1024;
const PRLIMIT = ["/usr/bin/prlimit", "/bin/prlimit"];

/**
 * Sets limits of this process that the kernel enforces, where util-linux is installed (elsewhere only the parent watches):
 * memory, so that one allocation cannot exceed it, CPU time in case the parent is killed, and no core file. Memory that
 * is mapped before any query is added: over 500 MB, most of it never used.
 */
export function limitThisProcess({ timeMs, memoryBytes }: Limits): void {
  const prlimit = process.platform === "linux" ? PRLIMIT.find((path) => existsSync(path)) : undefined;
  const mapped = prlimit && /^VmData:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  if (!prlimit || !mapped) return;
  const data = Number(mapped) * 1024 + Math.max(0, memoryBytes - OWN_BYTES);
  const seconds = Math.ceil((2 * timeMs) / 1000) + 15;
  spawnSync(prlimit, [`--pid=${process.pid}`, `--data=${data}`, `--cpu=${seconds}`, "--core=0"], { stdio: "ignore" });
}

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export type Usage = { wallMs: number; cpuMs: number; peakMb: number; stdout: string };
export type RunOptions = { env?: Record<string, string>; input?: string; signal: AbortSignal; codes?: number[] };

/**
 * A module that a Node process loads before its own: at its end it tells what the whole process used, all threads and
 * the start of Node included, on a channel of its own. Exact where ps and /proc count in hundredths of a second. Its most
 * memory is asked of Linux itself: `maxRSS` begins with what the process that started it had at that moment.
 */
const TELL_USAGE = `data:text/javascript,${encodeURIComponent(
  'import { existsSync, readFileSync, writeSync } from "node:fs"; const status = "/proc/self/status"; process.on("exit", () => { const usage = process.resourceUsage(); if (existsSync(status)) usage.maxRSS = Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync(status, "utf8"))[1]); writeSync(3, JSON.stringify(usage)); });',
)}`;

/** Runs a Node program and measures it. Throws when it ends with another code than those of `codes` (0). */
export async function runNode(script: string, args: string[], options: RunOptions): Promise<Usage> {
  const { wallMs, stdout, reported } = await run(process.execPath, ["--import", TELL_USAGE, script, ...args], options);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(reported) as NodeJS.ResourceUsage;
  return { wallMs, stdout, cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMb: maxRSS / 1024 };
}

/** Runs any program; its wall time in ms. */
export async function runTimed(file: string, args: string[], options: RunOptions): Promise<number> {
  return (await run(file, args, options)).wallMs;
}

/** The wall time in ms of a short Node process, seen by one that does nothing but wait for it. */
export function timeNode(args: string[], env: Record<string, string>): number {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, { env, stdio: "ignore" });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}`);
  return ms;
}

/** True when the program answers to `--version`. */
export function isInstalled(file: string): boolean {
  return spawnSync(file, ["--version"], { stdio: "ignore" }).status === 0;
}

async function run(file: string, args: string[], { env = {}, input = "", signal, codes = [0] }: RunOptions) {
  signal.throwIfAborted();
  const started = performance.now();
  const child = spawn(file, args, { env, signal, killSignal: "SIGKILL", stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const outputs = [child.stdout, child.stderr, child.stdio[3] as typeof child.stdout].map((stream) => text(stream));
  child.stdin.on("error", () => {}).end(input);
  const [code] = (await once(child, "close")) as [number | null];
  const wallMs = performance.now() - started;
  const [stdout = "", stderr = "", reported = ""] = await Promise.all(outputs);
  if (code === null || !codes.includes(code))
    throw new Error(
      `${file} ${args.slice(-4).join(" ")} ended with ${code}: ${stderr.slice(-1000)}${stdout.slice(-500)}`,
    );
  return { wallMs, stdout, reported };
}

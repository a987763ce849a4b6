import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Bench } from "./bench.ts";

const ROOT = join(import.meta.dirname, "..");

export type Service = AsyncDisposable & { url: string; assetHost: string; ids: string[] };

/** The stand-in with so many tasks, as a process of its own: what it uses is not counted. */
export function startService(bench: Bench, tasks: number): Promise<Service> {
  return startProcess(bench, "test/stand-in/stand-in-process.ts", "--ids", "--tasks", String(tasks));
}

/** Starts a program that prints one JSON line when it is ready and ends when its stdin closes. */
export async function startProcess<Said = Omit<Service, keyof AsyncDisposable>>(
  { signal }: Bench,
  script: string,
  ...args: string[]
): Promise<Said & AsyncDisposable> {
  const child = spawn(process.execPath, [join(ROOT, script), ...args], { stdio: ["pipe", "pipe", "inherit"], signal });
  child.on("error", () => {});
  const gone = once(child, "close").catch(() => {});
  const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (line.done) throw new Error(`${script} did not start`);
  return {
    ...(JSON.parse(line.value) as Said),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await gone;
    },
  };
}

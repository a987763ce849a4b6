import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ended, Running } from "../../helpers/program.ts";
import type { World } from "../../helpers/world.ts";

const STOPPED = /^(\d+) +--- stopped by SIGSTOP ---$/gm;

/** Runs the program, and stops it after each of these system calls, also those of what it starts, while `look` looks. */
export async function stopAtCalls(world: World, calls: string, look: () => void, ...args: string[]): Promise<Ended> {
  const log = join(world.folder, "stops.log");
  rmSync(log, { force: true });
  const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:signal=SIGSTOP:when=1+`];
  const running = world.start(args, { wrapper: ["strace", "-f", "-qq", "-o", log, ...inject] });
  try {
    await stopAndGo(running, log, look);
  } catch (error) {
    // What is stopped would stay so and keep its files open: strace that is killed leaves it alone.
    for (const id of startedBy(running.pid)) process.kill(id, "SIGKILL");
    await running.done;
    throw error;
  }
  return running.done;
}

async function stopAndGo({ child }: Running, log: string, look: () => void): Promise<void> {
  for (let seen = 0; child.exitCode === null && child.signalCode === null;) {
    const stops = existsSync(log) ? [...readFileSync(log, "utf8").matchAll(STOPPED)] : [];
    if (stops.length === seen) {
      await sleep(1);
      continue;
    }
    look();
    const threads = new Set(stops.slice(seen).map(([, id]) => Number(id)));
    seen = stops.length;
    for (const id of threads) goOn(id);
  }
}

/** Processes, and what those have started. */
function startedBy(id: number): number[] {
  const ids = readFileSync(`/proc/${id}/task/${id}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return ids.flatMap((child) => [child, ...startedBy(child)]);
}

function goOn(thread: number): void {
  try {
    process.kill(thread, "SIGCONT");
  } catch {
    // Another thread of it has gone on to the end meanwhile.
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterEach, describe, expect, it, vi } from "vitest";
import { watchChild } from "../../../src/query/sql/limits.ts";

const MEGABYTE = 1024 * 1024;
const LIMITS = { timeMs: 10_000, memoryBytes: 250 * MEGABYTE };

/** Runs a script in a process of its own and watches it; `alive` tells whether it came to its end by itself. */
async function watched(script: string): Promise<{ exceeded: string | undefined; alive: boolean }> {
  const child = execa(process.execPath, ["-e", script], { reject: false });
  using guard = watchChild(child.pid ?? 0, LIMITS, () => void child.kill("SIGKILL"));
  await sleep(100);
  guard.begin();
  const { exitCode } = await child;
  return { exceeded: guard.exceeded, alive: exitCode === 0 };
}

afterEach(() => void vi.useRealTimers());

describe("watch", () => {
  it("J122: stops a process by its memory", async () => {
    const script = "setTimeout(() => { globalThis.kept = Buffer.alloc(400e6, 1); setTimeout(() => {}, 20000) }, 200)";
    expect(await watched(script)).toEqual({ exceeded: "memory", alive: false });
  });

  it.runIf(process.platform === "linux")("J122: stops one that gave the memory back between two looks", async () => {
    const script =
      "setTimeout(() => { const end = Date.now() + 2000; let kept = Buffer.alloc(400e6, 1); kept = undefined; gc(); while (Date.now() < end); }, 200)";
    expect(
      await watched(
        `require("v8").setFlagsFromString("--expose-gc"); globalThis.gc = require("vm").runInNewContext("gc"); ${script}`,
      ),
    ).toEqual({
      exceeded: "memory",
      alive: false,
    });
  });

  it("leaves one alone that keeps to its limits", async () => {
    expect(await watched("setTimeout(() => {}, 300)")).toEqual({ exceeded: undefined, alive: true });
  });

  it("counts only the time that is waited", async () => {
    vi.useFakeTimers();
    let killed = 0;
    using guard = watchChild(0, { timeMs: 200, memoryBytes: MEGABYTE }, () => void killed++);
    const wait = async (ms: number) => {
      const done = guard.waiting(new Promise((resolve) => void setTimeout(resolve, ms)));
      await vi.advanceTimersByTimeAsync(ms);
      await done;
    };
    guard.begin();
    await wait(60);
    await vi.advanceTimersByTimeAsync(300);
    await wait(60);
    expect([guard.exceeded, killed]).toEqual([undefined, 0]);
    await wait(250);
    expect(guard.exceeded).toBe("time");
    expect(killed).toBeGreaterThan(0);
  });
});

import { vi } from "vitest";
import type { Running } from "../../helpers/program.ts";
import type { World } from "../../helpers/world.ts";

/** `serve` in a process of its own. */
export type ServedProcess = AsyncDisposable & { running: Running; url: string; receiveUrl: string | undefined };

/** Starts `serve` on free ports and waits for its addresses. */
export async function startServe(world: World, ...flags: string[]): Promise<ServedProcess> {
  const running = world.start(["serve", "--json", "--listen", "127.0.0.1:0", ...flags]);
  await vi
    .waitUntil(() => running.output().stdout.includes("\n"), { timeout: 120_000, interval: 20 })
    .catch(() => {
      throw new Error(`serve did not start: ${running.output().stderr}`);
    });
  const { listening } = JSON.parse(running.output().stdout) as { listening: { serve: string; receive?: string } };
  return {
    running,
    url: listening.serve,
    receiveUrl: listening.receive,
    async [Symbol.asyncDispose]() {
      running.kill("SIGTERM");
      await running.done;
    },
  };
}

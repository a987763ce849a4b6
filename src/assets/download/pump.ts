import type { Readable } from "node:stream";
import type { Watchdog } from "./watchdog.ts";

/** Bytes that may wait here before the body is paused. Bytes that wait inside of the body are lost when it fails. */
const MAX_WAITING = 256 * 1024;

type Take = (chunk: Buffer) => Promise<void> | null;

/**
 * Gives each chunk of a body to `take` in turn, the first one once `ready` is fulfilled. While `ready` or a promise of
 * `take` is pending, the body waits and the watchdog's clock is paused. Resolves or rejects when the body has ended, and
 * only after all bytes before an error were taken: they are worth keeping. When `take` throws, this rejects at once. Call
 * it in the same turn in which the response arrives: an error of a body without listeners is lost.
 */
export function pump(body: Readable, ready: Promise<void>, take: Take, watchdog: Watchdog): Promise<void> {
  return new Promise((resolve, reject) => {
    const waiting: Buffer[] = [];
    let waitingBytes = 0;
    let isWaiting = false;
    let ending: (() => void) | null = null;

    body.on("data", (chunk: Buffer) => {
      watchdog.sawBytes(chunk.length);
      waiting.push(chunk);
      waitingBytes += chunk.length;
      drain();
      if (waitingBytes > MAX_WAITING) body.pause();
    });
    body.on("end", () => end(resolve));
    body.on("error", (error) => end(() => reject(error)));
    body.on("close", () => end(() => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" }))));
    waitFor(ready);

    function drain(): void {
      try {
        while (!isWaiting && waiting.length > 0) {
          const chunk = waiting.shift()!;
          waitingBytes -= chunk.length;
          const busy = take(chunk);
          if (busy !== null) waitFor(busy);
        }
        if (!isWaiting) ending?.();
      } catch (error) {
        fail(error);
      }
    }

    function waitFor(busy: Promise<void>): void {
      isWaiting = true;
      watchdog.pause();
      busy.then(() => {
        isWaiting = false;
        watchdog.resume();
        body.resume();
        drain();
      }, fail);
    }

    function end(finish: () => void): void {
      ending ??= finish;
      drain();
    }

    function fail(error: unknown): void {
      reject(error);
      body.destroy();
    }
  });
}

import type { Readable } from "node:stream";
import type { Watchdog } from "./watchdog.ts";

/** How much may wait here before the body is told to. What waits in the body itself is lost when it errs. */
const MAX_WAITING = 256 * 1024;

type Take = (chunk: Buffer) => Promise<void> | null;

/**
 * Gives each chunk of a body to `take` in turn, the first when `ready` has settled. While `ready` or a promise that
 * `take` returned is open, the body waits and the watchdog's clock stands still. Settles when the body has ended, and
 * only after all that came before an error was taken: those bytes are worth keeping. A throw of `take` ends it at once.
 * Call it in the same turn as the answer arrives: a body that errs unheard says nothing afterwards.
 */
export function pump(body: Readable, ready: Promise<void>, take: Take, watchdog: Watchdog): Promise<void> {
  return new Promise((resolve, reject) => {
    const waiting: Buffer[] = [];
    let waitingBytes = 0;
    let isHeld = false;
    let ending: (() => void) | null = null;

    body.on("data", (chunk: Buffer) => {
      watchdog.saw(chunk.length);
      waiting.push(chunk);
      waitingBytes += chunk.length;
      drain();
      if (waitingBytes > MAX_WAITING) body.pause();
    });
    body.on("end", () => end(resolve));
    body.on("error", (error) => end(() => reject(error)));
    body.on("close", () => end(() => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" }))));
    hold(ready);

    function drain(): void {
      try {
        while (!isHeld && waiting.length > 0) {
          const chunk = waiting.shift()!;
          waitingBytes -= chunk.length;
          const busy = take(chunk);
          if (busy !== null) hold(busy);
        }
        if (!isHeld) ending?.();
      } catch (error) {
        fail(error);
      }
    }

    function hold(busy: Promise<void>): void {
      isHeld = true;
      watchdog.pause();
      busy.then(() => {
        isHeld = false;
        watchdog.resume();
        body.resume();
        drain();
      }, fail);
    }

    function end(settle: () => void): void {
      ending ??= settle;
      drain();
    }

    function fail(error: unknown): void {
      reject(error);
      body.destroy();
    }
  });
}

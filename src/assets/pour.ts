import type { Readable } from "node:stream";
import type { Watchdog } from "./watchdog.ts";

/**
 * Gives each chunk of a body to `take` as it comes; while a promise that `take` returned is open, the body waits and
 * the watchdog's clock stands still. Settles when the body has ended; a throw of `take` destroys the body.
 */
export function pour(body: Readable, take: (chunk: Buffer) => Promise<void> | null, watchdog: Watchdog): Promise<void> {
  return new Promise((resolve, reject) => {
    body.on("data", (chunk: Buffer) => {
      watchdog.saw(chunk.length);
      try {
        const busy = take(chunk);
        if (busy !== null) wait(busy);
      } catch (error) {
        fail(error);
      }
    });
    body.on("end", resolve);
    body.on("error", fail);
    body.on("close", () => fail(Object.assign(new Error("closed"), { code: "ECONNRESET" })));

    function wait(busy: Promise<void>): void {
      body.pause();
      watchdog.pause();
      busy.then(() => {
        watchdog.resume();
        body.resume();
      }, fail);
    }

    function fail(error: unknown): void {
      reject(error);
      body.destroy();
    }
  });
}

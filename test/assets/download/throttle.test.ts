import { expect, test } from "vitest";
import { createThrottle } from "../../../src/assets/download/throttle.ts";

const signal = new AbortController().signal;

test("without a limit nothing waits", () => {
  expect(createThrottle(undefined)(1e9, signal)).toBeNull();
});

test("what comes faster than the limit waits, all downloads together", async () => {
  const throttle = createThrottle(100_000);
  const began = performance.now();
  await Promise.all([throttle(10_000, signal), throttle(10_000, signal), throttle(5_000, signal)]);
  const took = performance.now() - began;
  expect(took).toBeGreaterThan(200);
});

test("a wait ends without an error when the run is stopped", async () => {
  const stop = new AbortController();
  const waiting = createThrottle(1)(1_000, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(waiting).resolves.toBeUndefined();
});

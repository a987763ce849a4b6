import { expect, test } from "vitest";
import { openKeeper } from "../../../src/server/pass-on/keep-answers.ts";
import type { Workers } from "../../../src/server/workers/workers.ts";

/** Saves are ended one by one, by hand. */
function heldSaves() {
  const saved: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (_question: string, { text }: { text: string }) =>
    new Promise((resolve) => ends.push(() => resolve(void saved.push(text))));
  return { saved, endNext: () => ends.shift()?.(), waiting: () => ends.length, workers: { ask } as unknown as Workers };
}

const MEGABYTE = Buffer.alloc(1_000_000, "x");

test("answers that pass or wait are held up to 64 MB together, 16 MB each; what is beyond is not kept", async () => {
  const { workers, saved, endNext, waiting } = heldSaves();
  const keeper = openKeeper(workers);
  const take = (megabytes: number) => {
    const gathered = keeper.gather();
    for (let n = 0; n < megabytes; n++) gathered.add(MEGABYTE);
    return gathered;
  };
  take(17).keep();
  take(0).keep();
  const four = [16, 16, 16, 15].map(take);
  take(2).keep();
  for (const gathered of four.slice(0, 3)) gathered.keep();
  four[3]?.forget();
  take(2).keep();
  for (let n = 0; n < 4; n++) {
    await expect.poll(waiting).toBe(1);
    endNext();
  }
  await expect.poll(() => saved.length).toBe(4);
  expect(saved.map((text) => text.length / 1e6)).toEqual([16, 16, 16, 2]);
  const again = [16, 16, 16, 16].map(take);
  for (const gathered of again) gathered.keep();
  for (let n = 0; n < 4; n++) {
    await expect.poll(waiting).toBe(1);
    endNext();
  }
  await keeper[Symbol.asyncDispose]();
  expect(saved).toHaveLength(8);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { readInBatches } from "../../../src/query/lists/read-in-batches.ts";

it("gives what reading all at once gives, in the same order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 900 }), (keys) => {
      const read = (some: number[]) => some.filter((key) => key % 3 > 0).map((key) => `row ${key}`);
      expect([...readInBatches(keys, read)]).toEqual(read(keys));
    }),
  );
});

it("reads no further than its rows are taken", () => {
  const read: number[] = [];
  const rows = readInBatches([...Array(100_000).keys()], (some) => {
    read.push(some.length);
    return some;
  });
  expect(read).toEqual([]);
  rows.next();
  expect(read).toEqual([200]);
  for (let taken = 1; taken < 200; taken++) rows.next();
  expect(read).toEqual([200]);
  rows.next();
  expect(read).toEqual([200, 200]);
});

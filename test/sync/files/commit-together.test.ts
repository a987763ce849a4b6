import { expect, test } from "vitest";
import { commitTogether } from "../../../src/sync/files/commit-together.ts";

test("what finishes in one turn is saved in one go, in its order; what comes later in the next", async () => {
  const saved: string[][] = [];
  const save = commitTogether<string>((items) => void saved.push(items));
  const first = Promise.all([save("a"), save("b"), save("c")]);
  expect(saved).toEqual([]);
  await first;
  await save("d");
  expect(saved).toEqual([["a", "b", "c"], ["d"]]);
});

test("where saving fails, each of them fails, and the next are tried again", async () => {
  let broken = true;
  const save = commitTogether<string>(() => {
    if (broken) throw new Error("disk full");
  });
  const ends = await Promise.allSettled([save("a"), save("b")]);
  expect(ends.map((end) => end.status === "rejected" && String(end.reason))).toEqual(Array(2).fill("Error: disk full"));
  broken = false;
  await save("c");
});

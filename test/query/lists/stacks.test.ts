import { afterAll, beforeAll, expect, it } from "vitest";
import { clipMarks } from "../../../src/db/schema.ts";
import { pageOfStacks } from "../../../src/query/lists/stacks.ts";
import { takesOf } from "../../../src/query/lists/takes.ts";
import { paged } from "./paged.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

let library: Library;
beforeAll(() => {
  library = makeLibrary();
  const rain = { prompt: "rain", title: "Rain" };
  library.task("t1", { ...rain, seed: "1" });
  library.task("t2", { ...rain, seed: "2", callbackUrl: "https://a.example/" });
  library.task("t3", { ...rain, seed: "3", weirdness: 0.5 });
  for (const n of [4, 5]) library.task(`t${n}`, { action: null, model: null });
  // As long as the first, in other words.
  library.task("t6", { prompt: "snow", title: "Rain" });
  // Two of one request are two takes as well.
  for (const [n, id] of ["a1", "a2"].entries()) library.clip(id, { taskId: "t1", createdAt: CREATED + n });
  library.clip("b1", { taskId: "t2", createdAt: CREATED + 2 });
  library.clip("c1", { taskId: "t3", createdAt: CREATED + 3 });
  library.clip("d1", { taskId: "t4", createdAt: CREATED + 4 });
  library.clip("e1", { taskId: "t5", createdAt: CREATED + 5 });
  library.clip("f1", { taskId: "t6", createdAt: CREATED + 6 });
  const mark = (clipId: string, marks: object) =>
    library.db
      .insert(clipMarks)
      .values({ clipId, ...marks })
      .run();
  mark("a1", { rating: 4 });
  mark("a2", { starredAt: CREATED });
});
afterAll(() => library[Symbol.dispose]());

const stacks = (filter = {}) =>
  [...pageOfStacks(library.db, filter, "/").rows].map(({ id, stack: { size, clips } }) => [id, size, clips.join(" ")]);

it("songs whose requests differ only in the seed are one row, the best rated first", () => {
  expect(stacks()).toEqual([
    ["f1", 1, "f1"],
    ["e1", 1, "e1"],
    ["d1", 1, "d1"],
    ["c1", 1, "c1"],
    ["a1", 3, "a1 a2 b1"],
  ]);
  expect(pageOfStacks(library.db, {}, "/").total).toBe(5);
});

it("are made of what the filter lets through, in its order and by pages", () => {
  expect(stacks({ minRating: 0, starred: false, sort: { by: "rating", descending: true } })[0]).toEqual([
    "a1",
    2,
    "a1 b1",
  ]);
  expect(stacks({ starred: true })).toEqual([["a2", 1, "a2"]]);
  expect(paged((cursor) => pageOfStacks(library.db, { limit: 2, ...cursor }, "/"))).toEqual([
    "f1",
    "e1",
    "d1",
    "c1",
    "a1",
  ]);
});

it("have the same key for the same request, whatever its clips", () => {
  const keyOf = (filter: object) => [...pageOfStacks(library.db, filter, "/").rows].map(({ stack }) => stack.key);
  expect(keyOf({ starred: true })[0]).toBe(keyOf({ minRating: 4 })[0]);
  expect(new Set(keyOf({})).size).toBe(5);
});

it("say of each take what it does not share with the others", () => {
  const takes = takesOf(library.db, ["a2", "a1", "nosuch"]);
  expect([...takes.keys()].toSorted()).toEqual(["a1", "a2"]);
  expect(takes.get("a1")).toMatchObject({ rating: 4, starred: false, plays: 0, hasAudio: false });
  expect(takes.get("a2")).toMatchObject({ rating: 0, starred: true });
});

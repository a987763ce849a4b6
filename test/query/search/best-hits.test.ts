import { afterAll, beforeAll, expect, it } from "vitest";
import { pageOfHits } from "../../../src/query/search/search.ts";
import { makeLibrary, type Library } from "../library.ts";
import { idsOf } from "../lists/paged.ts";

const MANY = 10_500;
let library: Library;

beforeAll(() => {
  library = makeLibrary();
  library.task("task");
  library.db.$client
    .prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
       insert into clips (id, task_id, title, lyric, model, state, first_seen_at, updated_at)
       select 'c' || i, 'task', iif(i % 1000 = 0, 'Ember', 'Song ' || i), 'an ember glows',
         iif(i % 3 = 0, 'FUZZ-1.0', 'FUZZ-2.0'), 'succeeded', 0, 0 from n`,
    )
    .run(MANY);
});
afterAll(() => library[Symbol.dispose]());

const page = (limit: number, filter = {}) => pageOfHits(library.db, "ember", { limit, ...filter }, "/");
const numbers = (rows: Iterable<{ id: string }>) => idsOf(rows).map((id) => Number(id.slice(1)));

it("shows the newest behind the titles where there are more hits than can be ranked", () => {
  const found = numbers(page(14).rows);
  expect(found.slice(0, 10).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => n * 1000));
  expect(found.slice(10)).toEqual([10_500, 10_499, 10_498, 10_497]);
  const ofOneModel = numbers(page(5, { model: ["FUZZ-1.0"] }).rows);
  expect([ofOneModel.slice(0, 3).toSorted((a, b) => a - b), ofOneModel.slice(3)]).toEqual([
    [3000, 6000, 9000],
    [10_500, 10_497],
  ]);
});

it("gives each hit once, page by page", () => {
  const whole = numbers(page(0).rows);
  expect(new Set(whole).size).toBe(MANY);
  const paged: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { rows, next } = page(999, cursor === undefined ? {} : { cursor });
    paged.push(...numbers(rows));
    cursor = next;
  }
  expect(paged).toEqual(whole);
});

it("finds nothing behind a cursor of no tier", () => {
  const found = [-1, 3, 0.5, "x", null].flatMap((tier) => {
    const cursor = Buffer.from(JSON.stringify([1, "best", tier, 0, 0])).toString("base64url");
    return [...page(5, { cursor }).rows];
  });
  expect(found).toEqual([]);
});

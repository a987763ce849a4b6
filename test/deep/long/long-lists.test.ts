import { afterAll, beforeAll, expect, it } from "vitest";
import { pageOfClips } from "../../../src/query/lists/clips.ts";
import { pageOfTasks } from "../../../src/query/lists/tasks.ts";
import { makeLibrary, type Library } from "../../query/library.ts";
import { idsOf } from "../../query/lists/paged.ts";

/** More than a call can take as arguments. */
const MANY = 130_000;
const NUMBERS = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)";
let library: Library;

beforeAll(() => {
  library = makeLibrary();
  library.task("task");
  const insert = (into: string) => library.db.$client.prepare(`insert into ${into}`).run(MANY);
  insert(`clips (id, task_id, title, state, first_seen_at, updated_at)
    ${NUMBERS} select 'c' || i, 'task', null, 'succeeded', 0, 0 from n`);
  insert(`tracked_tasks (task_id, source, added_at) ${NUMBERS} select 't' || i, 'test', i from n`);
});
afterAll(() => library[Symbol.dispose]());

const lengthOf = ({ rows }: { rows: Iterable<{ id: string }> }) => new Set(idsOf(rows)).size;

it("lists more than 120,000 clips, with a limit and without", () => {
  expect(lengthOf(pageOfClips(library.db, { limit: MANY - 1 }, "/"))).toBe(MANY - 1);
  expect(lengthOf(pageOfClips(library.db, {}, "/"))).toBe(MANY);
});

it("lists more than 120,000 tasks", () => {
  expect(lengthOf(pageOfTasks(library.db, {}))).toBe(MANY + 1);
});

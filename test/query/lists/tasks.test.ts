import { afterEach, beforeEach, expect, it } from "vitest";
import type { Filter, Sort } from "../../../src/query/filter/filter.ts";
import { countTasks } from "../../../src/query/filter/task-order.ts";
import { listTasks, pageOfTasks } from "../../../src/query/lists/tasks.ts";
import { paged } from "./paged.ts";
import { CREATED, makeLibrary, type Library } from "../library.ts";

let library: Library;

beforeEach(() => {
  library = makeLibrary();
  library.task("a", { title: "Neon", model: "FUZZ-1.0", createdAt: CREATED, elapsedSeconds: 40, prompt: "pop" });
  library.task("b", {
    title: "Autumn",
    createdAt: CREATED + 2,
    state: "failed",
    errorCode: "api_error",
    errorMessage: "fetch failed",
  });
  library.task("c", { title: "Wav", type: "wav", action: null, createdAt: CREATED + 1 });
  library.tracked("new", { addedAt: CREATED + 9 });
  library.tracked("gone", { addedAt: CREATED - 9, state: "missing", lastError: "not seen" });
  library.clip("clip-1", { taskId: "a", durationSeconds: 60 });
  library.clip("clip-2", { taskId: "a", durationSeconds: 30 });
  library.file("clip-1", { taskId: "a" });
  library.file(null, { taskId: "c", kind: "wav" });
});
afterEach(() => library[Symbol.dispose]());

it("shows a mirrored task with its music", () => {
  expect(listTasks(library.db, { model: ["FUZZ-1.0"] })).toEqual([
    {
      id: "a",
      type: "audios",
      title: "Neon",
      model: "FUZZ-1.0",
      action: "generate",
      state: "succeeded",
      shownState: "succeeded",
      clips: 2,
      durationSeconds: 90,
      createdAt: new Date(CREATED).toISOString(),
      finishedAt: null,
      elapsedSeconds: 40,
      prompt: "pop",
      errorCode: null,
      errorMessage: null,
      addedAt: new Date(CREATED).toISOString(),
      source: "test",
      untrackedAt: null,
      missingSince: null,
      lastCheckedAt: null,
      nextCheckAt: null,
      lastError: null,
    },
  ]);
});

it.each<[string, Filter, string[]]>([
  ["all, where it was created or added", {}, ["new", "b", "c", "a", "gone"]],
  ["not answered yet", { state: ["pending"] }, ["new"]],
  ["unknown upstream", { state: ["missing"] }, ["gone"]],
  ["failed", { state: ["failed"] }, ["b"]],
  ["created since", { since: CREATED + 1 }, ["b", "c"]],
  ["created until", { until: CREATED + 1 }, ["a"]],
  ["with so much music", { minSeconds: 90, maxSeconds: 90 }, ["a"]],
  ["with audio", { has: ["audio"] }, ["a"]],
  ["with a wav of their own", { has: ["wav"] }, ["c"]],
  ["without wav and without audio", { missing: ["wav", "audio"] }, ["new", "b", "gone"]],
  ["by title", { sort: { by: "title", descending: true }, limit: 3 }, ["c", "a", "b"]],
  ["by length", { sort: { by: "duration", descending: true }, limit: 1 }, ["a"]],
  ["of an action", { action: ["generate"] }, ["b", "a"]],
])("lists tasks %s", (_what, filter, expected) => {
  expect(listTasks(library.db, filter).map(({ id }) => id)).toEqual(expected);
  expect(countTasks(library.db, { ...filter, limit: 1 })).toBe(filter.limit ? 5 : expected.length);
});

it("pages through mirrored tasks, those without a time and those without an answer as one list", () => {
  library.task("undated", { createdAt: null });
  library.task("imported", { createdAt: CREATED - 5 });
  library.db.$client.prepare("delete from tracked_tasks where task_id = 'imported'").run();
  library.tracked("also new", { addedAt: CREATED + 9 });
  for (const by of ["created", "title", "duration", "model"] as const)
    for (const descending of [true, false]) {
      const sort = { by, descending };
      const whole = listTasks(library.db, { sort }).map(({ id }) => id);
      expect(whole).toEqual(inOrder(sort));
      expect(paged((cursor) => pageOfTasks(library.db, { sort, limit: 2, ...cursor }))).toEqual(whole);
    }
});

it("counts up to a number what other tables tell", () => {
  const insert = library.db.$client.prepare(
    "insert into tracked_tasks (task_id, source, added_at, state) values (?, 't', 1, 'pending')",
  );
  library.db.$client.transaction(() => {
    for (let n = 0; n < 5000; n++) insert.run(`waits-${n}`);
  })();
  expect(countTasks(library.db, { missing: ["video"] })).toEqual({ moreThan: 5000 });
  expect(countTasks(library.db, { state: ["pending"] })).toBe(5001);
});

/** By all rows at once, sorted here. */
function inOrder({ by, descending }: Sort): string[] {
  const rows = library.db.$client
    .prepare<[], { id: string; key: string | number | null }>(
      `select coalesce(tasks.id, task_id) as id, ${ORDERS[by]} as key from tasks full join tracked_tasks on task_id = tasks.id`,
    )
    .all();
  const sorted = rows.toSorted((one, other) => compare(one.key, other.key) || compare(one.id, other.id));
  return (descending ? sorted.toReversed() : sorted).map(({ id }) => id);
}

function most(column: string): string {
  return `(select max(${column}) from clip_marks join clips on clips.id = clip_id where task_id = tasks.id)`;
}

const ORDERS = {
  created: "coalesce(tasks.created_at, tracked_tasks.added_at)",
  title: "tasks.title",
  model: "tasks.model",
  duration: "(select sum(duration_seconds) from clips where task_id = tasks.id)",
  rating: most("rating"),
  plays: most("plays"),
  played: most("last_played_at"),
};

function compare(one: string | number | null, other: string | number | null): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  return one < other ? -1 : Number(one > other);
}

import { expect, test } from "vitest";
import { clipIdOf, makeLibrary, makeRecord, taskIdOf } from "./make-record.ts";

test("generated records are distinct and repeatable, and take overrides", () => {
  const some = Array.from({ length: 500 }, (_, n) => makeRecord(n));
  expect(makeRecord(7)).toEqual(some[7]);
  expect(makeRecord(7, {}, { seed: 2 }).id).not.toBe(some[7]?.id);
  for (const of of [some.map(({ id }) => id), some.map(({ created_at }) => created_at)])
    expect(new Set<unknown>(of).size).toBe(500);
  const changed = makeRecord(7, {
    response: { success: true },
    clip: { title: "x", video_url: undefined },
    finished_at: undefined,
  });
  expect(changed).toMatchObject({
    response: { success: true, task_id: taskIdOf(7), data: [{ id: clipIdOf(7), title: "x" }] },
  });
  const [changedClip] = (changed["response"] as { data: [object] }).data;
  expect("finished_at" in changed).toBe(false);
  expect("video_url" in changedClip).toBe(false);
});

test("a library of 100,000 records makes none before it is requested", () => {
  const library = makeLibrary({ tasks: 100_000 });
  expect(library.value(99_999)).toMatchObject({ id: library.id(99_999) });
});

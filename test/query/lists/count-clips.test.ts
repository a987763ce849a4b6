import { afterAll, beforeAll, expect, it } from "vitest";
import { listClips } from "../../../src/query/lists/clips.ts";
import { countClips } from "../../../src/query/lists/count-clips.ts";
import { makeLibrary, type Library } from "../library.ts";

let library: Library;

/** 2,600 instrumental tasks of two clips each, and as many with singing: more than are looked up one by one. */
beforeAll(() => {
  library = makeLibrary();
  const client = library.db.$client;
  const task = client.prepare(
    `insert into tasks (id, state, instrumental, document_version, first_seen_at, updated_at, created_at)
     values (?, 'succeeded', ?, 1, 1, 1, ?)`,
  );
  const clip = client.prepare(
    "insert into clips (id, task_id, state, model, first_seen_at, updated_at, created_at) values (?, ?, 'succeeded', ?, 1, 1, ?)",
  );
  const shown = client.prepare("insert into task_clips (task_id, position, clip_id) values (?, ?, ?)");
  client.transaction(() => {
    for (let n = 0; n < 5200; n++) {
      task.run(`t${n}`, n % 2, n);
      for (const side of [0, 1]) {
        clip.run(`c${n}-${side}`, `t${n}`, n % 26 === 1 ? "rare" : "usual", n);
        shown.run(`t${n}`, side, `c${n}-${side}`);
      }
    }
    shown.run("t1", 2, "c0-0");
  })();
});
afterAll(() => library[Symbol.dispose]());

it("counts instrumental clips up to a number, and to the end when they are filtered further", () => {
  expect(countClips(library.db, { instrumental: true })).toEqual({ moreThan: 5000 });
  expect(countClips(library.db, { instrumental: false })).toEqual({ moreThan: 5000 });
  expect(countClips(library.db, { instrumental: true, model: ["rare"] })).toBe(400);
  expect(countClips(library.db, { instrumental: false, model: ["rare"] })).toBe(0);
});

it("counts as many as there are in the list, without what was removed or another task shows too", () => {
  library.db.$client.exec(
    "update clips set removed_at = 5 where cast(substr(task_id, 2) as integer) between 2000 and 2999",
  );
  for (const filter of [{ instrumental: true }, { instrumental: true, removed: true }]) {
    const listed = listClips(library.db, filter, library.assetsRoot).map(({ id }) => id);
    expect(countClips(library.db, filter)).toBe(listed.length);
    expect(listed).not.toContain("c0-0");
  }
  expect(countClips(library.db, { instrumental: true })).toBe(4200);
});

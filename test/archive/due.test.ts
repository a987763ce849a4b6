import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  countDue,
  countWaiting,
  dueAssets,
  dueTaskIds,
  storedFiles,
  type DueAssets,
  type DueTasks,
} from "../../src/archive/due.ts";
import { ASSET_KINDS } from "../../src/lib/asset-kinds.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";

const NOW = 1_000_000;
let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
  // Rows of files alone, without tasks and clips.
  archive.db.$client.pragma("foreign_keys = off");
});
afterEach(() => archive[Symbol.dispose]());

const run = (statement: string, ...values: unknown[]) => archive.db.$client.prepare(statement).run(...values);

describe("tasks that are due", () => {
  /** A tracked task; `mirrored` ones have an answer. */
  const task = (id: string, row: Record<string, unknown> = {}) => {
    const { state = "pending", attempts = 0, added = 1, checked = null, next = null, untracked = null } = row;
    run(
      `insert into tracked_tasks (task_id, source, state, attempts, added_at, last_checked_at, next_check_at, untracked_at)
       values (?, 'test', ?, ?, ?, ?, ?, ?)`,
      id,
      state,
      attempts,
      added,
      checked,
      next,
      untracked,
    );
  };
  const due = (which: DueTasks = {}) => dueTaskIds(archive.db, which);

  it("are pending or missing, or were never fetched whatever their state; untracked ones never are", () => {
    task("pending", { attempts: 1 });
    task("missing", { attempts: 3, state: "missing" });
    task("result alone", { state: "succeeded" });
    for (const state of ["succeeded", "partial", "failed"]) task(state, { attempts: 1, state });
    task("untracked", { untracked: 5 });
    task("untracked and ended", { untracked: 5, attempts: 1, state: "failed" });
    expect(due().toSorted()).toEqual(["missing", "pending", "result alone"]);
    expect(due({ refresh: true }).toSorted()).toEqual(
      ["failed", "missing", "partial", "pending", "result alone", "succeeded"].toSorted(),
    );
  });

  it("come in this order: never fetched first, then those checked longest ago, then as tracked, then by id", () => {
    task("e", { attempts: 1, checked: 20 });
    task("d", { attempts: 5, checked: 10 });
    task("c", { added: 2 });
    task("b", { added: 1 });
    task("a", { added: 1 });
    expect(due()).toEqual(["a", "b", "c", "d", "e"]);
    expect(due({ limit: 2 })).toEqual(["a", "b"]);
    expect(due({ limit: 0 })).toEqual([]);
    expect(due({ only: ["d", "b", "unknown"] })).toEqual(["b", "d"]);
    expect(due({ only: [] })).toEqual([]);
    expect(due({ only: ["d", "e"], limit: 1 })).toEqual(["d"]);
  });

  it("by schedule are those whose time has come, and those without a time", () => {
    task("past", { next: NOW - 1 });
    task("now", { next: NOW });
    task("later", { next: NOW + 1 });
    task("at once");
    expect(due({ scheduledFor: NOW }).toSorted()).toEqual(["at once", "now", "past"]);
    expect(due({ scheduledFor: NOW, refresh: true }).toSorted()).toEqual(["at once", "now", "past"]);
    expect(due()).toHaveLength(4);
  });
});

describe("files that are due", () => {
  /** Returns the id of the row. */
  const file = (row: Record<string, unknown> = {}): number => {
    const { task = "t1", clip = `c${counter++}`, kind = "audio", state = "wanted" } = row;
    const { next = null, removed = null, path = null, sha256 = null } = row;
    const { lastInsertRowid } = run(
      `insert into assets (task_id, clip_id, kind, url, state, next_attempt_at, removed_at, path, sha256, bytes, stored_at)
       values (?, ?, ?, 'https://a.example/x', ?, ?, ?, ?, ?, 5, 7)`,
      task,
      clip,
      kind,
      state,
      next,
      removed,
      path,
      sha256,
    );
    return Number(lastInsertRowid);
  };
  let counter = 0;
  const base: DueAssets = { kinds: [...ASSET_KINDS], now: NOW };
  const ids = (more: Partial<DueAssets> = {}, kind: DueAssets["kinds"][number] = "audio", after = 0, limit = 99) =>
    dueAssets(archive.db, { ...base, ...more }, kind, after, limit).map(({ id }) => id);

  const countAll = (due: DueAssets) => Object.values(countDue(archive.db, due)).reduce((sum, files) => sum + files, 0);

  it("are wanted or failed, whatever their time, or gone with their time come; with refresh all that are gone", () => {
    const open = [file(), file({ state: "failed", next: NOW + 1 })];
    const [now, later, never] = [NOW, NOW + 1, null].map((next) => file({ state: "gone", next }));
    file({ state: "stored", path: "1d/x.m4a" });
    expect(ids()).toEqual([...open, now]);
    expect(ids({ refresh: true })).toEqual([...open, now, later, never]);
    expect(countAll(base)).toBe(3);
    expect(countAll({ ...base, refresh: true })).toBe(5);
  });

  it("by schedule are those whose time has come, and those without a time", () => {
    const due = [file({ next: NOW }), file({ state: "failed", next: NOW - 1 }), file()];
    file({ next: NOW + 1 });
    expect(ids({ scheduledFor: NOW })).toEqual(due);
    expect(countAll({ ...base, scheduledFor: NOW })).toBe(3);
  });

  it("are never those of removed clips", () => {
    for (const state of ["wanted", "failed", "gone"]) file({ state, removed: 5 });
    expect(ids({ refresh: true })).toEqual([]);
    expect(countAll({ ...base, refresh: true })).toBe(0);
    expect(countWaiting(archive.db, base.kinds)).toEqual({ wanted: 0, failed: 0 });
  });

  it("are of one kind, after a row, so many at a time, in the order of rows", () => {
    const [first, second, third] = [file(), file(), file()];
    const image = file({ kind: "image" });
    expect(ids()).toEqual([first, second, third]);
    expect(ids({}, "image")).toEqual([image]);
    expect(ids({}, "audio", first)).toEqual([second, third]);
    expect(ids({}, "audio", 0, 2)).toEqual([first, second]);
    expect(ids({}, "video")).toEqual([]);
    expect(countDue(archive.db, { ...base, kinds: ["image"] })).toEqual({ image: 1 });
    expect(countDue(archive.db, base)).toEqual({ audio: 3, image: 1 });
  });

  it("of some tasks, and of some rows alone", () => {
    const [one, two] = [file({ task: "t1" }), file({ task: "t2" })];
    expect(ids({ tasks: ["t2", "t3"] })).toEqual([two]);
    expect(ids({ tasks: [] })).toEqual([]);
    expect(ids({ ids: [one] })).toEqual([one]);
    expect(ids({ ids: [] })).toEqual([]);
    expect(countAll({ ...base, tasks: ["t1"] })).toBe(1);
    expect(countWaiting(archive.db, base.kinds, ["t2"])).toEqual({ wanted: 1, failed: 0 });
  });

  it("come with the duration that their clip states", () => {
    run(
      "insert into clips (id, task_id, state, duration_seconds, first_seen_at, updated_at) values ('c', 't', 'succeeded', 12.5, 1, 1)",
    );
    file({ clip: "c" });
    file();
    expect(dueAssets(archive.db, base, "audio", 0, 9).map((row) => row.expectedSeconds)).toEqual([12.5, null]);
  });

  it("and those that wait are counted by whether they failed, of these kinds alone", () => {
    file();
    file();
    file({ state: "failed" });
    file({ state: "gone" });
    file({ state: "stored" });
    file({ kind: "image" });
    expect(countWaiting(archive.db, base.kinds)).toEqual({ wanted: 3, failed: 1 });
    expect(countWaiting(archive.db, ["image"])).toEqual({ wanted: 1, failed: 0 });
    expect(countWaiting(archive.db, ["video"])).toEqual({ wanted: 0, failed: 0 });
  });

  it("a look at stored files goes round: it begins behind a row, and goes on from the first after the last", () => {
    const rows = [1, 2, 3, 4].map(() => file({ state: "stored", path: "1d/x.m4a", sha256: "ab" }));
    const look = (turn: number, limit: number, more: Partial<DueAssets> = {}) =>
      storedFiles(archive.db, { ...base, ...more }, turn, limit).map(({ id }) => id);
    const [a, b, c, d] = rows;
    expect(look(0, 2)).toEqual([a, b]);
    expect(look(3, 3)).toEqual([d, a, b]);
    expect(look(4, 2)).toEqual([a, b]);
    expect(look(5, 9)).toEqual([b, c, d, a]);
    expect(look(2, 4)).toEqual([c, d, a, b]);
    expect(look(0, 9, { kinds: ["image"] })).toEqual([]);
    expect(look(0, 9, { tasks: ["t2"] })).toEqual([]);
    expect(storedFiles(archive.db, base, 0, 1)).toEqual([
      { id: a, path: "1d/x.m4a", bytes: 5, sha256: "ab", storedAt: 7 },
    ]);
  });

  it("a look at stored files takes no row without a file, and nothing of an empty archive", () => {
    expect(storedFiles(archive.db, base, 7, 5)).toEqual([]);
    file({ state: "wanted", path: "1d/x.m4a" });
    file({ state: "stored" });
    expect(storedFiles(archive.db, base, 0, 5)).toEqual([]);
  });
});

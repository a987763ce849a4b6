import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JournalEntry } from "../../src/archive/journal/entry.ts";
import { changeMarks, planMarks } from "../../src/archive/marks/marks.ts";
import { readJournal } from "../../src/archive/journal/read.ts";
import {
  filesToTrash,
  markRemoved,
  originalPath,
  recordTrashed,
  trashPath,
  unmarkRemoved,
} from "../../src/archive/removals.ts";
import { changeTags, planTags } from "../../src/archive/tags.ts";
import { countTracked, isTracked, planTracking, track, untrack } from "../../src/archive/tracking.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { NOW, rows, saveAll } from "./saving.ts";

const task = (n: number) => `1a6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;
const clip = (n: number) => `2d6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;
const [ONE, TWO, THREE] = [clip(1), clip(2), clip(3)];

let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
});
afterEach(() => archive[Symbol.dispose]());

/** What was appended to the journal since the beginning, or since `after` lines. */
const lines = (after = 0): JournalEntry[] =>
  [...readJournal(archive.home)]
    .slice(after)
    .flatMap((line) => ("entry" in line && line.entry.type !== "archive" ? [line.entry] : []));
/** Songs with one clip each, their audio wanted. */
const songs = (...numbers: number[]) =>
  void saveAll(
    archive,
    numbers.map((n) => ({
      id: task(n),
      type: "audios",
      finished_at: 2,
      request: {},
      response: {
        success: true,
        data: [{ id: clip(n), title: `Song ${n}`, state: "succeeded", audio_url: "https://a.example/1" }],
      },
    })),
  );

describe("tracking", () => {
  const how = { source: "test", now: NOW, explicit: true };

  it("adds ids once, counts each once, and writes one line, with the ids as they were given", () => {
    track(archive, [task(1)], how);
    expect(track(archive, [task(3), task(1), task(2), task(3)], { ...how, now: NOW + 1, source: "file" })).toEqual({
      added: 2,
      alreadyTracked: 1,
    });
    expect(
      rows(archive, "select task_id, source, added_at, service, untracked_at from tracked_tasks order by 1"),
    ).toEqual([
      { task_id: task(1), source: "test", added_at: NOW, service: "producer", untracked_at: null },
      { task_id: task(2), source: "file", added_at: NOW + 1, service: "producer", untracked_at: null },
      { task_id: task(3), source: "file", added_at: NOW + 1, service: "producer", untracked_at: null },
    ]);
    expect(lines()).toMatchObject([
      { type: "track", at: NOW, service: "producer", source: "test", taskIds: [task(1)] },
      { type: "track", at: NOW + 1, service: "producer", source: "file", taskIds: [task(3), task(2)] },
    ]);
    expect(countTracked(archive.db)).toBe(3);
  });

  it("writes no line when nothing is added", () => {
    track(archive, [task(1)], how);
    expect(track(archive, [task(1)], { ...how, now: NOW + 9 })).toEqual({ added: 0, alreadyTracked: 1 });
    expect(track(archive, [], how)).toEqual({ added: 0, alreadyTracked: 0 });
    expect(lines()).toHaveLength(1);
    expect(rows(archive, "select added_at from tracked_tasks")).toEqual([{ added_at: NOW }]);
  });

  it("undoes an untrack only when a person names the id; the plan says the same and changes nothing", () => {
    track(archive, [task(1), task(2)], how);
    untrack(archive, [task(1)], NOW + 1);
    const seen = lines().length;
    expect(track(archive, [task(1)], { ...how, explicit: false })).toEqual({ added: 0, alreadyTracked: 1 });
    expect(isTracked(archive.db, task(1))).toBe(false);
    expect(planTracking(archive.db, [task(1), task(2), task(3)])).toEqual({ added: 2, alreadyTracked: 1 });
    expect(lines()).toHaveLength(seen);
    expect(track(archive, [task(1)], how)).toEqual({ added: 1, alreadyTracked: 0 });
    expect([isTracked(archive.db, task(1)), isTracked(archive.db, task(3))]).toEqual([true, false]);
  });

  it("untrack stops what is tracked, once, and names what is not", () => {
    track(archive, [task(1), task(2)], how);
    expect(untrack(archive, [task(2), task(9), task(2)], NOW + 1)).toEqual({ untracked: 1, unknown: [task(9)] });
    expect(untrack(archive, [task(2)], NOW + 2)).toEqual({ untracked: 0, unknown: [task(2)] });
    expect(rows(archive, "select task_id, untracked_at from tracked_tasks order by 1")).toEqual([
      { task_id: task(1), untracked_at: null },
      { task_id: task(2), untracked_at: NOW + 1 },
    ]);
    expect(lines().slice(1)).toMatchObject([{ type: "untrack", at: NOW + 1, taskIds: [task(2)] }]);
    expect(countTracked(archive.db)).toBe(1);
  });
});

describe("tags", () => {
  const tags = () => rows(archive, "select clip_id, tag, added_at from clip_tags order by 1, 2");
  const change = (ids: string[], added: string[], removed: string[] = [], now = NOW) =>
    changeTags(archive, ids, { added, removed }, now);
  beforeEach(() => songs(1, 2, 3));

  it("are added and removed, and counted per clip; the plan says the same and changes nothing", () => {
    const both = { added: ["calm", "night"], removed: ["loud"] };
    change([ONE], ["loud"]);
    change([TWO], ["calm"], [], NOW + 1);
    const before = tags();
    expect(planTags(archive.db, [ONE, TWO, THREE], both)).toEqual({ changed: 3, added: 5, removed: 1 });
    expect(tags()).toEqual(before);
    expect(changeTags(archive, [ONE, TWO, THREE], both, NOW + 2)).toEqual({ changed: 3, added: 5, removed: 1 });
    expect(tags()).toEqual([
      { clip_id: ONE, tag: "calm", added_at: NOW + 2 },
      { clip_id: ONE, tag: "night", added_at: NOW + 2 },
      { clip_id: TWO, tag: "calm", added_at: NOW + 1 },
      { clip_id: TWO, tag: "night", added_at: NOW + 2 },
      { clip_id: THREE, tag: "calm", added_at: NOW + 2 },
      { clip_id: THREE, tag: "night", added_at: NOW + 2 },
    ]);
  });

  it("are in the journal as they changed: the clips and tags of the change, and no line for none", () => {
    change([ONE], ["calm"]);
    const before = lines().length;
    expect(change([ONE], ["calm"], ["loud"])).toEqual({ changed: 0, added: 0, removed: 0 });
    expect(change([], ["calm"])).toEqual({ changed: 0, added: 0, removed: 0 });
    expect(lines()).toHaveLength(before);
    change([ONE, TWO], ["calm"], ["loud"], NOW + 3);
    expect(lines().slice(before)).toMatchObject([
      { type: "tag", at: NOW + 3, clipIds: [TWO], added: ["calm"], removed: [] },
    ]);
  });

  it("keep the spelling in which they are first used; of two in one change the last counts once", () => {
    change([ONE], ["Calm"]);
    change([TWO], ["CALM", "night", "Night"]);
    expect(tags().map(({ clip_id, tag }) => [clip_id, tag])).toEqual([
      [ONE, "Calm"],
      [TWO, "Calm"],
      [TWO, "night"],
    ]);
    expect(change([ONE, TWO], [], ["cALM"])).toEqual({ changed: 2, added: 0, removed: 2 });
    expect(tags().map(({ tag }) => tag)).toEqual(["night"]);
  });

  it("are given to no clip that is not there or was purged", () => {
    archive.db.$client.prepare("update clips set purged_at = 5 where id = ?").run(TWO);
    expect(change([ONE, TWO, clip(9)], ["calm"])).toEqual({ changed: 1, added: 1, removed: 0 });
    expect(tags()).toHaveLength(1);
  });
});

describe("stars, ratings and plays", () => {
  const marks = () => rows(archive, "select * from clip_marks order by clip_id");
  const none = { starred_at: null, rating: 0, plays: 0, last_played_at: null };
  beforeEach(() => songs(1, 2, 3));

  it("are given and taken; what is already so changes nothing and keeps its time, and the plan says the same", () => {
    expect(planMarks(archive.db, [ONE, TWO, ONE], { starred: true })).toBe(2);
    expect(marks()).toEqual([]);
    expect(changeMarks(archive, [ONE, TWO, ONE], { starred: true }, NOW)).toBe(2);
    const before = lines().length;
    expect(changeMarks(archive, [ONE], { starred: true }, NOW + 5)).toBe(0);
    expect(changeMarks(archive, [THREE], { starred: false }, NOW + 5)).toBe(0);
    expect(changeMarks(archive, [THREE], { rating: 0 }, NOW + 5)).toBe(0);
    expect(lines()).toHaveLength(before);
    expect(changeMarks(archive, [ONE, THREE], { rating: 4 }, NOW + 6)).toBe(2);
    expect(changeMarks(archive, [ONE, THREE], { rating: 4 }, NOW + 7)).toBe(0);
    expect(marks()).toEqual([
      { clip_id: ONE, ...none, starred_at: NOW, rating: 4 },
      { clip_id: TWO, ...none, starred_at: NOW },
      { clip_id: THREE, ...none, rating: 4 },
    ]);
    changeMarks(archive, [TWO], { starred: false }, NOW + 8);
    changeMarks(archive, [THREE], { rating: 0 }, NOW + 8);
    expect(marks()).toHaveLength(1);
    expect(lines().at(-1)).toMatchObject({ type: "mark", at: NOW + 8, clipIds: [THREE], change: { rating: 0 } });
  });

  it("each play counts, the last one stays the latest, and one that comes twice counts once", () => {
    for (const playedAt of [NOW, NOW + 60, NOW + 30]) changeMarks(archive, [ONE], { playedAt }, NOW + 99);
    expect(marks()).toEqual([{ clip_id: ONE, ...none, plays: 3, last_played_at: NOW + 60 }]);
    expect(changeMarks(archive, [ONE], { playedAt: NOW + 60 }, NOW + 99)).toBe(0);
  });

  it("are given to no clip that is not there or was purged", () => {
    archive.db.$client.prepare("update clips set purged_at = 5 where id = ?").run(TWO);
    expect(changeMarks(archive, [TWO, clip(9)], { starred: true }, NOW)).toBe(0);
    expect(marks()).toEqual([]);
  });
});

describe("removals", () => {
  const files = () =>
    rows(archive, "select clip_id, state, path, trash_path, removed_at, next_attempt_at from assets order by clip_id");
  beforeEach(() => {
    songs(1, 2);
    archive.db.$client.exec(`update assets set next_attempt_at = 7, misses = 2, first_miss_at = 3, last_error = 'x';
      update assets set state = 'stored', path = '2d/a.m4a', sha256 = 'ab' where clip_id = '${ONE}'`);
  });

  it("a path in the trash begins with the day of the removal in UTC, and leads back", () => {
    const path = trashPath("2d/a.m4a", Date.UTC(2026, 10, 30, 23, 59, 59));
    expect(path).toBe("2026-11-30/2d/a.m4a");
    expect(originalPath(path)).toBe("2d/a.m4a");
  });

  it("mark clips and their files, which are not due any more; a stored one is to be moved, another has nothing to move", () => {
    const before = lines().length;
    expect(markRemoved(archive, [ONE, TWO, clip(9)], NOW)).toBe(2);
    expect(rows(archive, "select removed_at from clips")).toEqual([{ removed_at: NOW }, { removed_at: NOW }]);
    const gone = { state: "gone", removed_at: NOW, next_attempt_at: null };
    expect(files()).toEqual([
      { clip_id: ONE, ...gone, path: "2d/a.m4a", trash_path: trashPath("2d/a.m4a", NOW) },
      { clip_id: TWO, ...gone, path: null, trash_path: null },
    ]);
    expect(lines().slice(before)).toMatchObject([{ type: "remove", at: NOW, clipIds: [ONE, TWO] }]);
    expect(filesToTrash(archive.db)).toEqual([
      { id: 1, path: "2d/a.m4a", trashPath: trashPath("2d/a.m4a", NOW), sha256: "ab" },
    ]);
  });

  it("of what is removed already change nothing", () => {
    markRemoved(archive, [ONE], NOW);
    const [before, seen] = [files(), lines().length];
    expect(markRemoved(archive, [ONE], NOW + 5)).toBe(0);
    expect(files()).toEqual(before);
    expect(lines()).toHaveLength(seen);
    expect(rows(archive, `select removed_at from clips where id = '${ONE}'`)).toEqual([{ removed_at: NOW }]);
  });

  it("a moved file has only its path in the trash; one that did not exist has none", () => {
    markRemoved(archive, [ONE], NOW);
    recordTrashed(archive.db, 1, "2026-11-22/2d/a.m4a");
    expect(files()[0]).toMatchObject({ path: null, trash_path: "2026-11-22/2d/a.m4a" });
    expect(filesToTrash(archive.db)).toEqual([]);
    recordTrashed(archive.db, 1, null);
    expect(files()[0]).toMatchObject({ path: null, trash_path: null });
  });

  it("undone make the files that are back stored, and all others wanted, as if they had never been missed", () => {
    markRemoved(archive, [ONE, TWO], NOW);
    recordTrashed(archive.db, 1, trashPath("2d/a.m4a", NOW));
    const before = lines().length;
    unmarkRemoved(archive, [ONE, TWO], new Map([[1, "2d/a.m4a"]]), NOW + 5);
    expect(rows(archive, "select removed_at from clips")).toEqual([{ removed_at: null }, { removed_at: null }]);
    const open = { trash_path: null, removed_at: null, next_attempt_at: null };
    expect(files()).toEqual([
      { clip_id: ONE, ...open, state: "stored", path: "2d/a.m4a" },
      { clip_id: TWO, ...open, state: "wanted", path: null },
    ]);
    expect(rows(archive, "select misses, first_miss_at, last_error from assets")).toEqual(
      [1, 2].map(() => ({ misses: 0, first_miss_at: null, last_error: null })),
    );
    expect(lines().slice(before)).toMatchObject([{ type: "keep", at: NOW + 5, clipIds: [ONE, TWO] }]);
  });
});

import { beforeEach, afterEach, expect, it } from "vitest";
import { countStates, postponeAll, saveNotSeen, saveTaskErrors } from "../../src/archive/bookkeeping.ts";
import { track, untrack } from "../../src/archive/tracking.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { NOW, rows, saveAll } from "./saving.ts";

const UNKNOWN = "0a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const MIRRORED = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const NEXT = { soon: NOW + 1000, late: NOW + 9000 };

let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
  track(archive, [UNKNOWN], { source: "test", now: NOW, explicit: true });
  saveAll(archive, [
    {
      id: MIRRORED,
      type: "audios",
      finished_at: 2,
      request: {},
      response: { success: true, data: [{ id: "c", audio_url: "https://a.example/1.m4a" }] },
    },
  ]);
});
afterEach(() => archive[Symbol.dispose]());

const row = (id: string) =>
  rows(
    archive,
    `select state, not_seen, missing_since, attempts, last_checked_at, next_check_at, last_error from tracked_tasks where task_id = '${id}'`,
  )[0];

it("an id that was never mirrored is missing after three runs without it, since the third", () => {
  for (const [run, state, since, next] of [
    [1, "pending", null, NEXT.soon],
    [2, "pending", null, NEXT.soon],
    [3, "missing", NOW + 3, NEXT.late],
    [4, "missing", NOW + 3, NEXT.late],
  ] as const) {
    saveNotSeen(archive.db, [UNKNOWN], NOW + run, NEXT);
    expect(row(UNKNOWN)).toEqual({
      state,
      not_seen: run,
      missing_since: since,
      attempts: run,
      last_checked_at: NOW + run,
      next_check_at: next,
      last_error: null,
    });
  }
});

it("a mirrored task keeps its state, and is missing since the first run without it", () => {
  for (const run of [1, 2, 3, 4]) {
    saveNotSeen(archive.db, [MIRRORED], NOW + run, NEXT);
    expect(row(MIRRORED)).toMatchObject({ state: "succeeded", not_seen: run, missing_since: NOW + 1 });
  }
});

it("an answer ends both, also after many runs", () => {
  for (const run of [1, 2, 3]) saveNotSeen(archive.db, [MIRRORED, UNKNOWN], NOW + run, NEXT);
  saveAll(
    archive,
    [MIRRORED, UNKNOWN].map((id) => ({
      id,
      type: "audios",
      finished_at: 2,
      request: {},
      response: { success: true, data: [{ id, audio_url: "https://a.example/1.m4a" }] },
    })),
  );
  for (const id of [MIRRORED, UNKNOWN])
    expect(row(id)).toMatchObject({ state: "succeeded", not_seen: 0, missing_since: null, last_error: null });
});

it("an error counts as an attempt and changes no state; the next answer forgets it", () => {
  saveTaskErrors(archive.db, [UNKNOWN], "it broke", NOW + 5, NOW + 50);
  expect(row(UNKNOWN)).toMatchObject({
    state: "pending",
    attempts: 1,
    not_seen: 0,
    last_error: "it broke",
    last_checked_at: NOW + 5,
    next_check_at: NOW + 50,
  });
  saveTaskErrors(archive.db, [UNKNOWN], "again", NOW + 6);
  expect(row(UNKNOWN)).toMatchObject({ attempts: 2, last_error: "again", next_check_at: null });
  saveNotSeen(archive.db, [UNKNOWN], NOW + 7, NEXT);
  expect(row(UNKNOWN)).toMatchObject({ last_error: null });
});

it("a long wait postpones open tasks alone, and brings none forward", () => {
  const [later, untracked] = [UNKNOWN.replace("0a", "3a"), UNKNOWN.replace("0a", "4a")];
  track(archive, [later, untracked], { source: "test", now: NOW, explicit: true });
  saveTaskErrors(archive.db, [later], "x", NOW, NOW + 900);
  untrack(archive, [untracked], NOW);
  postponeAll(archive.db, NOW + 500);
  expect([UNKNOWN, later, untracked, MIRRORED].map((id) => row(id)?.["next_check_at"])).toEqual([
    NOW + 500,
    NOW + 900,
    null,
    null,
  ]);
});

it("counts the states of these ids alone", () => {
  for (const run of [1, 2, 3]) saveNotSeen(archive.db, [UNKNOWN], NOW + run, NEXT);
  expect(countStates(archive.db, [UNKNOWN, MIRRORED])).toEqual({ pending: 0, failed: 0, missing: 1 });
  expect(countStates(archive.db, [MIRRORED])).toEqual({ pending: 0, failed: 0, missing: 0 });
  expect(countStates(archive.db, [])).toEqual({ pending: 0, failed: 0, missing: 0 });
});

import { afterEach, beforeEach, expect, it } from "vitest";
import { importText } from "../../src/archive/import-text.ts";
import { isPrimary } from "../../src/archive/journal/entry.ts";
import { readJournal } from "../../src/archive/journal/read.ts";
import { purgeTexts } from "../../src/archive/purge-texts.ts";
import { createRecordSaver } from "../../src/archive/records.ts";
import { track } from "../../src/archive/tracking.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { incoming, NOW, result, rows, saveAll, value } from "./saving.ts";

const TASK = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const CLIP = "2d6ac2ad-10f2-4e2b-b500-66ec27fe82ad";

let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
});
afterEach(() => archive[Symbol.dispose]());

/** A record whose clip has this title; `poor`: without its media. */
const record = (title: string, { poor = false } = {}) =>
  JSON.stringify({
    id: TASK,
    type: "audios",
    finished_at: 2,
    created_at: 1,
    request: {},
    response: {
      success: true,
      data: [
        {
          id: CLIP,
          title,
          state: "succeeded",
          ...(!poor && { audio_url: "https://a.example/1" }),
        },
      ],
    },
  });
const callback = (title: string) =>
  JSON.stringify({
    task_id: TASK,
    success: true,
    data: [{ id: CLIP, title, state: "succeeded", audio_url: "https://a.example/1" }],
  });
/** Kind and title of each document in the journal. */
const lines = () =>
  [...readJournal(archive.home)].flatMap((line) => {
    if (!("entry" in line) || line.entry.type !== "document") return [];
    const { document, kind } = line.entry;

    const [, title = "none"] = /"title":"([^"]*)"/.exec(document) ?? [];
    return [`${kind} ${title}${isPrimary(line.entry) ? "" : " (a version alone)"}`];
  });
const title = () => value(archive, "select title from clips");

it("the journal has each version once, and the current one once more when it became current again", () => {
  saveAll(archive, [record("one"), record("one"), record("two"), record("one"), record("one")]);
  expect(lines()).toEqual(["record one", "record two", "record one"]);
  expect(title()).toBe("one");
});

it("a poorer version is there once, whatever comes after it", () => {
  saveAll(archive, [record("one"), record("two", { poor: true }), record("two", { poor: true })]);
  expect(lines()).toEqual(["record one", "record two"]);
  expect(rows(archive, "select count(*) as n from task_documents")).toEqual([{ n: 2 }]);
});

it("a further copy in one answer is there as a version alone", () => {
  track(archive, [TASK], { source: "test", now: NOW, explicit: true });
  const save = createRecordSaver(archive.db, archive.journal);
  save([incoming(record("one")), incoming(record("two"), false)], { now: NOW, nextCheckAt: () => null });
  expect(lines()).toEqual(["record one", "record two (a version alone)"]);
  expect(title()).toBe("one");
});

it("from a file that is read at every run: what is as rich as what is here stays a version, what is richer becomes current", () => {
  const keeps = (text: string) => ({ ...incoming(text), keepsCurrent: true });
  saveAll(archive, [
    record("poor", { poor: true }),
    keeps(record("rich")),
    keeps(record("other")),
    keeps(record("other")),
    keeps(record("rich")),
  ]);
  expect(lines()).toEqual(["record poor", "record rich", "record other (a version alone)"]);
  expect(title()).toBe("rich");
});

it("the same is current at once where nothing was here, and where a callback was", () => {
  const keeps = (text: string) => ({ ...incoming(text), keepsCurrent: true });
  saveAll(archive, [keeps(record("one"))]);
  expect(lines()).toEqual(["record one"]);
  const other = temporaryArchive();
  try {
    saveAll(other, [result(TASK, callback("called")), keeps(record("one"))]);
    expect(value(other, "select title from clips")).toBe("one");
  } finally {
    other[Symbol.dispose]();
  }
});

it("a record replaces a callback, also a callback that came again; a callback replaces no record", () => {
  saveAll(archive, [
    result(TASK, callback("one")),
    result(TASK, callback("two")),
    record("three"),
    result(TASK, callback("four")),
  ]);
  expect(lines()).toEqual(["result one", "result two", "record three", "result four"]);
  expect(title()).toBe("three");
});

it("a callback is no attempt: its state counts, and the record is still asked for", () => {
  saveAll(archive, [result(TASK, callback("one"))]);
  expect(rows(archive, "select state, attempts, last_checked_at from tracked_tasks")).toEqual([
    { state: "succeeded", attempts: 0, last_checked_at: null },
  ]);
});

it("the schedule is by the state and the time that are here", () => {
  const asked: unknown[] = [];
  const save = createRecordSaver(archive.db, archive.journal);
  track(archive, [TASK], { source: "test", now: NOW, explicit: true });
  for (const text of [record("one"), record("two", { poor: true })])
    save([incoming(text)], { now: NOW, nextCheckAt: (state, at) => (asked.push([state, at]), 77) });
  expect(asked).toEqual([
    ["succeeded", 1000],
    ["succeeded", 1000],
  ]);
  expect(rows(archive, "select next_check_at, attempts from tracked_tasks")).toEqual([
    { next_check_at: 77, attempts: 2 },
  ]);
});

it("counts the files of a task that are stored already, when it was here before", () => {
  expect(saveAll(archive, [record("one")])[0]).toMatchObject({
    change: "new",
    assetsAlreadyStored: 0,
    assetsWanted: ["audio"],
    clipsNew: 1,
  });
  archive.db.$client.exec("update assets set state = 'stored'");
  expect(saveAll(archive, [record("one")])[0]).toMatchObject({
    change: "unchanged",
    assetsAlreadyStored: 1,
    assetsWanted: [],
  });
  expect(saveAll(archive, [record("two")])[0]).toMatchObject({
    change: "updated",
    assetsAlreadyStored: 1,
    clipsNew: 0,
    clipsUpdated: 1,
  });
  expect(rows(archive, "select service from tasks")).toEqual([{ service: "producer" }]);
});

it("a file of saved records replaces what is here when a person names it, and only what is poorer when it is read by itself", () => {
  const options = { source: "file", now: NOW, explicit: true };
  importText(archive, record("one"), options);
  importText(archive, record("two"), { ...options, explicit: false });
  expect(title()).toBe("one");
  importText(archive, record("three"), options);
  expect(title()).toBe("three");
  expect(lines()).toEqual(["record one", "record two (a version alone)", "record three"]);
  expect(rows(archive, "select state, attempts, next_check_at from tracked_tasks")).toEqual([
    { state: "succeeded", attempts: 3, next_check_at: null },
  ]);
});

it("hundreds of saved records are saved, each once, with the time that each is due", () => {
  const ids = Array.from({ length: 401 }, (_, n) => `1a6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`);
  const text = ids
    .map((id) => JSON.stringify({ id, type: "audios", request: {}, created_at: NOW / 1000, response: null }))
    .join("\n");
  const { saved, added } = importText(archive, text, { source: "file", now: NOW, explicit: true });
  expect([added, saved.length, new Set(saved.map(({ taskId }) => taskId)).size]).toEqual([401, 401, 401]);
  expect(rows(archive, "select count(*) as n from tracked_tasks where next_check_at > " + NOW)).toEqual([{ n: 401 }]);
});

it("the title by which lists are sorted follows the title, and a purge takes it too", () => {
  const key = () => value(archive, "select title_key from clips");
  saveAll(archive, [record("Éclair")]);
  expect(key()).toBe("eclair");
  saveAll(archive, [record("ZOO")]);
  expect(key()).toBe("zoo");
  purgeTexts(archive, [CLIP], NOW);
  expect(key()).toBeNull();
});

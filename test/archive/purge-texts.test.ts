import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readJournal } from "../../src/archive/journal/read.ts";
import { purgeTexts } from "../../src/archive/purge-texts.ts";
import { markRemoved } from "../../src/archive/removals.ts";
import { changeTags } from "../../src/archive/tags.ts";
import { sha256 } from "../helpers/folder-tree.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { NOW, result, rows, saveAll } from "./saving.ts";

const task = (n: number) => `1a6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;
const clip = (n: number) => `2d6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;
const [ONE, TWO] = [clip(1), clip(2)];

let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
});
afterEach(() => archive[Symbol.dispose]());

const song = (id: string, word: string) => ({
  id,
  title: `title ${word}`,
  lyric: `lyric ${word}`,
  state: "succeeded",
  audio_url: "https://a.example/1",
});
/** A task whose clips have these words in their texts. */
const record = (n: number, clips: Record<string, string>, more = "request") => ({
  id: task(n),
  type: "audios",
  finished_at: 2,
  request: { prompt: `prompt ${more}` },
  response: {
    success: true,
    data: Object.entries(clips).map(([id, word]) => song(id, word)),
  },
});
const clips = () => rows(archive, "select id, title, lyric, purged_at from clips order by id");
const prompts = () => rows(archive, "select prompt from tasks order by id").map(({ prompt }) => prompt);
const documents = () =>
  rows(archive, "select document, sha256 from task_documents order by task_id, version") as {
    document: string;
    sha256: string;
  }[];
const purge = (ids: string[], now = NOW) => purgeTexts(archive, ids, now);

it("one clip of several: its texts go from its row and from all versions, those of the others and of the task stay", () => {
  saveAll(archive, [record(1, { [ONE]: "apple", [TWO]: "pear" }), record(1, { [ONE]: "apple pie", [TWO]: "pear" })]);
  const { redact, ...report } = purge([ONE]);
  expect(report).toEqual({ taskIds: [task(1)], emptyTaskIds: [], documents: 2 });
  expect(clips()).toEqual([
    { id: ONE, title: null, lyric: null, purged_at: NOW },
    { id: TWO, title: "title pear", lyric: "lyric pear", purged_at: null },
  ]);
  expect(prompts()).toEqual(["prompt request"]);
  for (const { document, sha256: digest } of documents()) {
    expect(document).not.toContain("apple");
    expect(document).toContain("pear");
    expect(document).toContain("prompt request");
    expect(digest).toBe(sha256(document));
  }
  expect(redact(task(1), JSON.stringify(record(1, { [ONE]: "plum", [TWO]: "pear" })))).toMatch(/^(?!.*plum).*pear/);
});

it.each(["at once", "one after the other"])("all clips of a task, %s: the texts of the task go too", (how) => {
  saveAll(archive, [record(1, { [ONE]: "apple", [TWO]: "pear" }), record(2, { [clip(3)]: "cherry" }, "other")]);
  const parts = how === "at once" ? [[ONE, TWO]] : [[ONE], [TWO]];
  const reports = parts.map((ids, at) => purge(ids, NOW + at));
  expect(reports.slice(0, -1).flatMap(({ emptyTaskIds }) => emptyTaskIds)).toEqual([]);
  const report = reports.at(-1);
  expect(report).toMatchObject({ taskIds: [task(1)], emptyTaskIds: [task(1)], documents: 1 });
  expect(prompts()).toEqual(["", "prompt other"]);
  expect(documents()[0]?.document).not.toMatch(/apple|pear|request"?:? ?"?prompt request/);
  expect(documents()[1]?.document).toContain("cherry");
  expect(rows(archive, "select state, document_version from tasks order by id")).toEqual([
    { state: "succeeded", document_version: 1 },
    { state: "succeeded", document_version: 1 },
  ]);
});

it("a version that is not the current one is blanked, and the task's row is that of the current one", () => {
  saveAll(archive, [
    record(1, { [ONE]: "apple" }, "first"),
    record(1, { [ONE]: "pear" }, "second"),
    record(1, { [ONE]: "plum" }, "third"),
  ]);
  archive.db.$client.exec("update tasks set document_version = 2");
  expect(purge([ONE])).toMatchObject({ documents: 3, emptyTaskIds: [task(1)] });
  expect(prompts()).toEqual([""]);
});

it("the record of another task that only mentions the clip is blanked of it alone", () => {
  saveAll(archive, [
    record(1, { [ONE]: "apple" }),
    record(2, { [ONE]: "apple", [TWO]: "pear" }),
    record(2, { [TWO]: "pear" }),
  ]);
  archive.db.$client.prepare("delete from task_clips where task_id = ? and clip_id = ?").run(task(2), ONE);
  const report = purge([ONE]);
  expect(report.taskIds.toSorted()).toEqual([task(1), task(2)]);
  expect(report.emptyTaskIds).toEqual([task(1)]);
  expect(
    documents()
      .map(({ document }) => document)
      .join(),
  ).not.toContain("apple");
  expect(prompts()).toEqual(["", "prompt request"]);
});

it("a task without clips that mentions it keeps its own texts", () => {
  saveAll(archive, [record(1, { [ONE]: "apple" }), { ...record(2, {}), request: { prompt: "cover", audio_id: ONE } }]);
  expect(purge([ONE]).emptyTaskIds).toEqual([task(1)]);
  expect(prompts()).toEqual(["", "cover"]);
});

it("of a task that only a callback brought, the same", () => {
  const text = JSON.stringify({ task_id: task(1), success: true, data: [song(ONE, "apple")] });
  saveAll(archive, [result(task(1), text)]);
  expect(purge([ONE])).toMatchObject({ documents: 1, emptyTaskIds: [task(1)] });
  expect(documents()[0]?.document).not.toContain("apple");
  expect(rows(archive, "select state from tasks")).toEqual([{ state: "succeeded" }]);
});

it("the clip's tags and its path in the trash go, those of others stay; the journal has one line of it", () => {
  saveAll(archive, [record(1, { [ONE]: "apple", [TWO]: "pear" })]);
  changeTags(archive, [ONE, TWO], { added: ["calm"], removed: [] }, NOW);
  archive.db.$client.exec("update assets set state = 'stored', path = '2d/x.m4a'");
  markRemoved(archive, [ONE, TWO], NOW);
  const before = [...readJournal(archive.home)].length;
  purge([ONE], NOW + 7);
  expect(rows(archive, "select clip_id from clip_tags")).toEqual([{ clip_id: TWO }]);
  expect(rows(archive, "select trash_path is null as gone from assets order by clip_id")).toEqual([
    { gone: 1 },
    { gone: 0 },
  ]);
  expect([...readJournal(archive.home)].slice(before)).toMatchObject([
    { entry: { type: "purge", at: NOW + 7, clipIds: [ONE] } },
  ]);
});

describe("what comes later", () => {
  it("fills no purged clip again, and keeps no word of it; its other clips are saved", () => {
    saveAll(archive, [record(1, { [ONE]: "apple", [TWO]: "pear" })]);
    markRemoved(archive, [ONE], NOW);
    purge([ONE]);
    saveAll(archive, [record(1, { [ONE]: "apple tree", [TWO]: "pear tree" })]);
    expect(clips()).toMatchObject([{ title: null }, { title: "title pear tree" }]);
    expect(documents()).toHaveLength(2);
    expect(JSON.stringify([documents(), [...readJournal(archive.home)].slice(-1)])).not.toContain("apple");
  });

  it("of a task whose clips are all purged is no version", () => {
    saveAll(archive, [record(1, { [ONE]: "apple" })]);
    markRemoved(archive, [ONE], NOW);
    purge([ONE]);
    const [saved] = saveAll(archive, [record(1, { [ONE]: "apple tree" }, "again")]);
    expect(saved).toMatchObject({ change: "unchanged", clipsUpdated: 0 });
    expect(documents()).toHaveLength(1);
    expect(prompts()).toEqual([""]);
  });

  it("another task may show the clip, without its texts", () => {
    saveAll(archive, [record(1, { [ONE]: "apple" })]);
    markRemoved(archive, [ONE], NOW);
    purge([ONE]);
    const text = JSON.stringify({ task_id: task(2), success: true, data: [song(ONE, "apple"), song(TWO, "pear")] });
    saveAll(archive, [result(task(2), text)]);
    expect(clips()).toMatchObject([{ title: null }, { title: "title pear" }]);
    expect(documents()[1]?.document).not.toContain("apple");
  });
});

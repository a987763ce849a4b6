import { describe, expect, it } from "vitest";
import { dueTaskIds } from "../../src/archive/due.ts";
import { importText } from "../../src/archive/import-text.ts";
import { fixtureText } from "../helpers/fixture.ts";
import { dump, temporaryArchive } from "../helpers/temporary-archive.ts";
import { rows, value } from "./saving.ts";

const ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const record = fixtureText("retrieve.json").trim();
const callback = fixtureText("callback.json").trim();
const options = { source: "import", now: Date.UTC(2026, 10, 22), explicit: true };
const line = (text: string) => JSON.stringify(JSON.parse(text));

describe("takeIn", () => {
  it("takes a saved answer with one id twice as two versions of one task", () => {
    using archive = temporaryArchive();
    const taken = importText(archive, fixtureText("retrieve_batch_same_id_twice.json"), options);
    expect(taken).toMatchObject({ added: 1, alreadyTracked: 0, records: 2, unreadable: [] });
    expect(value(archive, "select count(*) from task_documents")).toBe(2);
    expect(value(archive, "select count(*) from tasks")).toBe(1);
  });

  it("takes the same line again and again as one", () => {
    using archive = temporaryArchive();
    const taken = importText(archive, Array(500).fill(line(record)).join("\n"), options);
    expect(taken.saved.filter(({ change }) => change === "new")).toHaveLength(1);
    expect(value(archive, "select count(*) from task_documents")).toBe(1);
    const before = dump(archive.db, ["tracked_tasks"]);
    importText(archive, record, options);
    expect(dump(archive.db, ["tracked_tasks"])).toBe(before);
  });

  it("files a record under one id, however it is written", () => {
    using archive = temporaryArchive();
    importText(archive, record.replaceAll(ID, ID.toUpperCase()), options);
    expect(rows(archive, "select task_id from tracked_tasks")).toEqual([{ task_id: ID }]);
    expect(rows(archive, "select id from tasks")).toEqual([{ id: ID }]);
    expect(value(archive, "select document from task_documents")).toContain(ID.toUpperCase());
  });

  it("a record is settled; of a callback's task the record is still asked for, once", () => {
    using archive = temporaryArchive();
    const other = ID.replace("1a", "2a");
    importText(archive, record, options);
    importText(archive, callback.replaceAll(ID, other), options);
    expect(rows(archive, "select state from tasks")).toEqual([{ state: "succeeded" }, { state: "succeeded" }]);
    expect(dueTaskIds(archive.db, {})).toEqual([other]);
    importText(archive, record.replaceAll(ID, other), options);
    expect(dueTaskIds(archive.db, {})).toEqual([]);
  });

  it("takes in whatever of a file can be read, and says what cannot", () => {
    using archive = temporaryArchive();
    const bad = `{"id":"${ID}","response":[]}`;
    const taken = importText(archive, [line(callback), bad, '{"id":"torn'].join("\n"), options);
    expect(taken).toMatchObject({ records: 2, unreadable: [{ id: ID }] });
    expect(value(archive, "select kind from task_documents")).toBe("result");
  });

  it("D55: a callback that is too deep is unreadable, not fatal", () => {
    using archive = temporaryArchive();
    const deep = `{"task_id":"${ID}","data":${"[".repeat(5000)}${"]".repeat(5000)}}`;
    expect(importText(archive, deep, options).unreadable).toHaveLength(1);
  });

  it("brings an untracked id back only when a person names it", () => {
    using archive = temporaryArchive();
    importText(archive, record, options);
    archive.db.$client.exec("update tracked_tasks set untracked_at = 5");
    expect(importText(archive, record, { ...options, explicit: false })).toMatchObject({ added: 0, alreadyTracked: 1 });
    expect(value(archive, "select untracked_at from tracked_tasks")).toBe(5);
    importText(archive, record, options);
    expect(value(archive, "select untracked_at from tracked_tasks")).toBeNull();
  });
});

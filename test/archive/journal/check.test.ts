import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  checkJournal,
  compareLines,
  isOlderJournal,
  journalError,
  recordOlderJournal,
} from "../../../src/archive/journal/check.ts";
import type { JournalEntry } from "../../../src/archive/journal/entry.ts";
import { readHeld } from "../../../src/archive/journal/held.ts";
import { noJournal } from "../../../src/archive/journal/journal.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";

const NOVEMBER = Date.UTC(2026, 10, 30);
const DECEMBER = Date.UTC(2026, 11, 1);
let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
});
afterEach(() => archive[Symbol.dispose]());

const fileOf = (name: string) => join(archive.home, "journal", name);
const append = (at = NOVEMBER) => archive.journal.write((add) => add([track("one")], at));
const track = (id: string): JournalEntry => ({
  type: "track",
  at: NOVEMBER,
  service: "producer",
  source: "test",
  taskIds: [id],
});
const line = (entry: object) => `${JSON.stringify(entry)}\n`;
const put = (name: string, ...lines: object[]) => appendFileSync(fileOf(name), lines.map(line).join(""));
const ownLine = () => JSON.parse(readFileSync(fileOf("2026-11.ndjson"), "utf8").split("\n")[0]!) as object;
const check = () => checkJournal(archive.home, archive.db);
const ids = () => archive.db.$client.prepare("select task_id from tracked_tasks order by 1").pluck().all();

describe("a writer that was killed at the beginning of a month", () => {
  beforeEach(() => append());

  it("has left one change in a new file, which the next one adds", () => {
    put("2026-12.ndjson", { ...ownLine(), seq: 2 }, { ...track("two"), seq: 2 });
    expect(check()).toBeUndefined();
    append(DECEMBER);
    expect(ids()).toEqual(["two"]);
    expect(check()).toBeUndefined();
  });

  it("has left a torn line in a new file, which is nothing", () => {
    writeFileSync(fileOf("2026-12.ndjson"), '{"type":"arch');
    expect(check()).toBeUndefined();
    append(DECEMBER);
    expect(check()).toBeUndefined();
  });

  it("with two changes the database is behind", () => {
    put("2026-12.ndjson", { ...ownLine(), seq: 2 }, { ...track("two"), seq: 3 });
    expect(check()).toEqual({ kind: "behind", text: "1 later change is in the journal alone" });
    put("2026-12.ndjson", { ...track("three"), seq: 4 });
    expect(check()).toEqual({ kind: "behind", text: "2 later changes are in the journal alone" });
    expect(compareLines(archive.home, archive.db)).toBeUndefined();
  });

  it.each([
    ["repeats the last number", { seq: 1 }],
    ["has no number", {}],
  ])("but a file whose first line %s was put in", (_what, seq) => {
    const { seq: _seq, ...own } = ownLine() as { seq: number };
    put("2026-12.ndjson", { ...own, ...seq });
    expect(check()).toMatchObject({ kind: "changed", text: expect.stringContaining("2026-12.ndjson was put in") });
  });

  it("a file whose first line is damaged was put in", () => {
    writeFileSync(fileOf("2026-12.ndjson"), "nonsense\n");
    expect(check()).toMatchObject({ kind: "changed", text: expect.stringContaining("2026-12.ndjson was put in") });
  });

  it("and so was one whose first line says no archive", () => {
    put("2026-12.ndjson", { ...track("two"), seq: 2 });
    expect(check()).toEqual({
      kind: "changed",
      text: "journal/2026-12.ndjson was put in: it does not say of which archive it is",
    });
  });
});

describe("what is named of files that were changed", () => {
  beforeEach(() => {
    append();
    append(DECEMBER);
  });
  const sizeOf = (name: string) => readFileSync(fileOf(name)).length;

  it("how much is missing, of how much", () => {
    const bytes = sizeOf("2026-12.ndjson");
    writeFileSync(fileOf("2026-12.ndjson"), readFileSync(fileOf("2026-12.ndjson")).subarray(0, bytes - 3));
    const text = `journal/2026-12.ndjson lacks 3 of the ${bytes} bytes that the database holds`;
    expect(check()).toEqual({ kind: "changed", text });
  });

  it("how much an older file has too much", () => {
    appendFileSync(fileOf("2026-11.ndjson"), "\n\n");
    const text = "journal/2026-11.ndjson has 2 bytes more than the database holds, though newer files follow it";
    expect(check()).toEqual({ kind: "changed", text });
  });

  it("an older file of its own, with numbers that others have", () => {
    put("2026-10.ndjson", { ...ownLine(), seq: 1 });
    const { archiveId } = ownLine() as { archiveId: string };
    const text = `journal/2026-10.ndjson was put in: it is of archive ${archiveId}, and repeats numbers of changes that other files have`;
    expect(check()).toEqual({ kind: "changed", text });
  });

  it("the same of numbers that only one of the others has", () => {
    put("2026-10.ndjson", { ...ownLine(), seq: 2 });
    expect(check()?.text).toContain("and repeats numbers of changes that other files have");
    put("2026-09.ndjson", { ...ownLine(), seq: 3 });
    expect(check()?.text).not.toContain("repeats");
  });

  it("an older file, whatever is in it", () => {
    writeFileSync(fileOf("2026-10.ndjson"), "");
    expect(check()).toEqual({
      kind: "changed",
      text: "journal/2026-10.ndjson was put in: it does not say of which archive it is",
    });
  });

  it("lines that were replaced by others of the same length are found by their digest", () => {
    const text = readFileSync(fileOf("2026-12.ndjson"), "utf8");
    writeFileSync(fileOf("2026-12.ndjson"), text.replace("one", "0ne"));
    expect(check()).toBeUndefined();
    expect(compareLines(archive.home, archive.db)).toEqual({
      kind: "changed",
      text: "the lines of journal/2026-12.ndjson are not those that the database was made from",
    });
    writeFileSync(fileOf("2026-12.ndjson"), text.replace('{"type":"track"', '{"type" :"track"').trimEnd());
    expect(compareLines(archive.home, archive.db)).toMatchObject({ kind: "changed" });
  });

  it("the error says which of both it is, and names rebuild", () => {
    expect(journalError("/home", { kind: "behind", text: "why" })).toMatchObject({
      exit: 4,
      code: "database_behind",
      message: "the database is behind its journal: /home: why",
    });
    const changed = journalError("/home", { kind: "changed", text: "why" });
    expect(changed).toMatchObject({ exit: 4, code: "journal_damaged", message: "the journal was changed: /home: why" });
    expect(changed.hint).toContain("rebuild");
  });
});

describe("a journal of an older program, whose lines have no numbers", () => {
  beforeEach(() => mkdirSync(join(archive.home, "journal")));
  const older = (...names: string[]) => names.forEach((name) => put(name, track("one"), track("two")));

  it("is held whole once it is recorded, each file up to its last whole line, and then the database goes on", () => {
    older("2026-09.ndjson", "2026-10.ndjson");
    appendFileSync(fileOf("2026-10.ndjson"), '{"type":"tra');
    expect(isOlderJournal(archive.home, archive.db)).toBe(true);
    recordOlderJournal(archive.home, archive.db);
    expect(readHeld(archive.db)).toMatchObject([
      { name: "2026-09.ndjson", lines: 2, seq: 0 },
      { name: "2026-10.ndjson", lines: 2, seq: 0 },
    ]);
    expect(isOlderJournal(archive.home, archive.db)).toBe(false);
    expect(check()).toBeUndefined();
    append();
    expect(check()).toBeUndefined();
    expect(readHeld(archive.db)).toMatchObject([{ seq: 0 }, { seq: 0 }, { name: "2026-11.ndjson", lines: 2, seq: 1 }]);
  });

  it.each([
    ["no file", () => {}],
    ["an empty file", () => writeFileSync(fileOf("2026-09.ndjson"), "")],
    ["a torn line alone", () => writeFileSync(fileOf("2026-09.ndjson"), '{"type":"tra')],
    ["lines with numbers", () => put("2026-09.ndjson", { ...track("one"), seq: 1 })],
  ])("is none with %s, and nothing is recorded", (_what, make) => {
    make();
    expect(isOlderJournal(archive.home, archive.db)).toBe(false);
    recordOlderJournal(archive.home, archive.db);
    expect(readHeld(archive.db)).toEqual([]);
  });

  it("is none when the database holds something of it", () => {
    rmSync(join(archive.home, "journal"), { recursive: true });
    append();
    expect(isOlderJournal(archive.home, archive.db)).toBe(false);
    older("2026-12.ndjson");
    const [before] = [readHeld(archive.db)];
    recordOlderJournal(archive.home, archive.db);
    expect(readHeld(archive.db)).toEqual(before);
  });
});

it("a journal that records nothing makes one transaction of a change, and takes it back when it fails", () => {
  const journal = noJournal(archive.db);
  const insert = "insert into tracked_tasks (task_id, source, added_at) values (?, 'test', 1)";
  const add = (id: string) => void archive.db.$client.prepare(insert).run(id);
  journal.write((append) => {
    append([track("x")], 1);
    add("kept");
    journal.write(() => add("kept too"));
  });
  expect(() =>
    journal.write(() => {
      add("lost");
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(ids()).toEqual(["kept", "kept too"]);
  expect(readHeld(archive.db)).toEqual([]);
});

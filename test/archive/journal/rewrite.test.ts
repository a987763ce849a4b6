import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkJournal, compareLines } from "../../../src/archive/journal/check.ts";
import type { JournalEntry } from "../../../src/archive/journal/entry.ts";
import { readHeld } from "../../../src/archive/journal/held.ts";
import { purgeFromJournal } from "../../../src/archive/journal/purge.ts";
import { readJournal } from "../../../src/archive/journal/read.ts";
import { rewriteJournal, type LineEdit } from "../../../src/archive/journal/rewrite.ts";
import { sha256 } from "../../helpers/folder-tree.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";

const NOVEMBER = Date.UTC(2026, 10, 5);
const DECEMBER = Date.UTC(2026, 11, 5);
let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
});
afterEach(() => archive[Symbol.dispose]());

const fileOf = (name: string) => join(archive.home, "journal", name);
const linesOf = (name = "2026-11.ndjson") => readFileSync(fileOf(name), "utf8").split("\n");
const append = (entries: JournalEntry[], at = NOVEMBER) => archive.journal.write((add) => add(entries, at));
const untrack = (id: string): JournalEntry => ({ type: "untrack", at: 1, taskIds: [id] });
const edit = (change: LineEdit, keep?: string) => rewriteJournal(archive.home, archive.db, change, keep);
/** What the database holds of each file is what is there. */
const expectHeld = () => {
  const read = new Map([...readJournal(archive.home)].map(({ upTo }) => [upTo.name, upTo]));
  expect(readHeld(archive.db)).toEqual([...read.values()]);
  expect(checkJournal(archive.home, archive.db)).toBeUndefined();
  expect(compareLines(archive.home, archive.db)).toBeUndefined();
};

describe("changing lines", () => {
  beforeEach(() => {
    append([untrack("one"), untrack("two")]);
    append([untrack("three")], DECEMBER);
  });

  it("keeps the length of a line, all other bytes, and what the database knows of the files", () => {
    const [before, december] = [linesOf(), linesOf("2026-12.ndjson")];
    edit((text) => text.replace("two", "2"));
    expect(linesOf()).toEqual(before.map((line) => (line.includes("two") ? `${line.replace("two", "2")}  ` : line)));
    expect(linesOf("2026-12.ndjson")).toEqual(december);
    expectHeld();
  });

  it("may make a line longer, and counts that", () => {
    const bytes = statSync(fileOf("2026-11.ndjson")).size;
    edit((text) => text.replace("two", "two and more \u4e2d"));
    expect(statSync(fileOf("2026-11.ndjson")).size).toBe(bytes + Buffer.byteLength(" and more \u4e2d"));
    expectHeld();
  });

  it("blanks a line for an empty text, which keeps the number of its change", () => {
    const length = linesOf()[2]!.length;
    edit((text) => (text.includes("two") ? "" : text));
    expect(linesOf()[2]).toBe('{"type":"blank","seq":1}'.padEnd(length));
    expectHeld();
  });

  it("leaves nothing of a blanked line that has no number, and nothing beside the files", () => {
    appendFileSync(fileOf("2026-11.ndjson"), 'torn "two\n{"seq":"x","two":1}\n');
    archive.db.$client.exec("delete from journal_files");
    const last = [...readJournal(archive.home)].filter(({ upTo }) => upTo.name === "2026-11.ndjson").at(-1)!.upTo;
    archive.db.$client
      .prepare(
        "insert into journal_files (name, bytes, lines, digest, seq) values (@name, @bytes, @lines, @digest, @seq)",
      )
      .run(last);
    edit((text) => (/torn|seq":"x/.test(text) ? "" : text));
    expect(linesOf().slice(3)).toEqual([" ".repeat('torn "two'.length), " ".repeat('{"seq":"x","two":1}'.length), ""]);
    expect(readdirSync(join(archive.home, "journal"))).toEqual(["2026-11.ndjson", "2026-12.ndjson"]);
  });

  it("changes a line by its number, and keeps that one", () => {
    const lines = linesOf();
    edit((text, { file, line }) => (file === "2026-11.ndjson" && line === 3 ? "" : text), ".bad");
    expect(linesOf().map((line) => line.includes('"blank"'))).toEqual([false, false, true, false]);
    expect(readFileSync(fileOf("2026-11.ndjson.bad"), "utf8")).toBe(`${lines[2]}\n`);
    expectHeld();
  });

  it("tells which line of which file it is, from 1", () => {
    const seen: unknown[] = [];
    edit((text, { file, line }) => (seen.push(`${file} ${line}`), text));
    expect([...new Set(seen)]).toEqual([
      "2026-11.ndjson 1",
      "2026-11.ndjson 2",
      "2026-11.ndjson 3",
      "2026-12.ndjson 1",
      "2026-12.ndjson 2",
    ]);
  });

  it("does not touch a file in which nothing changes", () => {
    const { ino, mtimeNs } = statSync(fileOf("2026-12.ndjson"), { bigint: true });
    edit((text) => text.replace("two", "2"));
    expect(statSync(fileOf("2026-12.ndjson"), { bigint: true })).toMatchObject({ ino, mtimeNs });
  });

  it("first keeps the lines as they were, and only those, behind what was kept before", () => {
    const lines = linesOf();
    writeFileSync(fileOf("2026-11.ndjson.bad"), "older\n", { mode: 0o644 });
    edit((text) => text.replace("two", "2"), ".bad");
    expect(readFileSync(fileOf("2026-11.ndjson.bad"), "utf8")).toBe(`older\n${lines[2]}\n`);
    expect(existsSync(fileOf("2026-12.ndjson.bad"))).toBe(false);
    for (const name of ["2026-11.ndjson.bad", "2026-11.ndjson"])
      expect(statSync(fileOf(name)).mode & 0o777).toBe(0o600);
  });

  it("leaves a last line without its break as it ends", () => {
    const [path, text] = [fileOf("2026-12.ndjson"), readFileSync(fileOf("2026-12.ndjson"), "utf8").trimEnd()];
    writeFileSync(path, text);
    archive.db.$client.prepare("update journal_files set bytes = ? where name = '2026-12.ndjson'").run(text.length);
    edit((line) => line.replace("three", "3"));
    expect(readFileSync(path, "utf8")).toBe(`${text.replace("three", "3")}    `);
  });
});

describe("a purge", () => {
  const document = (taskId: string, text: string): JournalEntry => ({
    type: "document",
    at: 1,
    service: "producer",
    taskId,
    kind: "record",
    sha256: sha256(text),
    document: text,
  });
  const tag = (...clipIds: string[]): JournalEntry => ({
    type: "tag",
    at: 1,
    clipIds,
    added: ["calm"],
    removed: ["loud"],
  });
  const purge = (redact = (_id: string, text: string) => text.replace("secret", "")) =>
    purgeFromJournal(archive.home, archive.db, { taskIds: new Set(["t1"]), clipIds: new Set(["c1"]), redact });
  const entries = () =>
    linesOf()
      .slice(1, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it("blanks each document of its tasks, with the digest of what is left, and no other task's", () => {
    append([document("t1", '{"a":"secret"}'), document("t2", '{"b":"secret"}')]);
    append([document("t1", '{"c":"secret"}')]);
    purge();
    expect(entries()).toMatchObject([
      { taskId: "t1", document: '{"a":""}', sha256: sha256('{"a":""}'), seq: 1 },
      { taskId: "t2", document: '{"b":"secret"}', sha256: sha256('{"b":"secret"}'), seq: 1 },
      { taskId: "t1", document: '{"c":""}', sha256: sha256('{"c":""}'), seq: 2 },
    ]);
    expectHeld();
  });

  it("changes no line whose text is blank already", () => {
    append([document("t1", '{"a":"x"}')]);
    const before = readFileSync(fileOf("2026-11.ndjson"));
    purge();
    expect(readFileSync(fileOf("2026-11.ndjson"))).toEqual(before);
  });

  it("takes its clips out of the lines of tags; a line without a clip says nothing, and keeps its number", () => {
    append([tag("c1", "c2")]);
    append([tag("c1")]);
    append([tag("c2")]);
    purge();
    expect(entries()).toMatchObject([
      { clipIds: ["c2"], added: ["calm"], removed: ["loud"], seq: 1 },
      { clipIds: [], added: [], removed: [], seq: 2 },
      { clipIds: ["c2"], added: ["calm"], removed: ["loud"], seq: 3 },
    ]);
    expectHeld();
  });

  it("leaves lines of other types, whichever clip they name", () => {
    const kept: JournalEntry[] = [
      { type: "remove", at: 1, clipIds: ["c1"] },
      { type: "purge", at: 1, clipIds: ["c1"] },
      { type: "track", at: 1, service: "producer", source: "document", taskIds: ["t1"] },
    ];
    append(kept);
    purge();
    expect(entries()).toMatchObject(kept);
  });

  it("blanks broken lines that name its task or clip, and no others", () => {
    append([untrack("t9")]);
    const path = fileOf("2026-11.ndjson");
    const torn = [
      '{"type":"document","taskId":"t1","docum',
      '{"type":"tag","clipIds":["c1',
      '{"type":"document","taskId":"t2","doc',
    ];
    appendFileSync(path, `${torn.join("\n")}\n`);
    append([untrack("t9")]);
    purge();
    expect(linesOf().slice(2, 5)).toEqual([" ".repeat(torn[0]!.length), " ".repeat(torn[1]!.length), torn[2]]);
  });

  it("passes over lines that have no text or no list where one should be", () => {
    const odd = [
      '{"type":"document","taskId":"t1","document":5}',
      '{"type":"document","document":"secret"}',
      '{"type":"tag","clipIds":"c1"}',
      '{"type":"tag","clipIds":[5]}',
    ];
    append([untrack("t9")]);
    appendFileSync(fileOf("2026-11.ndjson"), odd.map((line) => `${line.replace("}", ',"seq":1}')}\n`).join(""));
    append([untrack("t9")]);
    const before = linesOf();
    purge();
    expect(linesOf()).toEqual(before);
  });

  it("deletes lines that were quarantined, and nothing else beside the files", () => {
    append([untrack("t9")]);
    for (const name of ["2026-11.ndjson.bad", "2026-10.ndjson.bad", "notes.bad", "2026-11.ndjson.foreign"])
      writeFileSync(fileOf(name), "x");
    purge();
    expect(readdirSync(join(archive.home, "journal")).toSorted()).toEqual([
      "2026-11.ndjson",
      "2026-11.ndjson.foreign",
      "notes.bad",
    ]);
  });

  it("has nothing to do without a journal", () => {
    purge();
    expect(readdirSync(archive.home)).not.toContain("journal");
  });
});

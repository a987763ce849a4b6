import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nextDigest, nothingOf } from "../../../src/archive/journal/held.ts";
import {
  firstLine,
  journalFiles,
  journalSizes,
  readJournal,
  readJournalFile,
  readLines,
  type JournalLine,
} from "../../../src/archive/journal/read.ts";
import { DiskError } from "../../../src/lib/errors.ts";

const NAME = "2026-11.ndjson";
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "mirror-journal-"));
  mkdirSync(join(home, "journal"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const write = (text: string | Buffer, name = NAME) => writeFileSync(join(home, "journal", name), text);
const read = () => [...readJournal(home)];
/** What a line says, without its position. */
const saying = ({ upTo: _upTo, ...rest }: JournalLine) => rest;

/** A line of each type, whole. */
const WHOLE = {
  archive: { at: 1, archiveId: "a", createdAt: "b", kind: "library" },
  document: { at: 1, service: "producer", taskId: "t", kind: "record", sha256: "s", document: "{}" },
  track: { at: 1, service: "producer", source: "test", taskIds: ["t"] },
  untrack: { at: 1, taskIds: [] },
  remove: { at: 1, clipIds: ["c"] },
  keep: { at: 1, clipIds: ["c"] },
  purge: { at: 1, clipIds: ["c"] },
  tag: { at: 1, clipIds: ["c"], added: ["x"], removed: [] },
  stored: { at: 1, taskId: "t", clipId: "c", kind: "audio", path: "1d/x.m4a", sha256: "s", bytes: 5 },
};
type Type = keyof typeof WHOLE;

describe("a line", () => {
  it.each(Object.entries(WHOLE))("of the type %s is read whole, with the number of its change", (type, fields) => {
    write(`${JSON.stringify({ type, ...fields, seq: 7, more: "of a newer program" })}\n`);
    expect(read().map(saying)).toEqual([{ seq: 7, entry: { type, ...fields, seq: 7, more: "of a newer program" } }]);
  });

  const texts = [5, null, ["x"], {}];
  const lists = ["x", null, [5], [null], { 0: "x" }];
  const times = ["1", null, 1.5, 2 ** 53];
  const WRONG: [Type, string, unknown[]][] = [
    ...(Object.keys(WHOLE) as Type[]).map((type): [Type, string, unknown[]] => [type, "at", times]),
    ["archive", "archiveId", texts],
    ["archive", "createdAt", texts],
    ["archive", "kind", texts],
    ["document", "taskId", texts],
    ["document", "kind", ["", "records", null, 5]],
    ["document", "sha256", texts],
    ["document", "document", texts],
    ["track", "source", texts],
    ["track", "taskIds", lists],
    ["untrack", "taskIds", lists],
    ["remove", "clipIds", lists],
    ["keep", "clipIds", lists],
    ["purge", "clipIds", lists],
    ["tag", "clipIds", lists],
    ["tag", "added", lists],
    ["tag", "removed", lists],
    ["stored", "taskId", texts],
    ["stored", "clipId", [5, ["x"], {}]],
    ["stored", "kind", texts],
    ["stored", "sha256", texts],
    ["stored", "bytes", times],
    [
      "stored",
      "path",
      [5, null, "", "x.m4a", "1d/", "1d/a/b", "../x", "1d/../x", "1/x", "1dd/x", "1D/x", "/1d/x", "1d/x y", "1d/x\n"],
    ],
  ];
  it.each(WRONG)("of the type %s is damaged when its %s is missing or impossible", (type, field, values) => {
    const { [field]: _left, ...without } = { type, ...WHOLE[type] } as Record<string, unknown>;
    const lines = [without, ...values.map((value) => ({ ...without, [field]: value }))];
    write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    for (const line of read())
      expect(saying(line)).toEqual({ seq: null, broken: `its ${field} cannot be`, torn: false });
  });

  it("may have a record or a result as its document", () => {
    for (const kind of ["record", "result"]) {
      write(`${JSON.stringify({ type: "document", ...WHOLE.document, kind })}\n`);
      expect(read()[0]).toHaveProperty("entry.kind", kind);
    }
  });

  it("names every field that cannot be", () => {
    write(`${JSON.stringify({ type: "track", seq: 3 })}\n`);
    expect(read().map(saying)).toEqual([{ seq: 3, broken: "its at, source, taskIds cannot be", torn: false }]);
  });

  it("may be of a task as a whole, and a file may have a stem of our own", () => {
    write(`${JSON.stringify({ type: "stored", ...WHOLE.stored, clipId: null, path: "x-/x-0f.v2.m4a" })}\n`);
    expect(read()[0]).toHaveProperty("entry");
  });

  it.each([
    ["[]", "it has no type", false],
    ["null", "it has no type", false],
    ["5", "it has no type", false],
    ["{}", "it has no type", false],
    ['{"type":5}', "it has no type", false],
    ['{"type":"track"', "it is not JSON", true],
    ['{"type":"track",}', "it is not JSON", false],
    ["nonsense", "it is not JSON", false],
  ])("%s is damaged", (text, why, torn) => {
    write(`${text}\n`);
    expect(read()[0]).toMatchObject({ seq: null, broken: why, torn });
  });

  it.each([
    ["a line that ends before its JSON does", '{"type":"docum\n', true],
    ["the same at the end of the file", '{"type":"docum', true],
    ["whatever has no line break at the end of the file", "nonsense", true],
    ["a line whose beginning is missing", 'aaa","at":1}\n', false],
    ["a line that is wrong before its end", '{"type":docum","at":1}\n', false],
    ["a list that is not ended", "[1,\n", false],
  ])("cut off by a crash or not: %s", (_what, text, torn) => {
    write(text);
    expect(read()[0]).toMatchObject({ broken: "it is not JSON", torn });
  });

  it("is nothing when it is blank, and may keep the number of its change", () => {
    write(`\n   \t\n${JSON.stringify({ type: "blank", seq: 4 })}   \n`);
    expect(read().map(saying)).toEqual([
      { seq: null, blank: true },
      { seq: null, blank: true },
      { seq: 4, blank: true },
    ]);
  });

  it("of a type that only a newer program knows keeps its number", () => {
    write(`${JSON.stringify({ type: "rate", seq: 4 })}\n`);
    expect(read().map(saying)).toEqual([{ seq: 4, unknown: "rate" }]);
  });

  it.each([
    [1, 1],
    [2 ** 50, 2 ** 50],
    [2 ** 50 + 1, null],
    [0, null],
    [-1, null],
    [1.5, null],
    ["1", null],
    [null, null],
  ])("has the number of a change from 1 to 2^50: %j is %j", (seq, expected) => {
    write(`${JSON.stringify({ type: "blank", seq })}\n`);
    expect(read()[0]?.seq).toBe(expected);
  });
});

describe("a file", () => {
  const LINES = ["first", "", "third \u4e2d"].map((text) => Buffer.from(text));

  it("is counted up to each line, its break included, with a running digest and the highest number", () => {
    const lines = [5, 2].map((seq) => JSON.stringify({ type: "blank", seq }));
    write(`${lines[0]}\n${lines[1]}`);
    const digests = ["", ...lines].map((_line, at) =>
      lines
        .slice(0, at)
        .map((line) => Buffer.from(line))
        .reduce(nextDigest, ""),
    );
    const [one, two] = read();
    expect(one?.upTo).toEqual({ name: NAME, bytes: lines[0]!.length + 1, lines: 1, digest: digests[1], seq: 5 });
    expect(two?.upTo).toEqual({
      name: NAME,
      bytes: `${lines[0]}\n${lines[1]}`.length,
      lines: 2,
      digest: digests[2],
      seq: 5,
    });
    expect(digests[2]).not.toBe(digests[1]);
  });

  it("is read on from what is held of it, as if it had been read at once", () => {
    write([1, 2, 3].map((seq) => `${JSON.stringify({ type: "blank", seq })}\n`).join(""));
    const all = read();
    for (const { upTo } of all) expect([...readJournalFile(home, upTo)]).toEqual(all.slice(upTo.lines));
    expect([...readJournal(home, [all[1]!.upTo])]).toEqual(all.slice(2));
  });

  it("is read in pieces of a megabyte: lines end where they end, whatever lies across", () => {
    const long = Buffer.alloc((1 << 20) - 1, "x");
    const path = join(home, "long");
    for (const parts of [
      [long, ...LINES],
      [Buffer.concat([long, Buffer.from("yz")]), Buffer.alloc(3 << 20, "w"), ...LINES],
      [Buffer.alloc(1 << 20, "v")],
    ]) {
      writeFileSync(path, Buffer.concat(parts.flatMap((part) => [part, Buffer.from("\n")])));
      const lines = [...readLines(path)];
      expect(lines.map(({ ended }) => ended)).toEqual(parts.map(() => true));
      expect(lines.every(({ text }, at) => text.equals(parts[at]!))).toBe(true);
    }
    appendFileSync(path, "end");
    expect([...readLines(path)].at(-1)).toEqual({ text: Buffer.from("end"), ended: false });
    expect([...readLines(path, (1 << 20) + 1)]).toEqual([{ text: Buffer.from("end"), ended: false }]);
  });

  it("that is empty has no lines", () => {
    write("");
    expect(read()).toEqual([]);
    expect(firstLine(home, NAME)).toBeUndefined();
  });

  it("begins with its first line that says something", () => {
    write(`\n \n${JSON.stringify({ type: "rate", seq: 4 })}\n`);
    expect(firstLine(home, NAME)).toMatchObject({ unknown: "rate", upTo: { lines: 3 } });
    expect(firstLine(home, "2026-12.ndjson")).toBeUndefined();
    expect(firstLine(home, "../x")).toBeUndefined();
  });
});

describe("the files", () => {
  it("are those named by month alone, the oldest first, each with its size", () => {
    write("12", "2026-12.ndjson");
    write("", "2025-12.ndjson");
    write("1234", "2026-02.ndjson");
    for (const name of ["2026-11.ndjson.bad", "2026-11.ndjson.new", "a2026-11.ndjson", "2026-1.ndjson", "notes.txt"])
      write("x", name);
    expect(journalFiles(home)).toEqual(["2025-12.ndjson", "2026-02.ndjson", "2026-12.ndjson"]);
    expect([...journalSizes(home)]).toEqual([
      ["2025-12.ndjson", 0],
      ["2026-02.ndjson", 4],
      ["2026-12.ndjson", 2],
    ]);
  });

  it("are none where there is no journal; anything else that goes wrong is a DiskError", () => {
    rmSync(join(home, "journal"), { recursive: true });
    expect(journalFiles(home)).toEqual([]);
    expect(read()).toEqual([]);
    writeFileSync(join(home, "journal"), "in the way");
    expect(() => journalFiles(home)).toThrow(DiskError);
    expect(() => [...readJournalFile(home, nothingOf(NAME))]).toThrow(DiskError);
  });

  it("that are folders are a DiskError", () => {
    mkdirSync(join(home, "journal", NAME));
    expect(() => read()).toThrow(DiskError);
  });
});

import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openJournal, type JournalEntry } from "../../../src/archive/journal/journal.ts";
import { DiskError } from "../../../src/lib/errors.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";

const NOVEMBER = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
const entry: JournalEntry = { type: "untrack", at: NOVEMBER, taskIds: ["a"] };
let folder: ReturnType<typeof temporaryFolder>;
let umask: number;

beforeEach(() => {
  folder = temporaryFolder();
  umask = process.umask(0);
});

afterEach(() => {
  process.umask(umask);
  folder[Symbol.dispose]();
});

function lines(name: string): string[] {
  return readFileSync(join(folder.path, "journal", name), "utf8").split("\n");
}

describe("journal", () => {
  it("writes one line an entry into the file of the month in UTC", () => {
    const journal = openJournal(folder.path);
    journal.append([entry, entry], NOVEMBER);
    journal.append([{ ...entry, taskIds: ["b\nc \ud800"] }], NOVEMBER + 1);
    expect(readdirSync(join(folder.path, "journal"))).toEqual(["2026-11.ndjson", "2026-12.ndjson"]);
    expect(lines("2026-11.ndjson")).toEqual([JSON.stringify(entry), JSON.stringify(entry), ""]);
    expect(lines("2026-12.ndjson")).toHaveLength(2);
  });

  it("writes nothing for no entries", () => {
    openJournal(folder.path).append([], NOVEMBER);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("is readable by its owner alone, also under umask 000", () => {
    openJournal(folder.path).append([entry], NOVEMBER);
    expect(statSync(join(folder.path, "journal")).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder.path, "journal", "2026-11.ndjson")).mode & 0o777).toBe(0o600);
  });

  it("begins a line of its own after a torn one", () => {
    const journal = openJournal(folder.path);
    journal.append([entry], NOVEMBER);
    appendFileSync(join(folder.path, "journal", "2026-11.ndjson"), '{"type":"docum');
    journal.append([entry], NOVEMBER);
    expect(lines("2026-11.ndjson")).toEqual([JSON.stringify(entry), '{"type":"docum', JSON.stringify(entry), ""]);
  });

  it("adds to what other processes wrote", () => {
    mkdirSync(join(folder.path, "journal"));
    const [one, other] = [openJournal(folder.path), openJournal(folder.path)];
    for (const journal of [one, other, one, other]) journal.append([entry], NOVEMBER);
    expect(lines("2026-11.ndjson")).toHaveLength(5);
  });

  it("says what is wrong with the disk", () => {
    writeFileSync(join(folder.path, "journal"), "in the way");
    expect(() => openJournal(folder.path).append([entry], NOVEMBER)).toThrow("EEXIST");
    rmSync(join(folder.path, "journal"));
    mkdirSync(join(folder.path, "journal", "2026-11.ndjson"), { recursive: true });
    expect(() => openJournal(folder.path).append([entry], NOVEMBER)).toThrow(DiskError);
  });
});

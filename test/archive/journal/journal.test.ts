import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkJournal } from "../../../src/archive/journal/check.ts";
import type { JournalEntry } from "../../../src/archive/journal/entry.ts";
import { openJournal } from "../../../src/archive/journal/journal.ts";
import { replayJournal } from "../../../src/archive/replay-journal.ts";
import { openArchive } from "../../../src/db/archive-file.ts";
import { DiskError, IntegrityError } from "../../../src/lib/errors.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";

const NOVEMBER = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
const entry: JournalEntry = { type: "untrack", at: NOVEMBER, taskIds: ["a"] };
const tracked = (id: string): JournalEntry => ({
  type: "track",
  at: NOVEMBER,
  service: "producer",
  source: "test",
  taskIds: [id],
});
let archive: TemporaryArchive;
let umask: number;

beforeEach(() => {
  umask = process.umask(0);
  archive = temporaryArchive();
});

afterEach(() => {
  archive[Symbol.dispose]();
  process.umask(umask);
});

const fileOf = (name: string) => join(archive.home, "journal", name);
const linesOf = (name: string) => readFileSync(fileOf(name), "utf8").split("\n");
const append = (entries: JournalEntry[], at = NOVEMBER, { journal } = archive) =>
  journal.write((add) => add(entries, at));
const seqs = (name: string) =>
  linesOf(name)
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
/** The ids that the database tracks. */
const ids = () => archive.db.$client.prepare("select task_id from tracked_tasks order by 1").pluck().all();

/** Lines that a writer left which was killed before its commit. */
function appendAsKilled(name: string, ...lines: (JournalEntry & { seq: number })[]): void {
  appendFileSync(fileOf(name), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

describe("appending", () => {
  it("writes one line an entry into the file of the month in UTC, each file with the archive's own line first", () => {
    append([entry, entry]);
    append([{ ...entry, taskIds: ["b\nc \ud800"] }], NOVEMBER + 1);
    expect(readdirSync(join(archive.home, "journal"))).toEqual(["2026-11.ndjson", "2026-12.ndjson"]);
    const [own = "", ...rest] = linesOf("2026-11.ndjson");
    expect(JSON.parse(own)).toMatchObject({ type: "archive", archiveId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(rest).toEqual([JSON.stringify({ ...entry, seq: 1 }), JSON.stringify({ ...entry, seq: 1 }), ""]);
    expect(linesOf("2026-12.ndjson")).toHaveLength(3);
  });

  it("numbers changes, not lines, and goes on over files", () => {
    append([entry, entry]);
    append([entry]);
    append([entry], NOVEMBER + 1);
    expect(seqs("2026-11.ndjson")).toEqual([1, 1, 1, 2]);
    expect(seqs("2026-12.ndjson")).toEqual([3, 3]);
  });

  it("gives all appends of one change the same number, also those of a change within it", () => {
    archive.journal.write((add) => {
      add([entry], NOVEMBER);
      archive.journal.write((inner) => inner([entry], NOVEMBER));
    });
    expect(seqs("2026-11.ndjson")).toEqual([1, 1, 1]);
  });

  it("writes nothing for no entries", () => {
    append([]);
    expect(readdirSync(archive.home)).not.toContain("journal");
  });

  it("is readable by its owner alone, also under umask 000", () => {
    append([entry]);
    expect(statSync(join(archive.home, "journal")).mode & 0o777).toBe(0o700);
    expect(statSync(fileOf("2026-11.ndjson")).mode & 0o777).toBe(0o600);
  });

  it("65: never appends to a file that is older than the newest, whatever the clock says", () => {
    append([entry], NOVEMBER + 1);
    append([entry], NOVEMBER - 400 * 24 * 3600_000);
    expect(readdirSync(join(archive.home, "journal"))).toEqual(["2026-12.ndjson"]);
    expect(seqs("2026-12.ndjson")).toEqual([1, 1, 2]);
  });

  it("takes back the rows of a change that could not be written", () => {
    append([entry]);
    rmSync(fileOf("2026-11.ndjson"));
    mkdirSync(fileOf("2026-11.ndjson"));
    // A folder is shorter than the file, where memory is the disk.
    expect(() => append([tracked("x")])).toThrow(/EISDIR|lacks/);
    expect(ids()).toEqual([]);
  });

  it("says what is wrong with the disk", () => {
    writeFileSync(join(archive.home, "journal"), "in the way");
    expect(() => append([entry])).toThrow("ENOTDIR");
    rmSync(join(archive.home, "journal"));
    mkdirSync(fileOf("2026-11.ndjson"), { recursive: true });
    expect(() => append([entry])).toThrow(DiskError);
  });

  it("takes turns with other connections", () => {
    using db = { value: openArchive(archive.home), [Symbol.dispose]: () => void db.value.$client.close() };
    const other = { ...archive, db: db.value, journal: openJournal({ home: archive.home, db: db.value }) };
    for (const writer of [archive, other, archive, other]) append([entry], NOVEMBER, writer);
    expect(seqs("2026-11.ndjson")).toEqual([1, 1, 2, 3, 4]);
    expect(checkJournal(archive.home, archive.db)).toBeUndefined();
  });
});

describe("what a killed writer left", () => {
  it("begins a line of its own after a torn one", () => {
    append([entry]);
    appendFileSync(fileOf("2026-11.ndjson"), '{"type":"docum');
    expect(checkJournal(archive.home, archive.db)).toBeUndefined();
    append([entry]);
    expect(linesOf("2026-11.ndjson").slice(2)).toEqual(['{"type":"docum', JSON.stringify({ ...entry, seq: 2 }), ""]);
    expect(checkJournal(archive.home, archive.db)).toBeUndefined();
  });

  it("is added to the database by the next writer, before its own change", () => {
    append([entry]);
    appendAsKilled("2026-11.ndjson", { ...tracked("one"), seq: 2 }, { ...tracked("two"), seq: 2 });
    expect(checkJournal(archive.home, archive.db)).toBeUndefined();
    expect(ids()).toEqual([]);
    append([entry]);
    expect(ids()).toEqual(["one", "two"]);
    expect(seqs("2026-11.ndjson")).toEqual([1, 1, 2, 2, 3]);
  });

  it("is added from the first file of a new archive too", () => {
    mkdirSync(join(archive.home, "journal"));
    appendAsKilled("2026-10.ndjson", { ...tracked("one"), seq: 1 });
    append([entry]);
    expect(ids()).toEqual(["one"]);
  });

  it("is one change: with more the database is behind its journal, until the next writer has added all of them", () => {
    append([entry]);
    appendAsKilled("2026-11.ndjson", { ...tracked("one"), seq: 2 }, { ...tracked("two"), seq: 3 });
    expect(checkJournal(archive.home, archive.db)).toMatchObject({ kind: "behind" });
    append([entry]);
    expect(ids()).toEqual(["one", "two"]);
    expect(checkJournal(archive.home, archive.db)).toBeUndefined();
  });

  it("is not added when the lines before it are others than the database holds: nothing is written", () => {
    append([tracked("zero")]);
    const path = fileOf("2026-11.ndjson");
    writeFileSync(path, readFileSync(path, "utf8").replace("zero", "zer0"));
    appendAsKilled("2026-11.ndjson", { ...tracked("one"), seq: 2 });
    const before = readFileSync(path);
    expect(() => append([entry])).toThrow(IntegrityError);
    expect(ids()).toEqual([]);
    expect(readFileSync(path)).toEqual(before);
  });
});

describe("files that are not as the database holds them", () => {
  const OTHER = "bbbbbbbb-10f2-4e2b-b500-66ec27fe82ad";
  const own = (archiveId: string, seq: number) =>
    `${JSON.stringify({ type: "archive", at: 1, archiveId, createdAt: "2026-01-01T00:00:00.000Z", kind: "library", seq })}\n`;

  beforeEach(() => {
    append([entry]);
    append([entry], NOVEMBER + 1);
  });

  it("are not these", () => {
    expect(checkJournal(archive.home, archive.db)).toBeUndefined();
  });

  it.each([
    ["missing", () => rmSync(fileOf("2026-11.ndjson")), "2026-11.ndjson is missing"],
    ["cut", () => writeFileSync(fileOf("2026-12.ndjson"), ""), "2026-12.ndjson lacks"],
    ["appended to", () => appendFileSync(fileOf("2026-11.ndjson"), "\n"), "1 bytes more than the database holds"],
    [
      "of another archive, put before",
      () => writeFileSync(fileOf("2026-01.ndjson"), own(OTHER, 1)),
      `2026-01.ndjson was put in: it is of archive ${OTHER}`,
    ],
    [
      "of another archive, put behind",
      () => writeFileSync(fileOf("2027-01.ndjson"), own(OTHER, 1)),
      `2027-01.ndjson was put in: it is of archive ${OTHER}`,
    ],
    [
      "doubled",
      () => writeFileSync(fileOf("2026-10.ndjson"), readFileSync(fileOf("2026-11.ndjson"))),
      "repeats numbers of changes that other files have",
    ],
  ])("%s", (_what, change, text) => {
    change();
    expect(checkJournal(archive.home, archive.db)).toMatchObject({
      kind: "changed",
      text: expect.stringContaining(text),
    });
  });

  it("of another archive with higher numbers, put behind: nothing of it is added", () => {
    const theirs = { ...tracked("theirs"), seq: 501 };
    writeFileSync(fileOf("2027-01.ndjson"), `${own(OTHER, 500)}${JSON.stringify(theirs)}\n`);
    const problem = { kind: "changed", text: expect.stringContaining(`it is of archive ${OTHER}`) as unknown };
    expect(checkJournal(archive.home, archive.db)).toMatchObject(problem);
    expect(() => append([entry])).toThrow("2027-01.ndjson was put in");
    expect(ids()).toEqual([]);
  });

  it("of an older program, put behind: its lines have no numbers", () => {
    writeFileSync(fileOf("2027-01.ndjson"), `${JSON.stringify(tracked("theirs"))}\n`);
    expect(() => append([entry])).toThrow("2027-01.ndjson was put in: it does not say of which archive it is");
    appendFileSync(fileOf("2026-12.ndjson"), `${JSON.stringify(tracked("theirs"))}\n`);
    rmSync(fileOf("2027-01.ndjson"));
    expect(checkJournal(archive.home, archive.db)).toMatchObject({ kind: "changed" });
    expect(() => append([entry])).toThrow("2026-12.ndjson line 3 has no number of a change");
    expect(ids()).toEqual([]);
  });

  it("but an empty newer file is nothing", () => {
    writeFileSync(fileOf("2027-01.ndjson"), "");
    expect(checkJournal(archive.home, archive.db)).toBeUndefined();
    append([entry]);
    expect(readdirSync(join(archive.home, "journal"))).toContain("2026-12.ndjson");
  });
});

it("lines that were repeated at the end are passed over: what came after them stays", () => {
  append([tracked("one")]);
  append([{ type: "untrack", at: NOVEMBER, taskIds: ["one"] }]);
  archive.db.$client.exec(
    "insert into tracked_tasks (task_id, source, added_at, untracked_at) values ('one', 'test', 1, 2)",
  );
  const path = fileOf("2026-11.ndjson");
  appendFileSync(path, readFileSync(path, "utf8"));
  expect(checkJournal(archive.home, archive.db)).toBeUndefined();
  append([entry]);
  const untracked = archive.db.$client.prepare("select untracked_at from tracked_tasks where task_id = 'one'").pluck();
  expect(untracked.get()).toBe(2);
  expect(seqs("2026-11.ndjson")).toEqual([1, 1, 2, 1, 1, 2, 3]);
});

it("the lines of the last change, repeated, are no change: what the database has learned since stays", () => {
  append([tracked("one")]);
  archive.db.$client.exec("insert into tracked_tasks (task_id, source, added_at) values ('one', 'test', 1)");
  append([tracked("one")]);
  archive.db.$client.exec("update tracked_tasks set untracked_at = 2");
  const path = fileOf("2026-11.ndjson");
  appendFileSync(path, `${linesOf("2026-11.ndjson").at(-2)}\n`);
  append([entry]);
  expect(archive.db.$client.prepare("select untracked_at from tracked_tasks").pluck().all()).toEqual([2]);
});

it("a number that no archive can reach is none, and finding gaps does not count up to it", async () => {
  append([entry]);
  const path = fileOf("2026-11.ndjson");
  for (const seq of [2 ** 50, 2 ** 53 - 1, -1, 0, 1.5, "7"])
    appendFileSync(path, `${JSON.stringify({ ...tracked(`of ${seq}`), seq })}\n`);
  const archive_id = archive.db.$client
    .prepare("select value from archive_info where key = 'archive_id'")
    .pluck()
    .get();
  using scratch = temporaryArchive();
  const signal = new AbortController().signal;
  const replayed = await replayJournal(scratch.db, { home: archive.home, archiveId: String(archive_id), signal });
  expect(replayed.gaps).toEqual([[2, 2 ** 50 - 1]]);
});

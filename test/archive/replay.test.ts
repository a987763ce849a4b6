import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eq } from "drizzle-orm";
import { createAssetWriter } from "../../src/archive/assets.ts";
import { archiveId } from "../../src/archive/info.ts";
import { purgeTexts } from "../../src/archive/purge-texts.ts";
import { markRemoved, unmarkRemoved } from "../../src/archive/removals.ts";
import { changeTags } from "../../src/archive/tags.ts";
import { untrack } from "../../src/archive/tracking.ts";
import { assets } from "../../src/db/schema.ts";
import type { JournalEntry } from "../../src/archive/journal/entry.ts";
import { nothingOf, type Held } from "../../src/archive/journal/held.ts";
import type { JournalLine } from "../../src/archive/journal/read.ts";
import { journalFacts, journalProblems, replayJournal } from "../../src/archive/replay-journal.ts";
import { createReplay } from "../../src/archive/replay.ts";
import { write } from "../../src/archive/transaction.ts";
import { fixtureText } from "../helpers/fixture.ts";
import { sha256 } from "../helpers/folder-tree.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { result, rows, saveAll } from "./saving.ts";

const OURS = "aaaaaaaa-10f2-4e2b-b500-66ec27fe82ad";
const THEIRS = "bbbbbbbb-10f2-4e2b-b500-66ec27fe82ad";
const NOW = Date.UTC(2026, 10, 5);
const task = (n: number) => `1a6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;
const clip = (n: number) => `2d6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;

let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
});
afterEach(() => archive[Symbol.dispose]());

const textOf = (n: number, title = "Neon") =>
  JSON.stringify({
    id: task(n),
    type: "audios",
    finished_at: 2,
    request: {},
    response: {
      success: true,
      data: [{ id: clip(n), title, state: "succeeded", audio_url: "https://a.example/1.m4a" }],
    },
  });
const document = (n: number, text = textOf(n), at = NOW): JournalEntry => ({
  type: "document",
  at,
  service: "producer",
  taskId: task(n),
  kind: "record",
  sha256: sha256(text),
  document: text,
});
const track = (n: number): JournalEntry => ({
  type: "track",
  at: NOW,
  service: "producer",
  source: "test",
  taskIds: [task(n)],
});
const stored = (n: number): JournalEntry => ({
  type: "stored",
  at: NOW + 5,
  taskId: task(n),
  clipId: clip(n),
  kind: "audio",
  path: "2d/x.m4a",
  bytes: 5,
  sha256: "ab",
  contentType: null,
  etag: null,
  lastModified: null,
  durationSeconds: 1,
  proof: "boxes",
  note: null,
  httpStatus: 200,
});

/** A line as it is read, without its position. */
type Reading = JournalLine extends infer Line ? (Line extends unknown ? Omit<Line, "upTo"> : never) : never;

describe("lines that are replayed", () => {
  const replayOf = (...lines: ((JournalEntry & { seq?: number }) | Reading)[]) => {
    const replay = createReplay(archive.db);
    write(archive.db, () => {
      for (const [at, line] of lines.entries()) {
        const upTo = { ...nothingOf("2026-11.ndjson"), lines: at + 1 };
        const read = "type" in line ? { seq: line.seq ?? null, entry: line } : line;
        replay.apply({ upTo, ...read });
      }
      replay.finish();
    });
    const { apply: _apply, finish: _finish, ...findings } = replay;
    return findings;
  };
  const nothing = { damaged: [], torn: 0, repeated: 0, unknown: {} };

  it("are counted by what they are, and a damaged one is named with its file and line", () => {
    expect(
      replayOf(
        track(1),
        document(1),
        { seq: null, blank: true },
        { seq: null, broken: "it is not JSON", torn: true },
        { seq: null, broken: "it is not JSON", torn: false },
        { seq: 7, unknown: "rate" },
        { seq: 7, unknown: "rate" },
        { seq: 8, unknown: "star" },
      ),
    ).toEqual({
      lines: 8,
      documents: 1,
      damaged: [{ file: "2026-11.ndjson", line: 5, why: "it is not JSON" }],
      torn: 1,
      repeated: 0,
      unknown: { rate: 2, star: 1 },
    });
  });

  it("of a change that was replayed before are passed over; those of one change follow one another", () => {
    const lines = [track(1), track(2), document(1)].map((entry, at) => ({ ...entry, seq: at + 1 }));
    const found = replayOf(
      ...lines,
      { ...track(3), seq: 3 },
      ...lines.slice(0, 2),
      { ...track(4), seq: 4 },
      track(5),
      track(6),
    );
    expect(found).toEqual({ ...nothing, lines: 9, documents: 1, repeated: 2 });
    expect(rows(archive, "select count(*) as n from tracked_tasks")).toEqual([{ n: 6 }]);
  });

  it.each([
    [
      "other characters than its digest says",
      { ...document(1), document: textOf(1, "Other") },
      "its document does not match its sha256",
    ],
    ["no record in it", document(1, "{}"), "its document cannot be read as a record"],
    ["no result in it", { ...document(1, "[]"), kind: "result" }, "its document cannot be read as a result"],
  ])("a document with %s is damaged, and nothing of it is saved; the others are", (_what, line, why) => {
    const found = replayOf(document(2), line as JournalEntry, document(3));
    expect(found).toEqual({ ...nothing, lines: 3, documents: 2, damaged: [{ file: "2026-11.ndjson", line: 2, why }] });
    expect(rows(archive, "select id from tasks order by id")).toEqual([{ id: task(2) }, { id: task(3) }]);
  });

  it("documents have the time of their line, also where hundreds came at one time", () => {
    const many = Array.from({ length: 405 }, (_, n) => document(n));
    expect(replayOf(...many, document(900, textOf(900), NOW + 1)).documents).toBe(406);
    expect(rows(archive, "select fetched_at, count(*) as n from task_documents group by 1")).toEqual([
      { fetched_at: NOW, n: 405 },
      { fetched_at: NOW + 1, n: 1 },
    ]);
    expect(rows(archive, "select count(*) as n from clips where first_seen_at = updated_at")).toEqual([{ n: 406 }]);
  });

  it("a later document becomes the current one", () => {
    replayOf(document(1), document(1, textOf(1, "Other")));
    expect(rows(archive, "select title from clips")).toEqual([{ title: "Other" }]);
  });

  it("a document that stands for no current version stays a version", () => {
    replayOf(document(1), { ...document(1, textOf(1, "Other")), stands: false } as JournalEntry);
    expect(rows(archive, "select title from clips")).toEqual([{ title: "Neon" }]);
    expect(rows(archive, "select count(*) as n from task_documents")).toEqual([{ n: 2 }]);
  });

  it("results are read as results", () => {
    const text = fixtureText("callback.json").trim();
    const id = (JSON.parse(text) as { task_id: string }).task_id;
    const line = { ...document(1, text), taskId: id, kind: "result" } as JournalEntry;
    expect(replayOf(line)).toEqual({ ...nothing, lines: 1, documents: 1 });
    expect(rows(archive, "select id, state from tasks")).toEqual([{ id, state: "succeeded" }]);
  });

  const marks = () => rows(archive, "select id, removed_at from clips order by id");

  it("that tell of a clip before its document wait for it, in their order, and what tells of others does not", () => {
    const remove = (n: number[], at: number): JournalEntry => ({ type: "remove", at, clipIds: n.map(clip) });
    replayOf(
      document(2),
      stored(1),
      remove([1, 2], NOW + 10),
      { type: "keep", at: NOW + 11, clipIds: [clip(1)] },
      { type: "tag", at: NOW + 12, clipIds: [clip(1), clip(2)], added: ["calm"], removed: [] },
      document(1),
      remove([1], NOW + 13),
      { type: "keep", at: NOW + 14, clipIds: [clip(1)] },
    );
    expect(marks()).toEqual([
      { id: clip(1), removed_at: null },
      { id: clip(2), removed_at: NOW + 10 },
    ]);
    expect(rows(archive, "select clip_id from clip_tags order by 1")).toEqual([
      { clip_id: clip(1) },
      { clip_id: clip(2) },
    ]);
    expect(rows(archive, "select clip_id, state, path from assets order by clip_id")).toMatchObject([
      { clip_id: clip(1), state: "stored", path: "2d/x.m4a" },
      { clip_id: clip(2), state: "gone" },
    ]);
  });

  it("that tell of what is never there change nothing", () => {
    replayOf(document(2), stored(1), { type: "remove", at: NOW, clipIds: [clip(1)] });
    expect(marks()).toEqual([{ id: clip(2), removed_at: null }]);
    expect(rows(archive, "select state from assets")).toEqual([{ state: "wanted" }]);
  });

  it("a file of a task as a whole is stored there, and one of a clip at the clip", () => {
    replayOf(document(1), document(2));
    archive.db.$client.exec(
      `insert into assets (task_id, clip_id, kind, url) values ('${task(1)}', null, 'audio', 'https://a.example/2')`,
    );
    replayOf({ ...stored(1), clipId: null } as JournalEntry);
    const states = () => rows(archive, "select task_id, clip_id, state from assets order by id");
    expect(states().map(({ state }) => state)).toEqual(["wanted", "wanted", "stored"]);
    replayOf(stored(1));
    expect(states().map(({ state }) => state)).toEqual(["stored", "wanted", "stored"]);
  });

  it("a removal that follows another has the time of the later one, and its file goes back to where it was", () => {
    replayOf(
      document(1),
      stored(1),
      ...[10, 20].map((at): JournalEntry => ({ type: "remove", at: NOW + at, clipIds: [clip(1)] })),
    );
    expect(marks()).toEqual([{ id: clip(1), removed_at: NOW + 20 }]);
    replayOf({ type: "keep", at: NOW + 30, clipIds: [clip(1)] });
    expect(rows(archive, "select state, path, trash_path, removed_at from assets")).toEqual([
      { state: "stored", path: "2d/x.m4a", trash_path: null, removed_at: null },
    ]);
  });

  it("track, untrack and purge do what they did", () => {
    replayOf(
      track(1),
      document(1),
      { type: "untrack", at: NOW + 1, taskIds: [task(1)] },
      { type: "purge", at: NOW + 2, clipIds: [clip(1)] },
    );
    expect(rows(archive, "select source, added_at, untracked_at from tracked_tasks")).toEqual([
      { source: "test", added_at: NOW, untracked_at: NOW + 1 },
    ]);
    expect(rows(archive, "select title, purged_at from clips")).toEqual([{ title: null, purged_at: NOW + 2 }]);
    replayOf(track(1));
    expect(rows(archive, "select untracked_at from tracked_tasks")).toEqual([{ untracked_at: null }]);
  });
});

describe("a journal that is replayed", () => {
  const own = (archiveId: string, seq: number | undefined, kind = "library") => ({
    type: "archive",
    at: 1,
    archiveId,
    createdAt: "then",
    kind,
    seq,
  });
  const put = (name: string, ...lines: (object | string)[]) => {
    mkdirSync(join(archive.home, "journal"), { recursive: true });
    const text = lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
    writeFileSync(join(archive.home, "journal", name), text);
  };
  const replay = (
    more: { upTo?: Held; compared?: Held; signal?: AbortSignal; onLine?: (lines: number) => void } = {},
  ) =>
    replayJournal(archive.db, { home: archive.home, archiveId: OURS, signal: new AbortController().signal, ...more });
  const ids = () => rows(archive, "select task_id as id from tracked_tasks order by 1").map(({ id }) => id);

  it("goes by the number of each file's first change, not by its name; files without numbers come first", async () => {
    put("2026-10.ndjson", { ...own(OURS, 5) }, { ...track(1), seq: 5 });
    put(
      "2026-12.ndjson",
      { ...own(OURS, 1) },
      { ...track(1), seq: 1 },
      { type: "untrack", at: 3, taskIds: [task(1)], seq: 2 },
    );
    put("2027-01.ndjson", track(2));
    const { held, gaps, lines } = await replay();
    expect(held.map(({ name, lines: count }) => `${name} ${count}`)).toEqual([
      "2027-01.ndjson 1",
      "2026-12.ndjson 3",
      "2026-10.ndjson 2",
    ]);
    expect({ gaps, lines }).toEqual({ gaps: [[3, 4]], lines: 6 });
    expect(rows(archive, "select untracked_at from tracked_tasks order by task_id")).toEqual([
      { untracked_at: null },
      { untracked_at: null },
    ]);
    expect(rows(archive, "select name, lines, seq from journal_files order by name")).toEqual([
      { name: "2026-10.ndjson", lines: 2, seq: 5 },
      { name: "2026-12.ndjson", lines: 3, seq: 2 },
      { name: "2027-01.ndjson", lines: 1, seq: 0 },
    ]);
  });

  it("leaves files of other archives out, and names them", async () => {
    put("2026-10.ndjson", own(THEIRS, 1), { ...track(1), seq: 1 });
    put("2026-11.ndjson", own(OURS, 1), { ...track(2), seq: 1 });
    const found = await replay();
    expect(found.foreign).toEqual([{ file: "2026-10.ndjson", archiveId: THEIRS }]);
    expect(found.held.map(({ name }) => name)).toEqual(["2026-11.ndjson"]);
    expect(ids()).toEqual([task(2)]);
    expect(journalProblems(found)).toEqual([`2026-10.ndjson belongs to archive ${THEIRS}`]);
  });

  it("ends where another database does, file by file", async () => {
    put("2026-11.ndjson", own(OURS, 1), { ...track(1), seq: 1 }, { ...track(2), seq: 2 });
    put("2026-12.ndjson", own(OURS, 3), { ...track(3), seq: 3 });
    using other = temporaryArchive();
    const { held } = await replayJournal(other.db, {
      home: archive.home,
      archiveId: OURS,
      signal: new AbortController().signal,
    });
    const upTo = held
      .slice(0, 1)
      .map((file) => ({ ...file, bytes: file.bytes - `${JSON.stringify({ ...track(2), seq: 2 })}\n`.length }));
    await replay({ upTo });
    expect(ids()).toEqual([task(1)]);
  });

  it("finds the gaps between its numbers, one or several wide, and none before the first it should have", async () => {
    put("2026-11.ndjson", own(OURS, 2), { ...track(1), seq: 3 }, { ...track(2), seq: 5 }, { ...track(3), seq: 9 });
    const found = await replay();
    expect(found.gaps).toEqual([
      [1, 1],
      [4, 4],
      [6, 8],
    ]);
    expect(journalProblems(found)).toEqual([
      "change 1 is missing",
      "change 4 is missing",
      "changes 6 to 8 are missing",
    ]);
  });

  it("knows by their digests whether the lines are those that another database holds", async () => {
    put("2026-11.ndjson", own(OURS, 2), { ...track(1), seq: 2 }, { ...track(2), seq: 4 });
    using other = temporaryArchive();
    const { held } = await replayJournal(other.db, {
      home: archive.home,
      archiveId: OURS,
      signal: new AbortController().signal,
    });
    expect(await replay({ compared: held })).toMatchObject({ isSame: true, gaps: [] });
    for (const change of [{ digest: "other" }, { bytes: 3 }, { name: "2026-12.ndjson" }]) {
      using scratch = temporaryArchive();
      const options = { home: archive.home, archiveId: OURS, signal: new AbortController().signal };
      const found = await replayJournal(scratch.db, { ...options, compared: [{ ...held[0]!, ...change }] });
      expect(found).toMatchObject({
        isSame: false,
        gaps: [
          [1, 1],
          [3, 3],
        ],
      });
    }
    using scratch = temporaryArchive();
    const options = { home: archive.home, archiveId: OURS, signal: new AbortController().signal };
    expect(await replayJournal(scratch.db, { ...options, compared: [nothingOf("2025-01.ndjson")] })).toMatchObject({
      isSame: true,
      gaps: [],
    });
  });

  it("says that its lines are others when nothing else is wrong with them", async () => {
    put("2026-11.ndjson", own(OURS, 1), { ...track(1), seq: 1 });
    const found = await replay({ compared: [{ name: "2026-11.ndjson", bytes: 9, lines: 1, digest: "x", seq: 1 }] });
    expect(journalProblems(found)).toEqual(["its lines are not those that the database was made from"]);
    expect(journalProblems({ ...found, isSame: true })).toEqual([]);
    expect(journalProblems({ ...found, damaged: [{ file: "f", line: 3, why: "w" }] })).toEqual(["f line 3: w"]);
  });

  it("does not hold a torn last line, which may still be growing", async () => {
    put("2026-11.ndjson", own(OURS, 1), { ...track(1), seq: 1 }, '{"type":"tra');
    const { held, torn } = await replay();
    expect({ torn, lines: held[0]?.lines }).toEqual({ torn: 1, lines: 2 });
  });

  it("tracks every task whose line is missing, with the state of its record, and brings states in step", async () => {
    put("2026-11.ndjson", own(OURS, 1), { ...document(1), seq: 1 }, { ...track(2), seq: 2 });
    await replay();
    expect(
      rows(archive, "select task_id, source, added_at, state, attempts, next_check_at from tracked_tasks order by 1"),
    ).toEqual([
      { task_id: task(1), source: "journal", added_at: NOW, state: "succeeded", attempts: 1, next_check_at: null },
      { task_id: task(2), source: "test", added_at: NOW, state: "pending", attempts: 0, next_check_at: null },
    ]);
  });

  it("stops when it is interrupted, with the reason, and leaves no transaction open", async () => {
    put("2026-11.ndjson", own(OURS, 1), ...Array.from({ length: 2100 }, (_, n) => ({ ...track(n), seq: n + 1 })));
    const stop = new AbortController();
    const onLine = (lines: number) => lines === 5 && stop.abort(new Error("enough"));
    await expect(replay({ signal: stop.signal, onLine })).rejects.toThrow("enough");
    expect(archive.db.$client.inTransaction).toBe(false);
  });

  it("makes the rows that were written, whatever came between two records of one clip", async () => {
    using written = temporaryArchive();
    const { db, journal } = written;
    const [one, two] = [clip(1), clip(2)];
    const song = (n: number, more: object = {}) => {
      const data = [{ id: clip(n), title: `Song ${n}`, state: "succeeded", audio_url: "https://a.example/1", ...more }];
      return {
        id: task(n),
        type: "audios",
        finished_at: 2,
        request: { prompt: "x" },
        response: { success: true, data },
      };
    };
    const store = (n: number) => {
      const {
        type: _type,
        at: _at,
        taskId: _taskId,
        clipId: _clipId,
        kind: _kind,
        ...facts
      } = stored(n) as Extract<JournalEntry, { type: "stored" }>;
      const row = db
        .select()
        .from(assets)
        .where(eq(assets.clipId, clip(n)))
        .get()!;
      createAssetWriter(db, journal).markStored(row, facts, NOW + 1);
    };
    const cover = { image_url: "https://a.example/c.jpg" };
    saveAll(written, [song(1), song(2)]);
    store(1);
    markRemoved(written, [one], NOW + 2);
    saveAll(written, [song(1, { ...cover, title: "Renamed" }), song(2, { audio_url: "https://b.example/1" })]);
    store(2);
    changeTags(written, [one, two], { added: ["calm"], removed: [] }, NOW + 3);
    unmarkRemoved(written, [one], new Map([[1, "2d/x.m4a"]]), NOW + 4);
    saveAll(written, [
      result(task(3), JSON.stringify({ task_id: task(3), success: true, data: [{ id: clip(3), ...cover }] })),
    ]);
    saveAll(written, [
      result(task(4), JSON.stringify({ task_id: task(4), data: [{ id: clip(4), state: "succeeded", ...cover }] })),
    ]);
    markRemoved(written, [two], NOW + 5);
    purgeTexts(written, [two], NOW + 5);
    saveAll(written, [song(2, { ...cover, title: "Again" })]);
    untrack(written, [task(2)], NOW + 6);
    const signal = new AbortController().signal;
    await replayJournal(archive.db, { home: written.home, archiveId: archiveId(db), signal });
    for (const query of [
      "select * from tasks order by id",
      "select * from task_documents order by task_id, version",
      "select * from clips order by rowid_key",
      "select id, clip_id, kind, url, path, state, sha256, stored_at, removed_at, trash_path from assets order by id",
      "select task_id, source, added_at, untracked_at, state from tracked_tasks order by task_id",
      "select * from clip_tags order by clip_id, tag",
      "select * from journal_files",
    ])
      expect(rows(archive, query)).toEqual(rows(written, query));
  });

  it("holds every whole line to the last, a damaged one too, and files of which nothing is there", async () => {
    put("2026-10.ndjson");
    put("2026-11.ndjson", own(OURS, 1), { ...document(1), seq: 1 }, "nonsense");
    const { held, documents } = await replay();
    expect(held.map(({ name, lines }) => [name, lines])).toEqual([
      ["2026-10.ndjson", 0],
      ["2026-11.ndjson", 3],
    ]);
    expect([documents, rows(archive, "select id from tasks")]).toEqual([1, [{ id: task(1) }]]);
  });

  it("compares and ends file by file: one file that differs is enough", async () => {
    put("2026-11.ndjson", own(OURS, 1), { ...track(1), seq: 1 });
    put("2026-12.ndjson", own(OURS, 2), { ...track(2), seq: 2 }, { ...track(3), seq: 4 });
    const options = { home: archive.home, archiveId: OURS, signal: new AbortController().signal };
    const [one, two] = (await replay()).held as [Held[number], Held[number]];
    for (const [compared, isSame] of [
      [[one, two], true],
      [[one, { ...two, digest: "x" }], false],
      [[{ ...one, digest: "x" }, two], false],
    ] as const) {
      using scratch = temporaryArchive();
      expect((await replayJournal(scratch.db, { ...options, compared: [...compared] })).isSame).toBe(isSame);
    }
    using scratch = temporaryArchive();
    const last = `${JSON.stringify({ ...track(3), seq: 4 })}\n`.length;
    await replayJournal(scratch.db, { ...options, upTo: [one, { ...two, bytes: two.bytes - last }] });
    expect(rows(scratch, "select task_id from tracked_tasks order by 1")).toEqual([
      { task_id: task(1) },
      { task_id: task(2) },
    ]);
  });

  it("finds no gap where lines are in another order", async () => {
    put("2026-11.ndjson", own(OURS, 1), { ...track(1), seq: 3 }, { ...track(2), seq: 2 }, { ...track(3), seq: 10 });
    expect((await replay()).gaps).toEqual([[4, 9]]);
  });

  it("is of nobody else because its first line is of another kind", async () => {
    put("2026-11.ndjson", { ...track(1), archiveId: THEIRS, seq: 1 });
    expect((await replay()).foreign).toEqual([]);
    expect(journalFacts(archive.home)).toBeUndefined();
    put("2026-11.ndjson", "nonsense");
    expect((await replay()).foreign).toEqual([]);
    expect(journalFacts(archive.home)).toBeUndefined();
  });

  it("is of the archive that is likely, else of the one with most files", () => {
    expect(journalFacts(archive.home)).toBeUndefined();
    put("2026-08.ndjson", track(1));
    expect(journalFacts(archive.home)).toBeUndefined();
    put("2026-09.ndjson", own(THEIRS, 1, "demo"));
    put("2026-10.ndjson", own(OURS, 1));
    put("2026-11.ndjson", own(OURS, 2));
    expect(journalFacts(archive.home)).toEqual({ archive_id: OURS, created_at: "then", kind: "library" });
    expect(journalFacts(archive.home, [null, THEIRS, OURS])).toMatchObject({ archive_id: THEIRS, kind: "demo" });
    expect(journalFacts(archive.home, ["other", undefined, OURS])).toMatchObject({ archive_id: OURS });
    expect(journalFacts(archive.home, ["other"])).toMatchObject({ archive_id: OURS });
  });
});

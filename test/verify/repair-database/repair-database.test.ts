import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { archiveId } from "../../../src/archive/info.ts";
import { openJournal } from "../../../src/archive/journal/journal.ts";
import { createRecordSaver } from "../../../src/archive/records.ts";
import { track } from "../../../src/archive/tracking.ts";
import { openStore } from "../../../src/assets/store/store.ts";
import { openArchive } from "../../../src/db/archive-file.ts";
import type { Database } from "../../../src/db/connection.ts";
import { checkWholeDatabase } from "../../../src/verify/database/check-contents.ts";
import { purgeClips } from "../../../src/remove/purge.ts";
import { undoRemoval, removeClips } from "../../../src/remove/remove.ts";
import { repairDatabase } from "../../../src/verify/repair-database/repair-database.ts";
import { incoming } from "../../archive/saving.ts";
import { dump } from "../../helpers/temporary-archive.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const signal = new AbortController().signal;
let whole: string;

/** An archive with every kind of task, and a task with two versions. */
beforeAll(async () => {
  whole = mkdtempSync(join(tmpdir(), "mirror-whole-"));
  await using world = await makeWorld({ tasks: 8 });
  expectCode(await world.mirror("sync"), 0);
  const [id = ""] = world.ids;
  const record = structuredClone(world.standIn.records.get(id)) as { response: { data: { title: string }[] } };
  record.response.data[0]!.title = "Another title";
  world.standIn.records.set(id, record);
  expectCode(await world.mirror("sync", "--refresh"), 0);
  cpSync(world.home, whole, { recursive: true });
});

afterAll(() => rmSync(whole, { recursive: true, force: true }));

type Copy = Disposable & { home: string; db: Database; journalFile: string };

function copy(): Copy {
  const home = mkdtempSync(join(tmpdir(), "mirror-repair-"));
  cpSync(whole, home, { recursive: true });
  const db = openArchive(home);
  const [name = ""] = readdirSync(join(home, "journal"));
  const dispose = () => {
    db.$client.close();
    rmSync(home, { recursive: true, force: true });
  };
  return { home, db, journalFile: join(home, "journal", name), [Symbol.dispose]: dispose };
}

const check = async ({ db, home }: Copy, full = true) => {
  const { ok, problems } = await checkWholeDatabase({ db, home, signal }, full);
  expect(ok).toBe(problems.length === 0);
  return problems;
};

const repair = ({ db, home }: Copy) =>
  repairDatabase({
    db,
    home,
    signal,
    store: openStore(join(home, "assets"), archiveId(db)),
    journal: openJournal(home),
    now: () => Date.UTC(2026, 10, 23),
  });

/** All rows that come from documents or from the journal. */
const rowsIn = ({ db }: Copy) =>
  ["tasks", "task_documents", "clips", "task_clips", "clips_fts"].map((name) =>
    db.$client.prepare(`select * from ${name} order by 1, 2`).all(),
  );

const run = ({ db }: Copy, statement: string) => {
  db.$client.pragma("foreign_keys = off");
  const { changes } = db.$client.prepare(statement).run();
  db.$client.pragma("foreign_keys = on");
  expect(changes).toBeGreaterThan(0);
};

const FIRST = "(select id from tasks order by id limit 1)";

/** What is damaged, how, in which part the problem is reported, and what the report says. */
const DAMAGES: [string, string, string, RegExp, { quick?: true }?][] = [
  [
    "a column of a task",
    `update tasks set model = 'x', prompt = null where id = ${FIRST}`,
    "rows",
    /^task \S+: differs from its document in model, prompt$/,
  ],
  ["the state of a task", `update tasks set state = 'failed', state_reason = 'x' where id = ${FIRST}`, "rows", /state/],
  [
    "the tracking of a task",
    "delete from tracked_tasks where rowid = 2",
    "rows",
    /it is in the archive, but not tracked/,
    { quick: true },
  ],
  [
    "what tracking says",
    "update tracked_tasks set state = 'failed' where rowid = 2",
    "rows",
    /its state is succeeded, but tracking has failed/,
  ],
  [
    "the words of a clip",
    "update clips set lyric = 'other words', title = null where rowid_key = 2",
    "rows",
    /^clip \S+: differs from its document in title, lyric$/,
  ],
  ["the position of a clip", "delete from task_clips where rowid = 3", "rows", /is not at position 0/],
  ["the row of a file", "delete from assets where id = 3", "rows", /it has no row/],
  [
    "the URL of a file",
    "update assets set url = 'https://example.org/x' where id = 3",
    "rows",
    /its URL is not the one/,
  ],
  [
    "the text of a document",
    `update task_documents set document = replace(document, '"title"', '"tytle"') where task_id = ${FIRST}`,
    "documents",
    /document \d of task \S+: its text does not match its sha256/,
  ],
  [
    "a document itself",
    `delete from task_documents where task_id = ${FIRST} and version = (select document_version from tasks where id = ${FIRST})`,
    "documents",
    /its current document is missing/,
    { quick: true },
  ],
  [
    "the version of a task",
    `update tasks set document_version = 9 where id = ${FIRST}`,
    "documents",
    /its current document is missing/,
    { quick: true },
  ],
  ["the index of a clip", "delete from clips_fts where rowid = 2", "index", /^clip \S+: not indexed$/, { quick: true }],
  [
    "the words of the index",
    "update clips_fts set lyric = 'wrong' where rowid = 2",
    "index",
    /indexed with other words/,
  ],
  [
    "a clip that is none",
    "insert into clips_fts (rowid, title) values (999, 'ghost')",
    "index",
    /the index has words of row 999, which is not a clip/,
    { quick: true },
  ],
];

describe("check and repair of the database", () => {
  it("finds nothing in a sound database, and repair changes nothing", async () => {
    using archive = copy();
    expect(await check(archive)).toEqual([]);
    const before = [dump(archive.db), readFileSync(archive.journalFile, "utf8")];
    expect(await repair(archive)).toEqual([]);
    expect([dump(archive.db), readFileSync(archive.journalFile, "utf8")]).toEqual(before);
  });

  it.each(DAMAGES)(
    "finds damage to %s and repairs it",
    async (_what, statement, part, text, { quick = false } = {}) => {
      using archive = copy();
      const before = rowsIn(archive);
      run(archive, statement);
      const problems = await check(archive);
      expect(problems).toContainEqual({ part, text: expect.stringMatching(text) as string });
      expect((await check(archive, false)).length > 0).toBe(quick);
      expect(await repair(archive)).not.toEqual([]);
      expect(await check(archive)).toEqual([]);
      expect(rowsIn(archive)).toEqual(before);
    },
  );

  it("creates a row again that other rows refer to", async () => {
    using archive = copy();
    run(archive, "delete from clips where rowid_key = 2");
    expect((await check(archive)).map(({ text }) => text)).toContainEqual(
      expect.stringContaining("refers to a row of clips"),
    );
    await repair(archive);
    expect(await check(archive)).toEqual([]);
  });

  it("creates the row of a task again, from its current version", async () => {
    using archive = copy();
    const before = rowsIn(archive);
    run(archive, `delete from tasks where id = ${FIRST}`);
    expect((await check(archive)).map(({ text }) => text)).toContainEqual(
      expect.stringContaining("refers to a row of tasks"),
    );
    expect(await repair(archive)).toContain("1 task row was created again from documents");
    expect(await check(archive)).toEqual([]);
    expect(rowsIn(archive)).toEqual(before);
  });

  it.each([
    ["path = '../../etc/passwd'", "the path in its row leads out of the assets folder"],
    ["sha256 = '00'", "the size or digest in its row is not in the journal"],
    ["bytes = 7", "the size or digest in its row is not in the journal"],
  ])(
    "repairs the row of a file from the journal when the file on the disk matches the journal: %s",
    async (change, why) => {
      using archive = copy();
      const rows = () => archive.db.$client.prepare("select * from assets").all();
      const [before, lines] = [rows(), readFileSync(archive.journalFile, "utf8")];
      run(archive, `update assets set ${change} where id = 3`);
      expect(await check(archive)).toEqual([{ part: "rows", text: expect.stringMatching(`: ${why}$`) as string }]);
      expect(await repair(archive)).toEqual(["1 file row was repaired from the journal"]);
      expect(await check(archive)).toEqual([]);
      expect([rows(), readFileSync(archive.journalFile, "utf8")]).toEqual([before, lines]);
    },
  );

  it("leaves a digest as it is when neither the journal nor the file has it", async () => {
    using archive = copy();
    const path = archive.db.$client.prepare<[], string>("select path from assets where id = 3").pluck().get();
    rmSync(join(archive.home, "assets", path ?? ""));
    run(archive, "update assets set sha256 = '00' where id = 3");
    const lines = readFileSync(archive.journalFile, "utf8");
    expect(await repair(archive)).toEqual([]);
    expect(await check(archive)).toHaveLength(1);
    expect(readFileSync(archive.journalFile, "utf8")).toBe(lines);
  });

  it("adds the line of a file that was stored again and whose line a power cut lost", async () => {
    using archive = copy();
    const path = archive.db.$client.prepare<[], string>("select path from assets where id = 3").pluck().get();
    writeFileSync(join(archive.home, "assets", path ?? ""), "other bytes");
    const sha256 = createHash("sha256").update("other bytes").digest("hex");
    run(archive, `update assets set sha256 = '${sha256}', bytes = 11 where id = 3`);
    expect(await repair(archive)).toEqual(["1 line was added to the journal"]);
    expect(await check(archive)).toEqual([]);
  });

  it("rebuilds a full-text index that is damaged", async () => {
    using archive = copy();
    archive.db.$client.unsafeMode(true);
    run(archive, "update clips_fts_data set block = zeroblob(40) where id > 10");
    expect(await check(archive)).not.toEqual([]);
    expect(await repair(archive)).toEqual(["the indexes were rebuilt"]);
    expect(await check(archive)).toEqual([]);
  });

  it("accepts the texts of a clip from any task that contains it", async () => {
    using archive = copy();
    const [one, other] = archive.db.$client.prepare<[], string>("select id from tasks order by id").pluck().all();
    const text = archive.db.$client
      .prepare<[string], string>("select document from task_documents where task_id = ? order by version desc")
      .pluck()
      .get(one ?? "");
    const record = JSON.parse(text ?? "") as { id: string; response: { data: { title: string }[] } };
    record.id = "5d7a3f4e-0000-4000-8000-000000000001";
    record.response.data[0]!.title = "As the other task calls it";
    const journal = openJournal(archive.home);
    track({ db: archive.db, journal }, [record.id], { source: "test", now: 1, explicit: true });
    createRecordSaver(archive.db, journal)([incoming(JSON.stringify(record))], { now: 2, nextCheckAt: () => null });
    expect(other).toBeDefined();
    expect(await check(archive)).toEqual([]);
  });
});

describe("repair of the journal", () => {
  it("adds missing lines, so that a rebuild loses nothing", async () => {
    using archive = copy();
    const lines = readFileSync(archive.journalFile, "utf8").split("\n");
    const types = /"type":"(document|track|stored)"/;
    writeFileSync(archive.journalFile, lines.filter((line) => !types.test(line)).join("\n"));
    const problems = await check(archive);
    expect(problems).toContainEqual({
      part: "journal",
      text: expect.stringMatching(/^document 1 of task \S+: it is missing from the journal$/) as string,
    });
    expect(problems).toContainEqual({
      part: "journal",
      text: expect.stringMatching(/^task id \S+: the journal does not record/) as string,
    });
    expect(await repair(archive)).toEqual([expect.stringMatching(/^\d+ lines were added to the journal$/)]);
    expect(await check(archive)).toEqual([]);
    expect(readFileSync(archive.journalFile, "utf8").match(/"type":"stored"/g)).toHaveLength(16);
  });

  it("moves a damaged line, byte for byte, to a .bad file once its contents are in the journal again", async () => {
    using archive = copy();
    const lines = readFileSync(archive.journalFile, "utf8").trimEnd().split("\n");
    const at = lines.findIndex((line) => line.includes('"type":"document"'));
    const bad = Buffer.from(lines[at] ?? "");
    bad[20] = 0xff;
    bad[21] = 0x22;
    const pieces = [...lines.slice(0, at), bad, ...lines.slice(at + 1)].flatMap((line) => [
      Buffer.from(line),
      Buffer.from("\n"),
    ]);
    writeFileSync(archive.journalFile, Buffer.concat(pieces));
    expect((await check(archive)).map(({ text }) => text)).toContainEqual(
      expect.stringMatching(new RegExp(`line ${at + 1}: `)),
    );
    expect(await repair(archive)).toContain("1 damaged line of the journal moved to a .bad file");
    expect(await check(archive)).toEqual([]);
    expect(readFileSync(`${archive.journalFile}.bad`)).toEqual(Buffer.concat([bad, Buffer.from("\n")]));
    expect(statSync(`${archive.journalFile}.bad`).mode & 0o777).toBe(0o600);
    expect(statSync(archive.journalFile).mode & 0o777).toBe(0o600);
    expect(existsSync(`${archive.journalFile}.new`)).toBe(false);
    const whole = new Set(lines.toSpliced(at, 1));
    const kept = readFileSync(archive.journalFile, "utf8")
      .split("\n")
      .filter((line) => whole.has(line));
    expect(kept).toEqual(lines.toSpliced(at, 1));
  });

  it("adds the line of a removed song", async () => {
    using archive = copy();
    run(archive, "update clips set removed_at = 5 where rowid_key = 2");
    expect(await check(archive)).toEqual([
      {
        part: "journal",
        text: expect.stringMatching(/^clip \S+: the journal does not record that it was removed$/) as string,
      },
    ]);
    expect(await repair(archive)).toEqual(["1 line was added to the journal"]);
    expect(await check(archive)).toEqual([]);
    expect(readFileSync(archive.journalFile, "utf8")).toMatch(/"type":"remove","at":5/);
  });

  it("finds nothing in an archive with removed and purged songs", async () => {
    using archive = copy();
    const ids = archive.db.$client.prepare<[], string>("select id from clips order by rowid_key").pluck().all();
    const store = openStore(join(archive.home, "assets"), archiveId(archive.db));
    const deps = { ...archive, store, journal: openJournal(archive.home), now: Date.now, signal };
    await removeClips(deps, ids.slice(0, 2));
    await purgeClips(deps, ids.slice(2, 4));
    expect(await check(archive)).toEqual([]);
    expect(await repair(archive)).toEqual([]);
    await undoRemoval(deps, ids.slice(0, 1));
    expect(await check(archive)).toEqual([]);
  });

  it("accepts a torn last line, and line types of a newer program", async () => {
    using archive = copy();
    appendFileSync(archive.journalFile, '{"type":"wish","at":1}\n{"type":"docum');
    expect(await check(archive)).toEqual([]);
  });

  it("still reports damage that neither the journal nor the database can repair", async () => {
    using archive = copy();
    run(archive, `update task_documents set document = 'gone' where task_id = ${FIRST}`);
    rmSync(archive.journalFile);
    await repair(archive);
    expect(await check(archive)).toContainEqual({
      part: "documents",
      text: expect.stringContaining("does not match its sha256") as string,
    });
  });
});

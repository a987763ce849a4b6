import Sqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import type { Journal } from "../../src/archive/journal/entry.ts";
import { write } from "../../src/archive/transaction.ts";
import { createRecordSaver } from "../../src/archive/records.ts";
import { track } from "../../src/archive/tracking.ts";
import type { ReceivedRecord } from "../../src/api/client.ts";
import { sliceRecords } from "../../src/record/slice.ts";
import { readRecord } from "../../src/record/wire.ts";
import { matchRecords } from "../../src/sync/tasks/match-records.ts";
import { fixture, fixtureText } from "../helpers/fixture.ts";
import { dump, temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { incoming, NOW, result, rows, saveAll, value } from "./saving.ts";

type Song = Record<string, unknown>;
type Fixture = Record<string, unknown> & {
  id: string;
  request: Song;
  response: Record<string, unknown> & { data: Song[] };
};

const REAL = fixture<Fixture>("retrieve.json");
const CALLBACK = fixtureText("callback.json").trim();
const BOOKKEEPING = ["journal_files", "sync_runs", "tracked_tasks", "sqlite_sequence"];

/** The real record with fields of its only song, of its response or of itself put over. */
function changed({ clip = {}, response = {}, ...fields }: { clip?: Song; response?: Song } & Song = {}): Fixture {
  const [first] = REAL.response.data;
  return { ...REAL, ...fields, response: { ...REAL.response, data: [{ ...first, ...clip }], ...response } };
}

const PENDING = { ...REAL, response: null, finished_at: null };
const TWO = changed({
  response: { data: [REAL.response.data[0], { ...REAL.response.data[0], id: "2dd08826-478e-43a6-868f-aff5ababac2c" }] },
});

function versions(archive: TemporaryArchive): unknown[] {
  return rows(archive, "select version, kind from task_documents order by version").map(({ version, kind }) =>
    [version, kind].join(" "),
  );
}

describe("D52: what is archived never goes back", () => {
  it.each([
    ["a record that is pending again", PENDING],
    ["a record without its response", { ...REAL, response: undefined }],
    ["a record that now failed", { ...REAL, response: { success: false, error: { code: "api_error", message: "x" } } }],
    ["a record with success: false", changed({ response: { success: false } })],
    ["a shorter list of clips", REAL],
    ["an empty list of clips", changed({ response: { data: [] } })],
    [
      "a title and a lyric of null",
      changed({ response: { data: TWO.response.data.map((clip) => ({ ...clip, title: null, lyric: "" })) } }),
    ],
    ["no audio URL", changed({ response: { data: TWO.response.data.map((clip) => ({ ...clip, audio_url: null })) } })],
    ["no cover", changed({ response: { data: TWO.response.data.map((clip) => ({ ...clip, image_url: null })) } })],
    ["a request that was cleared", { ...TWO, request: {} }],
    [
      "a time of its own that is gone",
      changed({ response: { data: TWO.response.data.map((clip) => ({ ...clip, created_at: null })) } }),
    ],
  ])("%s is kept as a version and no more", (_what, poorer) => {
    using archive = temporaryArchive();
    saveAll(archive, [TWO]);
    const before = dump(archive.db, [...BOOKKEEPING, "task_documents"]);
    const [saved] = saveAll(archive, [poorer]);
    expect(saved).toMatchObject({ state: "succeeded", clipsNew: 0, clipsUpdated: 0, assetsWanted: [] });
    expect(dump(archive.db, [...BOOKKEEPING, "task_documents"])).toBe(before);
    expect(versions(archive)).toEqual(["1 record", "2 record"]);
    expect(value(archive, "select state from tracked_tasks")).toBe("succeeded");
    expect(value(archive, "select document_version from tasks")).toBe(1);
  });

  it("takes what is new and leaves what went away, when both come at once", () => {
    using archive = temporaryArchive();
    saveAll(archive, [TWO, changed({ clip: { title: "Renamed", lyric: null } })]);
    expect(rows(archive, "select title, lyric is not null as lyric from clips order by id")).toEqual([
      { title: "Renamed", lyric: 1 },
      { title: "Woke up with the sun in my eyes", lyric: 1 },
    ]);
    expect(value(archive, "select document_version from tasks")).toBe(2);
    expect(value(archive, "select count(*) from task_clips")).toBe(2);
    expect(value(archive, "select count(*) from assets")).toBe(4);
  });

  it("follows a title that changed, and finds the song by it", () => {
    using archive = temporaryArchive();
    const [, saved] = saveAll(archive, [REAL, changed({ clip: { title: "Quietly renamed" } })]);
    expect(saved).toMatchObject({ change: "updated", clipsNew: 0, clipsUpdated: 1 });
    expect(value(archive, "select count(*) from clips_fts where clips_fts match 'quietly'")).toBe(1);
    expect(value(archive, "select count(*) from clips_fts where clips_fts match 'woke AND sun AND eyes'")).toBe(0);
  });

  it("goes on from pending to succeeded, and wants its files only then", () => {
    using archive = temporaryArchive();
    const preview = changed({ clip: { state: "pending", audio_url: "https://x/preview" }, finished_at: null });
    const [first, second] = saveAll(archive, [preview, REAL]);
    expect(first).toMatchObject({ change: "new", state: "pending", assetsWanted: [] });
    expect(second).toMatchObject({ change: "updated", state: "succeeded", assetsWanted: ["audio", "image"] });
    expect(value(archive, "select url from assets where kind = 'audio'")).toBe(REAL.response.data[0]?.["audio_url"]);
    expect(value(archive, "select next_check_at from tracked_tasks")).toBeNull();
  });

  it("goes on from failed to succeeded, and forgets the error", () => {
    using archive = temporaryArchive();
    saveAll(archive, [{ ...REAL, response: { success: false, error: { code: "api_error", message: "x" } } }, REAL]);
    expect(rows(archive, "select state, error_code, error_message from tasks")).toEqual([
      { state: "succeeded", error_code: null, error_message: null },
    ]);
  });

  it("keeps a clip's best state and its first task, whichever task shows it later", () => {
    using archive = temporaryArchive();
    const other = {
      ...changed({ clip: { state: "failed", audio_url: null } }),
      id: "2a6ac2ad-10f2-4e2b-b500-66ec27fe82ad",
      request: { action: "cover" },
    };
    saveAll(archive, [REAL, other]);
    expect(rows(archive, "select task_id, state, action from clips")).toEqual([
      { task_id: REAL.id, state: "succeeded", action: "generate" },
    ]);
    expect(value(archive, "select count(*) from task_clips")).toBe(2);
  });
});

describe("D52: versions", () => {
  it("I9: an answer that says the same writes bookkeeping and nothing else", () => {
    using archive = temporaryArchive();
    saveAll(archive, [REAL, TWO]);
    const before = dump(archive.db, BOOKKEEPING);
    const [saved] = saveAll(archive, [TWO]);
    expect(saved?.change).toBe("unchanged");
    expect(dump(archive.db, BOOKKEEPING)).toBe(before);
    expect(value(archive, "select attempts from tracked_tasks")).toBe(3);
  });

  it("another order of keys and other blanks are no version", () => {
    using archive = temporaryArchive();
    saveAll(archive, [REAL]);
    const before = dump(archive.db, BOOKKEEPING);
    const turned = JSON.stringify(Object.fromEntries(Object.entries(REAL).toReversed()), null, 3);
    expect(saveAll(archive, [turned])[0]?.change).toBe("unchanged");
    expect(dump(archive.db, BOOKKEEPING)).toBe(before);
  });

  it("a list that became an object is a version", () => {
    using archive = temporaryArchive();
    saveAll(archive, [changed({ more: [] }), changed({ more: {} })]);
    expect(versions(archive)).toHaveLength(2);
  });

  it("an answer that goes to and fro makes two, also when its keys are shuffled", () => {
    using archive = temporaryArchive();
    const [one, other] = [REAL, changed({ clip: { title: "Other" } })];
    const shuffled = Object.fromEntries(Object.entries(REAL).toReversed());
    saveAll(archive, [one, other, one, other, shuffled, other, one]);
    expect(versions(archive)).toHaveLength(2);
    expect(value(archive, "select title from clips")).toBe("Woke up with the sun in my eyes");
    expect(value(archive, "select document_version from tasks")).toBe(1);
  });

  it("unknown fields survive in the text", () => {
    using archive = temporaryArchive();
    saveAll(archive, [changed({ brand_new: { deep: [1.5] } })]);
    expect(value(archive, "select json_extract(document, '$.brand_new.deep[0]') from task_documents")).toBe(1.5);
  });
});

describe("D50: the same id twice in one answer", () => {
  const body = fixtureText("retrieve_batch_same_id_twice.json");
  const [plain = "", full = ""] = sliceRecords(body).records;

  function answers(...documents: string[]): ReceivedRecord[] {
    return documents.map((document) => ({ document, reading: readRecord(document) }));
  }

  function take(archive: TemporaryArchive, ...documents: string[]) {
    track(archive, [REAL.id], { source: "test", now: NOW, explicit: true });
    const matched = matchRecords([REAL.id], answers(...documents));
    return createRecordSaver(archive.db, archive.journal)(matched.incoming, { now: NOW, nextCheckAt: () => null });
  }

  it("keeps the first as current, and the copy that differs as a version", () => {
    using archive = temporaryArchive();
    expect(take(archive, plain, full)).toHaveLength(1);
    expect(rows(archive, "select version, document from task_documents order by version")).toEqual([
      { version: 1, document: plain },
      { version: 2, document: full },
    ]);
    expect(value(archive, "select document_version from tasks")).toBe(1);
    const before = dump(archive.db, BOOKKEEPING);
    expect(take(archive, plain, full)[0]?.change).toBe("unchanged");
    expect(dump(archive.db, BOOKKEEPING)).toBe(before);
  });

  it.each([
    ["pending", JSON.stringify(PENDING)],
    ["with less media", JSON.stringify(changed({ clip: { image_url: null } }))],
    ["partial", JSON.stringify(changed({ response: { success: false } }))],
  ])("the richer is current where the other is %s, whichever comes first", (_what, poorer) => {
    for (const order of [
      [poorer, plain],
      [plain, poorer],
    ]) {
      using archive = temporaryArchive();
      take(archive, ...order);
      expect(value(archive, "select document from task_documents, tasks where version = document_version")).toBe(plain);
      expect(value(archive, "select count(*) from task_documents")).toBe(2);
      expect(rows(archive, "select state, attempts from tracked_tasks")).toEqual([{ state: "succeeded", attempts: 1 }]);
    }
  });

  it("copies that are the same are one", () => {
    using archive = temporaryArchive();
    take(archive, plain, plain, full, full);
    expect(versions(archive)).toHaveLength(2);
  });
});

describe("results of callbacks", () => {
  it("are current until a record comes, which then replaces them", () => {
    using archive = temporaryArchive();
    const save = createRecordSaver(archive.db, archive.journal);
    saveAll(archive, [result(REAL.id, CALLBACK)], save);
    expect(rows(archive, "select state, title, user_id from tasks")).toEqual([
      { state: "succeeded", title: null, user_id: null },
    ]);
    expect(value(archive, "select count(*) from assets")).toBe(2);
    saveAll(archive, [fixtureText("retrieve.json").trim()], save);
    expect(versions(archive)).toEqual(["1 result", "2 record"]);
    expect(rows(archive, "select document_version, user_id, action from tasks")).toEqual([
      { document_version: 2, user_id: REAL["user_id"], action: "generate" },
    ]);
  });

  it("never replace a record that has as much", () => {
    using archive = temporaryArchive();
    saveAll(archive, [REAL]);
    const before = dump(archive.db, [...BOOKKEEPING, "task_documents"]);
    saveAll(archive, [result(REAL.id, CALLBACK.replace("Woke up", "Got up"))]);
    expect(dump(archive.db, [...BOOKKEEPING, "task_documents"])).toBe(before);
    expect(versions(archive)).toEqual(["1 record", "2 result"]);
  });

  it("a record beats a result even where it says less about the songs", () => {
    using archive = temporaryArchive();
    saveAll(archive, [result(REAL.id, CALLBACK), changed({ clip: { lyric: null } })]);
    expect(value(archive, "select document_version from tasks")).toBe(2);
    expect(value(archive, "select lyric is not null from clips")).toBe(1);
  });

  it("end a task that was pending", () => {
    using archive = temporaryArchive();
    saveAll(archive, [PENDING, result(REAL.id, CALLBACK)]);
    expect(rows(archive, "select state, action from tasks")).toEqual([{ state: "succeeded", action: "generate" }]);
  });
});

describe("saving", () => {
  it("I12: keeps all of an answer or nothing: a journal that cannot be written leaves no row", () => {
    using archive = temporaryArchive();
    const full = () => {
      throw new Error("no space left on the device");
    };
    const broken: Journal = { write: (work) => write(archive.db, () => work(full)) };
    const save = createRecordSaver(archive.db, broken);
    const before = dump(archive.db);
    expect(() => save([incoming(JSON.stringify(REAL))], { now: NOW, nextCheckAt: () => null })).toThrow(
      "no space left",
    );
    expect(dump(archive.db)).toBe(before);
    expect(() =>
      track({ db: archive.db, journal: broken }, [REAL.id], { source: "test", now: NOW, explicit: true }),
    ).toThrow("no space left");
    expect(dump(archive.db)).toBe(before);
  });

  it("writes the journal before the commit: whoever looks meanwhile sees no row yet", () => {
    using archive = temporaryArchive();
    const counts: unknown[] = [];
    const look = (entries: unknown[]) => void counts.push(entries.length, outsideCount(archive.db.$client.name));
    const watching: Journal = { write: (work) => write(archive.db, () => work(look)) };
    createRecordSaver(archive.db, watching)([incoming(JSON.stringify(REAL))], { now: NOW, nextCheckAt: () => null });
    expect(counts).toEqual([1, 0]);
    expect(outsideCount(archive.db.$client.name)).toBe(1);
  });

  it("numbers clips without an id by their position", () => {
    using archive = temporaryArchive();
    saveAll(archive, [
      changed({
        response: {
          data: [
            { stems_url: "https://x/a.zip", state: "succeeded" },
            { audio_url: "https://x/a", state: "succeeded" },
          ],
        },
      }),
    ]);
    expect(rows(archive, "select id from clips order by rowid_key")).toEqual([
      { id: `${REAL.id}_0` },
      { id: `${REAL.id}_1` },
    ]);
  });

  it("keeps a moved URL of a stored file without asking for the file again, and asks for one that was gone", () => {
    using archive = temporaryArchive();
    saveAll(archive, [REAL]);
    archive.db.$client.exec(
      "update assets set state = case kind when 'audio' then 'stored' else 'gone' end, misses = 2",
    );
    saveAll(archive, [changed({ clip: { audio_url: "https://x/new.m4a", image_url: "https://x/new.jpg" } })]);
    expect(rows(archive, "select kind, url, state from assets order by kind")).toEqual([
      { kind: "audio", url: "https://x/new.m4a", state: "stored" },
      { kind: "image", url: "https://x/new.jpg", state: "wanted" },
    ]);
  });
});

function outsideCount(path: string): unknown {
  const client = new Sqlite(path, { readonly: true });
  try {
    return client.prepare("select count(*) from tasks").pluck().get();
  } finally {
    client.close();
  }
}

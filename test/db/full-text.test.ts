import { afterEach, beforeEach, expect, it } from "vitest";
import { createRecordSaver } from "../../src/archive/records.ts";
import { prepareBatchIndexing } from "../../src/db/full-text.ts";
import { makeRecord } from "../stand-in/make-record.ts";
import { searchClips } from "../../src/query/search/search.ts";
import { incoming, NOW, rows, value } from "../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";

let archive: TemporaryArchive;
beforeEach(() => void (archive = temporaryArchive()));
afterEach(() => archive[Symbol.dispose]());

const titled = (n: number, title: string) => incoming(JSON.stringify(makeRecord(n, { clip: { title } })));
const found = (word: string) => searchClips(archive.db, word, {}, "").map(({ title }) => title);
const save = (...records: ReturnType<typeof incoming>[]) =>
  createRecordSaver(archive.db, archive.journal)(records, { now: NOW, nextCheckAt: () => null });

it("indexes the clips of a batch, each once", () => {
  save(titled(1, "Quicksilver"), titled(2, "春江"));
  save(titled(2, "春江"), titled(3, "Marmalade"));
  expect([found("Quicksilver"), found("江"), found("Marmalade")]).toEqual([["Quicksilver"], ["春江"], ["Marmalade"]]);
  expect(rows(archive, "select rowid from clips_fts order by rowid")).toEqual(
    rows(archive, "select rowid_key as rowid from clips order by rowid_key"),
  );
});

it("indexes what a clip of the batch became in the same batch", () => {
  save(titled(1, "Quicksilver"), titled(1, "Marmalade"));
  expect(value(archive, "select title from clips")).toBe("Marmalade");
  expect([found("Quicksilver"), found("Marmalade")]).toEqual([[], ["Marmalade"]]);
});

it("goes on one by one after a batch that failed", () => {
  const together = prepareBatchIndexing(archive.db);
  const fail = () => {
    throw new Error("full");
  };
  expect(() => together(fail)).toThrow("full");
  save(titled(1, "Quicksilver"));
  archive.db.$client.exec(
    "insert into clips (id, task_id, title, state, first_seen_at, updated_at) select 'b', task_id, 'Marmalade', state, 0, 0 from clips",
  );
  expect(found("Marmalade")).toEqual(["Marmalade"]);
});

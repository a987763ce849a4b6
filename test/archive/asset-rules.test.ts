import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAssetWriter, readAsset, type AssetWriter } from "../../src/archive/assets.ts";
import { markRemoved } from "../../src/archive/removals.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { NOW, rows, saveAll } from "./saving.ts";

const TASK = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const FACTS = {
  path: "2a/clip.m4a",
  bytes: 5,
  sha256: "ab",
  contentType: "audio/mp4",
  etag: null,
  lastModified: null,
  durationSeconds: 3,
  proof: "boxes",
  note: null,
  httpStatus: 200,
};

let archive: TemporaryArchive;
let writer: AssetWriter;
const record = (url: string, title = "Neon") => ({
  id: TASK,
  type: "audios",
  finished_at: 2,
  request: {},
  response: { success: true, data: [{ id: "2a-clip", title, state: "succeeded", audio_url: url }] },
});
const asset = () => readAsset(archive.db, 1)!;

beforeEach(() => {
  archive = temporaryArchive();
  writer = createAssetWriter(archive.db, archive.journal);
  saveAll(archive, [record("https://a.example/1.m4a")]);
});
afterEach(() => archive[Symbol.dispose]());

describe("a URL that moved", () => {
  it("makes a missed file wanted again at once, without the misses of the old URL", () => {
    writer.markFailed(1, { message: "HTTP 404", httpStatus: 404, nextAttemptAt: NOW + 1000 });
    writer.markMissed(1, { firstMissAt: NOW, misses: 1, gone: false, nextAttemptAt: NOW + 1000 });
    saveAll(archive, [record("https://b.example/1.m4a")]);
    expect(asset()).toMatchObject({
      url: "https://b.example/1.m4a",
      state: "wanted",
      misses: 0,
      firstMissAt: null,
      nextAttemptAt: null,
    });
  });

  it("makes a file that is gone wanted again", () => {
    writer.markMissed(1, { firstMissAt: NOW, misses: 2, gone: true, nextAttemptAt: NOW + 1000 });
    saveAll(archive, [record("https://b.example/1.m4a")]);
    expect(asset()).toMatchObject({ state: "wanted", misses: 0 });
  });

  it("leaves a stored file stored", () => {
    writer.markStored(asset(), FACTS, NOW);
    saveAll(archive, [record("https://b.example/1.m4a")]);
    expect(asset()).toMatchObject({ url: "https://b.example/1.m4a", state: "stored", path: FACTS.path, sha256: "ab" });
  });

  it("leaves a removed file alone", () => {
    markRemoved(archive, ["2a-clip"], NOW);
    saveAll(archive, [record("https://b.example/1.m4a")]);
    expect(asset()).toMatchObject({ state: "gone", removedAt: NOW });
  });
});

it("the same URL in a newer record keeps misses and times", () => {
  writer.markMissed(1, { firstMissAt: NOW, misses: 1, gone: false, nextAttemptAt: NOW + 1000 });
  saveAll(archive, [record("https://a.example/1.m4a", "Neon II")]);
  expect(asset()).toMatchObject({ state: "failed", misses: 1, firstMissAt: NOW, nextAttemptAt: NOW + 1000 });
});

it("a stored file forgets failures and misses, and its line is in the journal", () => {
  writer.markFailed(1, { message: "HTTP 503", httpStatus: 503, nextAttemptAt: NOW + 1000 });
  writer.markMissed(1, { firstMissAt: NOW, misses: 1, gone: false, nextAttemptAt: NOW + 1000 });
  writer.markStored(asset(), FACTS, NOW + 5);
  expect(asset()).toMatchObject({
    ...FACTS,
    state: "stored",
    storedAt: NOW + 5,
    verifiedAt: NOW + 5,
    misses: 0,
    firstMissAt: null,
    lastError: null,
    nextAttemptAt: null,
    attempts: 2,
  });
  expect(rows(archive, "select lines from journal_files")).toEqual([{ lines: 4 }]);
});

it("files that are stored together are one change of the journal, and all or none", () => {
  const second = JSON.stringify(record("https://a.example/2.m4a"))
    .replace("2a-clip", "3a-clip")
    .replace(TASK, `2${TASK.slice(1)}`);
  saveAll(archive, [JSON.parse(second) as object]);
  const both = [readAsset(archive.db, 1)!, readAsset(archive.db, 2)!];
  const files = both.map((row) => ({ asset: row, file: { ...FACTS, path: `${row.id}.m4a` }, now: NOW }));
  const lines = () => rows(archive, "select sum(lines) as n from journal_files");
  const before = lines();
  archive.db.$client.exec(
    "create trigger no_second before update on assets when new.path = '2.m4a' begin select raise(abort, 'no'); end",
  );
  expect(() => writer.markAllStored(files)).toThrow("no");
  expect([lines(), rows(archive, "select count(*) as n from assets where state = 'stored'")]).toEqual([
    before,
    [{ n: 0 }],
  ]);
  archive.db.$client.exec("drop trigger no_second");
  writer.markAllStored(files);
  expect(rows(archive, "select path from assets where state = 'stored'")).toEqual(
    files.map(({ file }) => ({ path: file.path })),
  );
});

it("a file that was found again is stored, with the facts that it had", () => {
  writer.markStored(asset(), FACTS, NOW);
  archive.db.$client.exec("update assets set state = 'wanted', last_error = 'lost'");
  writer.markFound(1, NOW + 9);
  expect(asset()).toMatchObject({ ...FACTS, state: "stored", storedAt: NOW, verifiedAt: NOW + 9, lastError: null });
});

it("a failure keeps what was stored before, and counts", () => {
  writer.markStored(asset(), FACTS, NOW);
  writer.markFailed(1, { message: "HTTP 503", httpStatus: 503, nextAttemptAt: NOW + 1000 });
  expect(asset()).toMatchObject({
    state: "failed",
    path: FACTS.path,
    sha256: "ab",
    attempts: 2,
    lastError: "HTTP 503",
    httpStatus: 503,
    nextAttemptAt: NOW + 1000,
  });
});

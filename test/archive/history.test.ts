import { hostname } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { beginBackup, finishBackup, forgetCopies, forgetOtherCopies, recordCopies } from "../../src/archive/copies.ts";
import { archiveFacts, archiveId } from "../../src/archive/info.ts";
import { beginRun, finishRun, type RunCounts } from "../../src/archive/runs.ts";
import { createVerifyResults, unfinishedVerify, type UnfinishedVerify } from "../../src/archive/verify-results.ts";
import { IntegrityError } from "../../src/lib/errors.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import { NOW, rows, saveAll } from "./saving.ts";
import { makeRecord } from "../stand-in/make-record.ts";

let archive: TemporaryArchive;
beforeEach(() => {
  archive = temporaryArchive();
});
afterEach(() => archive[Symbol.dispose]());

describe("copies", () => {
  const copies = () => rows(archive, "select sha256, location, verified_at as at from copies order by 1, 2");

  it("have the time of the last look; a location is one of its own", () => {
    recordCopies(archive.db, "/a", ["x", "y"], 1);
    recordCopies(archive.db, "/b", ["x"], 2);
    recordCopies(archive.db, "/a", new Set(["x"]), 3);
    expect(copies()).toEqual([
      { sha256: "x", location: "/a", at: 3 },
      { sha256: "x", location: "/b", at: 2 },
      { sha256: "y", location: "/a", at: 1 },
    ]);
  });

  it("are forgotten by digest at a location, or all others there", () => {
    for (const location of ["/a", "/b"]) recordCopies(archive.db, location, ["x", "y", "z"], 1);
    forgetCopies(archive.db, "/a", ["x", "unknown"]);
    expect(copies()).toHaveLength(5);
    forgetOtherCopies(archive.db, "/a", new Set(["z", "unknown"]));
    expect(copies().map(({ sha256, location }) => [location, sha256].join(" "))).toEqual([
      "/b x",
      "/b y",
      "/a z",
      "/b z",
    ]);
    forgetOtherCopies(archive.db, "/b", new Set());
    expect(copies()).toHaveLength(1);
  });

  it("are recorded whole, also thousands at once", () => {
    const digests = Array.from({ length: 2001 }, (_, n) => `d${n}`);
    recordCopies(archive.db, "/a", digests, 1);
    expect(copies()).toHaveLength(2001);
    forgetCopies(archive.db, "/a", digests.slice(1));
    expect(copies()).toEqual([{ sha256: "d0", location: "/a", at: 1 }]);
  });

  it("a backup has its end in its own row", () => {
    const [one, two] = [beginBackup(archive.db, "/a", 1), beginBackup(archive.db, "/b", 2)];
    const end = { finishedAt: 5, outcome: "failed", errorMessage: "full", clips: 1, files: 2, bytes: 3 } as const;
    finishBackup(archive.db, two, end);
    expect(
      rows(
        archive,
        "select id, location, started_at, finished_at, outcome, error_message, clips, files, bytes from backups",
      ),
    ).toMatchObject([
      { id: one, location: "/a", started_at: 1, finished_at: null },
      {
        id: two,
        location: "/b",
        started_at: 2,
        finished_at: 5,
        outcome: "failed",
        error_message: "full",
        clips: 1,
        files: 2,
        bytes: 3,
      },
    ]);
  });
});

it("a run says who made it and when, and has its end and counts in its own row", () => {
  const [one, two] = [beginRun(archive.db, "watch", 1), beginRun(archive.db, "manual", 2)];
  const counts = { tasksAsked: 7, requests: 3, assetsBytes: 9 } as RunCounts;
  finishRun(archive.db, two, {
    finishedAt: 5,
    outcome: "incomplete",
    exitCode: 3,
    errorCode: "c",
    errorMessage: "m",
    counts,
  });
  expect(
    rows(
      archive,
      "select id, trigger, pid, host, started_at, finished_at, outcome, exit_code, error_code, error_message, tasks_asked, requests, assets_bytes from sync_runs",
    ),
  ).toMatchObject([
    { id: one, trigger: "watch", pid: process.pid, host: hostname(), started_at: 1, finished_at: null, outcome: null },
    {
      id: two,
      trigger: "manual",
      started_at: 2,
      finished_at: 5,
      outcome: "incomplete",
      exit_code: 3,
      error_code: "c",
      error_message: "m",
      tasks_asked: 7,
      requests: 3,
      assets_bytes: 9,
    },
  ]);
});

describe("what verify finds", () => {
  const row = () =>
    rows(
      archive,
      "select state, path, sha256, verified_at, last_error, next_attempt_at, misses, first_miss_at from assets where id = 1",
    )[0];
  const checked = { id: 1, path: "1d/a.m4a", sha256: "ab", storedAt: 5 };
  beforeEach(() => {
    saveAll(archive, [makeRecord(1)]);
    archive.db.$client.exec(
      "update assets set state = 'stored', path = '1d/a.m4a', sha256 = 'ab', stored_at = 5, next_attempt_at = 6, misses = 1, first_miss_at = 2, last_error = 'x'",
    );
  });

  it("an intact file is stored, verified now, and forgets its failures", () => {
    archive.db.$client.exec("update assets set state = 'wanted' where id = 1");
    createVerifyResults(archive.db).recordIntact([checked], NOW);
    expect(row()).toEqual({
      state: "stored",
      path: "1d/a.m4a",
      sha256: "ab",
      verified_at: NOW,
      last_error: null,
      next_attempt_at: null,
      misses: 0,
      first_miss_at: null,
    });
  });

  it("a lost file is wanted at once, with the reason, and keeps what was stored", () => {
    createVerifyResults(archive.db).recordLost([{ ...checked, reason: "missing" }]);
    expect(row()).toMatchObject({
      state: "wanted",
      path: "1d/a.m4a",
      sha256: "ab",
      last_error: "missing",
      next_attempt_at: null,
    });
  });

  it("a file that is not stored now is not lost again", () => {
    archive.db.$client.exec("update assets set state = 'gone' where id = 1");
    createVerifyResults(archive.db).recordLost([{ ...checked, reason: "missing" }]);
    expect(row()).toMatchObject({ state: "gone", last_error: "x" });
  });

  it.each([{ id: 2 }, { path: "1d/b.m4a" }, { sha256: "cd" }, { sha256: null }, { storedAt: 6 }, { storedAt: null }])(
    "a row that changed since it was read is left alone: %j",
    (other) => {
      const before = row();
      const results = createVerifyResults(archive.db);
      results.recordIntact([{ ...checked, ...other }], NOW);
      results.recordLost([{ ...checked, ...other, reason: "missing" }]);
      results.recordIntact([], NOW);
      results.recordLost([]);
      expect(row()).toEqual(before);
    },
  );

  it("a file without digest and time is the same while it has none", () => {
    archive.db.$client.exec("update assets set sha256 = null, stored_at = null where id = 1");
    createVerifyResults(archive.db).recordLost([{ ...checked, sha256: null, storedAt: null, reason: "missing" }]);
    expect(row()).toMatchObject({ state: "wanted" });
  });

  it("a verify that was stopped goes on in its own mode, and is forgotten at its end", () => {
    const results = createVerifyResults(archive.db);
    const run: UnfinishedVerify = { mode: "full", startedAt: 1, after: 7, again: [3], ok: 2, bytes: 10 };
    expect(unfinishedVerify(archive.db, "full")).toBeUndefined();
    results.saveProgress({ ...run, after: 6 });
    results.saveProgress(run);
    expect(unfinishedVerify(archive.db, "full")).toEqual(run);
    expect(unfinishedVerify(archive.db, "quick")).toBeUndefined();
    for (const broken of ["not JSON", JSON.stringify({ ...run, after: 1.5 }), JSON.stringify({ ...run, again: 5 })]) {
      archive.db.$client.prepare("update archive_info set value = ? where key = 'verify_unfinished'").run(broken);
      expect(unfinishedVerify(archive.db, "full")).toBeUndefined();
    }
    results.saveProgress(null);
    expect(rows(archive, "select key from archive_info where key like 'verify%'")).toEqual([]);
    expect(archiveFacts(archive.db)).toMatchObject({ kind: "library" });
  });
});

it("an archive whose id is missing or none is damaged, and rebuild is named", () => {
  expect(archiveId(archive.db)).toMatch(/^[0-9a-f-]{36}$/);
  for (const id of ["", "x", "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad ", "1A6AC2AD-10F2-4E2B-B500-66EC27FE82AD"]) {
    archive.db.$client.prepare("update archive_info set value = ? where key = 'archive_id'").run(id);
    expect(() => archiveId(archive.db)).toThrow(IntegrityError);
  }
  archive.db.$client.exec("delete from archive_info where key = 'archive_id'");
  expect(() => archiveId(archive.db)).toThrow("the archive's id is missing");
});

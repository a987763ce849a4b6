import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { archiveId } from "../../../src/archive/info.ts";
import { journalFiles } from "../../../src/archive/journal/read.ts";
import { track } from "../../../src/archive/tracking.ts";
import { openStore } from "../../../src/assets/store/store.ts";
import { openArchive } from "../../../src/db/archive-file.ts";
import type { Database } from "../../../src/db/connection.ts";
import { checkWholeDatabase } from "../../../src/verify/database/check-database.ts";
import { rebuild } from "../../../src/restore/rebuild/rebuild.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { SEED } from "../../helpers/seeded.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";
import { NOW, step, applyStep, uuid, type Step } from "../../restore/rebuild/random-archive.ts";

vi.setConfig({ testTimeout: 240_000 });

const RUNS = Number(process.env["MIRROR_PROPERTY_RUNS"] ?? 36);
const DAY = 24 * 3600_000;
const signal = new AbortController().signal;

/** Everything that the journal records. Left out: when and how often something was requested, tried and checked. */
const JOURNALED = [
  "select * from tasks order by id",
  "select * from task_documents order by task_id, version",
  "select * from clips order by rowid_key",
  "select * from task_clips order by task_id, position",
  `select id, task_id, clip_id, kind, url, path, state, bytes, sha256, content_type, etag, last_modified, duration_seconds,
    proof, note, http_status, stored_at, removed_at, trash_path from assets order by id`,
  "select task_id, service, source, added_at, untracked_at, state from tracked_tasks order by task_id",
  "select * from clip_tags order by clip_id, tag",
  "select * from clip_marks order by clip_id",
  "select * from playlists order by id",
  "select * from playlist_clips order by playlist_id, position",
  "select * from archive_info order by key",
  "select rowid, * from clips_fts order by rowid",
];

/** After a purge: versions that it made equal count as one, and another of them may be the current one. */
const JOURNALED_AFTER_PURGE = [
  "select distinct task_id, kind, sha256 from task_documents order by 1, 2, 3",
  "select id, task_id, removed_at, purged_at from clips order by rowid_key",
  "select id, clip_id, kind, path, state, bytes, sha256, stored_at, removed_at, trash_path from assets order by id",
  "select task_id, source, added_at, untracked_at from tracked_tasks order by task_id",
  "select title, lyric from clips where purged_at is not null order by id",
  "select clip_id, lower(tag) from clip_tags order by 1, 2",
  "select * from clip_marks order by clip_id",
  "select * from playlists order by id",
  "select * from playlist_clips order by playlist_id, position",
];

type Made = TemporaryArchive & { root: string };

async function archiveAfter(steps: Step[]): Promise<Made> {
  const archive = temporaryArchive();
  const root = join(archive.home, "assets");
  await openStore(root, archiveId(archive.db)).prepare({ files: false });
  track(archive, [uuid(1, 9)], { source: "test", now: NOW, explicit: true });
  for (const [minute, one] of steps.entries()) await applyStep(archive, root, one, NOW + minute * 60_000);
  return { ...archive, root };
}

async function expectSound(db: Database, home: string): Promise<void> {
  expect(await checkWholeDatabase({ db, home, signal }, true)).toEqual([]);
}

/** Rebuilds the database, and compares its rows with those from before. */
async function expectRebuilt({ home, db, root }: Made, queries: string[]): Promise<void> {
  db.$client.pragma("wal_checkpoint(truncate)");
  const before = queries.map((query) => rowsOf(home, query));
  const report = await rebuild({ home, assets: root, now: Date.now, signal, onProgress: () => {} });
  expect(report.damaged).toEqual([]);
  expect(queries.map((query) => rowsOf(home, query))).toEqual(before);
  const again = openArchive(home);
  await expectSound(again, home);
  again.$client.close();
}

const isPurge = ({ do: what }: Step) => what === "purge";
const steps_ = fc.array(step, { minLength: 1, maxLength: 14 });
const OPTIONS = { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: 45_000, markInterruptAsFailure: false };

it("rebuilds any archive, row for row, whatever happened to it in whatever order", async () => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(steps_, async (steps) => {
      using archive = await archiveAfter(steps);
      await expectSound(archive.db, archive.home);
      await expectRebuilt(archive, steps.some(isPurge) ? JOURNALED_AFTER_PURGE : JOURNALED);
    }),
    OPTIONS,
  );
});

const damages_ = fc.array(fc.record({ at: fc.nat(200), lost: fc.boolean() }), { minLength: 1, maxLength: 4 });

/** What a person would miss, whatever its order. */
const DEAR = [
  "select distinct task_id, kind, sha256 from task_documents order by 1, 2, 3",
  "select id, removed_at, purged_at from clips order by id",
  "select coalesce(clip_id, task_id), kind, path, sha256 from assets order by 1, 2",
  "select task_id, untracked_at from tracked_tasks order by task_id",
  "select clip_id, tag from clip_tags order by 1, 2",
  "select clip_id, starred_at is null, rating, plays, last_played_at from clip_marks order by 1",
  "select id, name, comment, created_at, changed_at from playlists order by id",
  "select * from playlist_clips order by 1, 2",
];

it("brings back from the old database what the journal has lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      steps_.filter((steps) => !steps.some(isPurge)),
      damages_,
      async (steps, damages) => {
        using archive = await archiveAfter(steps);
        for (const one of damages) damageJournal(archive.home, one);
        const before = DEAR.map((query) => rowsOf(archive.home, query));
        const { home, root } = archive;
        const deps = { home, assets: root, now: () => NOW + DAY, signal, onProgress: () => {} };
        await rebuild(deps);
        expect(DEAR.map((query) => rowsOf(home, query))).toEqual(before);
        const again = openArchive(home);
        await expectSound(again, home);
        again.$client.close();
      },
    ),
    OPTIONS,
  );
});

/**
 * Removes or damages one line. A line that undoes an earlier one is only ever damaged, and so is one by which a document
 * became current again: without it nothing shows that a line is missing. Lines with a further copy of one response are left
 * alone, because nothing shows that they were such.
 */
function damageJournal(home: string, { at, lost }: { at: number; lost: boolean }): void {
  const [name = ""] = journalFiles(home);
  const path = join(home, "journal", name);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const index = at % lines.length;
  const line = lines[index] ?? "";
  if (line.includes('"stands":false')) return;
  const isAgain = lines.slice(0, index).some((other) => textOf(other) === textOf(line));
  const mustBeVisible = isAgain || /"type":"(keep|track|tag|mark|playlist|remove)"/.test(line);
  lines.splice(index, 1, ...(lost && !mustBeVisible ? [] : [`${line.slice(0, -3)}x${line.slice(-2)}`]));
  writeFileSync(path, `${lines.join("\n")}\n`);
}

const textOf = (line: string) => /"sha256":"\w+","document".*/.exec(line)?.[0] ?? line;

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openApi } from "../../../src/api/open-api.ts";
import { openJournal } from "../../../src/archive/journal/journal.ts";
import { track, untrack } from "../../../src/archive/tracking.ts";
import { createArchive, openArchive } from "../../../src/db/archive-file.ts";
import type { Database } from "../../../src/db/connection.ts";
import { trackedTasks } from "../../../src/db/schema.ts";
import type { DemoLibrary, TaskRecord } from "../../../src/demo/library/library-types.ts";
import { makeRecord, type Overrides } from "../../stand-in/make-record.ts";
import { USER_ID } from "../../../src/demo/library/record-shape.ts";
import { startStandIn, type StandIn, type StandInOptions } from "../../stand-in/stand-in.ts";
import {
  discover,
  type DiscoverDeps,
  type DiscoverOptions,
  type DiscoverReport,
} from "../../../src/sync/discover/discover.ts";

const OTHER = "00000000-0000-4000-8000-00000000beef";

type Setup = AsyncDisposable & {
  standIn: StandIn;
  db: Database;
  journal: DiscoverDeps["journal"];
  run(options?: Partial<DiscoverOptions>, deps?: Partial<DiscoverDeps>): Promise<DiscoverReport>;
  tracked(): string[];
};

/** An empty archive, and a service with these records. */
async function setUp(records: TaskRecord[], options: StandInOptions = {}): Promise<Setup> {
  const library: DemoLibrary = {
    size: records.length,
    id: (n) => records[n]!.id,
    value: (n) => records[n]!,
    unknownIds: [],
  };
  const standIn = await startStandIn({ library: () => library, ...options });
  const home = mkdtempSync(join(tmpdir(), "mirror-discover-"));
  createArchive(home);
  const db = openArchive(home);
  const journal = openJournal({ home, db });
  return {
    standIn,
    db,
    journal,
    async run(more = {}, deps = {}) {
      await using api = openApi({ apiUrl: standIn.url, token: "token", userAgent: "test", rate: 0, random: () => 0 });
      const all = { db, journal, api, now: Date.now, signal: new AbortController().signal, onPage: () => {}, ...deps };
      return await discover(all, { account: USER_ID, ...more });
    },
    tracked: () =>
      db
        .select()
        .from(trackedTasks)
        .all()
        .map((row) => row.taskId)
        .toSorted(),
    async [Symbol.asyncDispose]() {
      await standIn.close();
      db.$client.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function songs(count: number, overrides: (n: number) => Overrides = () => ({}), from = 0): TaskRecord[] {
  return Array.from({ length: count }, (_, n) => makeRecord(from + n, overrides(n)));
}

function idsOf(records: TaskRecord[]): string[] {
  return records.map((record) => record.id).toSorted();
}

describe("discover", () => {
  test("finds every task of the account, 50 a request, and tracks ids alone", async () => {
    const records = songs(230);
    await using my = await setUp(records);
    track(my, [records[7]!.id], { source: "test", now: 1, explicit: true });
    const report = await my.run();
    expect(report).toMatchObject({
      found: 230,
      added: 229,
      alreadyTracked: 1,
      dropped: 0,
      problem: undefined,
      interrupted: false,
    });
    expect(report.pages).toBeLessThanOrEqual(6);
    expect(report.asked).toBe(report.pages);
    expect(my.tracked()).toEqual(idsOf(records));
    expect(my.db.all("select * from tasks")).toEqual([]);
    for (const { json } of my.standIn.requests)
      expect(json).toMatchObject({ action: "retrieve_batch", user_id: USER_ID, type: "audios", limit: 50 });
    expect(my.standIn.violations).toEqual([]);
    expect(await my.run()).toMatchObject({ found: 230, added: 0, alreadyTracked: 230 });
  });

  test.each([0, 1, 49, 50, 51, 99, 100, 101])("an account with %i tasks ends", async (count) => {
    await using my = await setUp(songs(count));
    expect(await my.run()).toMatchObject({ found: count, added: count, problem: undefined });
  });

  test("more tasks of one moment than a page holds are found by offset", async () => {
    const moment = 1_770_000_000.123;
    const records = [
      ...songs(20),
      ...songs(170, () => ({ created_at: moment }), 20),
      ...songs(20, (n) => ({ created_at: 1_600_000_000 + n }), 190),
    ];
    await using my = await setUp(records);
    expect(await my.run()).toMatchObject({ found: 210, problem: undefined });
    expect(my.tracked()).toEqual(idsOf(records));
  });

  test("records beyond the page that was asked for move nothing", async () => {
    const records = songs(170, () => ({ created_at: 1_770_000_000 }));
    await using my = await setUp(records);
    my.standIn.fault("api", { kind: "items", unrequested: 2 }, "forever");
    await my.run();
    expect(my.tracked()).toEqual(expect.arrayContaining(idsOf(records)));
  });

  test("times that are finer than a millisecond lose none", async () => {
    const records = songs(160, (n) => ({ created_at: 1_770_000_000 + n * 0.000_01 }));
    await using my = await setUp(records);
    expect(await my.run()).toMatchObject({ found: 160, problem: undefined });
  });

  test("records of another account are dropped, counted, and end nothing", async () => {
    const mine = songs(120);
    const slipped = songs(30, () => ({ user_id: OTHER }), 120);
    await using my = await setUp([...mine, ...slipped, ...songs(40, () => ({ user_id: OTHER }), 150)]);
    for (const record of slipped) {
      my.standIn.records.set(record.id, (asked) => (asked === Infinity ? { ...record, user_id: USER_ID } : record));
    }
    const report = await my.run();
    expect(report).toMatchObject({ found: 120, added: 120, problem: undefined });
    expect(report.dropped).toBeGreaterThanOrEqual(30);
    expect(my.tracked()).toEqual(idsOf(mine));
  });

  test("a server that ignores the filters is recognised, and nobody else's task is tracked", async () => {
    const mine = songs(30);
    const others = songs(30, (n) => ({ user_id: OTHER, created_at: mine[n]!.created_at + 1 }), 30);
    await using my = await setUp([...mine, ...others], { filters: "ignored" });
    const report = await my.run();
    expect(report.problem).toMatchObject({ exit: 5, code: "filters_ignored" });
    expect(report.problem?.message).toContain("ignores the filters");
    expect(report.dropped).toBeGreaterThan(0);
    expect(report.pages).toBeLessThanOrEqual(2);
    expect(idsOf(mine)).toEqual(expect.arrayContaining(my.tracked()));
    const strangers = await my.run({ account: "00000000-0000-4000-8000-000000000000" });
    expect(strangers).toMatchObject({ found: 0, added: 0, dropped: 12, problem: { exit: 5, code: "filters_ignored" } });
  });

  test("a server that ignores them for an account alone gives its newest again and again: recognised", async () => {
    const mine = songs(100);
    await using my = await setUp(mine, { filters: "ignored" });
    expect(await my.run()).toMatchObject({ found: 12, added: 12, problem: { exit: 5, code: "filters_ignored" } });
    expect(idsOf(mine)).toEqual(expect.arrayContaining(my.tracked()));
  });

  test("a server that ignores offset is recognised", async () => {
    const records = songs(90, () => ({ created_at: 1_770_000_000 }));
    await using my = await setUp(records);
    const first = records.slice(0, 50).map((record) => JSON.stringify(record));
    my.standIn.fault(
      "api",
      { kind: "body", body: `{"items":[${first.join(",")}],"count":90}`, type: "application/json" },
      "forever",
    );
    expect(await my.run()).toMatchObject({ found: 50, added: 50, problem: { exit: 5, code: "filters_ignored" } });
  });

  test("a server that refuses the filters is distinguished from a refused token", async () => {
    await using my = await setUp(songs(10), { filters: "refused" });
    const report = await my.run();
    expect(report).toMatchObject({ found: 0, problem: { exit: 6, code: "filters_refused" } });
    expect(report.problem?.message).toContain("ids is required");
    my.standIn.fault("api", { kind: "status", status: 403, code: "used_up" }, "once");
    expect(await my.run()).toMatchObject({ problem: { exit: 6, code: "used_up" } });
    expect(my.tracked()).toEqual([]);
  });

  test("an answer that fails in the middle keeps what was tracked; a rerun finds the rest", async () => {
    const records = songs(180);
    await using my = await setUp(records);
    my.standIn.fault("api", [
      { kind: "none" },
      { kind: "none" },
      ...Array.from({ length: 5 }, () => ({ kind: "status", status: 502 }) as const),
    ]);
    const broken = await my.run();
    expect(broken.problem).toMatchObject({ exit: 5 });
    expect(my.tracked()).toHaveLength(broken.added);
    expect(broken.added).toBe(99);
    expect(await my.run()).toMatchObject({ found: 180, added: 81, alreadyTracked: 99, problem: undefined });
  });

  test("an interrupt in the middle keeps what was tracked; a rerun finds the rest", async () => {
    const records = songs(180);
    await using my = await setUp(records);
    const stop = new AbortController();
    const report = await my.run(
      {},
      { signal: stop.signal, onPage: ({ pages }) => pages === 2 && stop.abort(new Error("SIGINT")) },
    );
    expect(report).toMatchObject({ interrupted: true, added: 99, problem: undefined });
    expect(my.tracked()).toHaveLength(99);
    expect(await my.run()).toMatchObject({ found: 180, added: 81 });
  });

  test("since: nothing older is asked for, nor taken where the server gives it", async () => {
    const records = songs(150, (n) => ({ created_at: 1_770_000_000 + n * 60 }));
    await using my = await setUp(records);
    const since = (1_770_000_000 + 100 * 60) * 1000;
    expect(await my.run({ since })).toMatchObject({ found: 50, added: 50, problem: undefined });
    expect(my.standIn.requests[0]!.json).toMatchObject({ created_at_min: since / 1000 });
    expect(my.tracked()).toEqual(idsOf(records.slice(100)));
    my.standIn.reset();
    expect(await my.run({ since: since + 1 })).toMatchObject({ found: 49, added: 0 });
    expect(my.standIn.requests.length).toBeLessThanOrEqual(2);
  });

  test("an id that a person untracked does not come back by itself", async () => {
    const records = songs(3);
    await using my = await setUp(records);
    track(my, [records[0]!.id], { source: "test", now: 1, explicit: true });
    untrack(my, [records[0]!.id], 2);
    expect(await my.run()).toMatchObject({ found: 3, added: 2, alreadyTracked: 1 });
    const rows = my.db.select().from(trackedTasks).all();
    expect(rows.find((row) => row.taskId === records[0]!.id)?.untrackedAt).toBe(2);
    expect(rows.filter((row) => row.source === "discover")).toHaveLength(2);
  });

  test("a list from old to new is read to its end all the same", async () => {
    const records = songs(130, (n) => ({ created_at: 1_770_000_000 + n }));
    await using my = await setUp(records);
    my.standIn.fault("api", { kind: "items", reversed: true }, "forever");
    expect(await my.run()).toMatchObject({ found: 130, problem: undefined });
  });

  test("a 429 is waited for", async () => {
    await using my = await setUp(songs(60));
    my.standIn.fault("api", { kind: "status", status: 429, retryAfter: "0" });
    expect(await my.run()).toMatchObject({ found: 60, problem: undefined });
  });
});

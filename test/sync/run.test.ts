import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError, type ApiFollowUp } from "../../src/api/api-error.ts";
import type { Api } from "../../src/api/client.ts";
import { track } from "../../src/archive/tracking.ts";
import { AssetError } from "../../src/assets/asset-error.ts";
import type { Downloader } from "../../src/assets/download/download.ts";
import type { WantedFile } from "../../src/assets/wanted-file.ts";
import { ASSET_KINDS } from "../../src/lib/asset-kinds.ts";
import { DiskError } from "../../src/lib/errors.ts";
import type { SyncEvent } from "../../src/sync/events.ts";
import { planRun, runSync } from "../../src/sync/run.ts";
import type { SyncDeps, SyncOptions } from "../../src/sync/run-types.ts";
import { NOW, rows, saveAll, value } from "../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../helpers/temporary-archive.ts";
import {
  ALL,
  downloaderThat,
  FILE,
  received,
  recordOf,
  serviceThat,
  taskId as id,
  type Answer,
} from "./small-upstream.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => id(from + n));

let archive: TemporaryArchive;
let events: SyncEvent[];
beforeEach(() => {
  archive = temporaryArchive();
  events = [];
});
afterEach(() => archive[Symbol.dispose]());

const apiError = (followUp: ApiFollowUp, status: number | null = 500) =>
  new ApiError("it broke", { followUp, status, code: "c", retryAfterSeconds: null });

type Given = {
  answer?: Answer;
  download?: Parameters<typeof downloaderThat>[0];
  more?: Partial<Downloader>;
  deps?: Partial<SyncDeps>;
  options?: Partial<SyncOptions>;
};

/** One run against a service and hosts that answer like this. */
async function run({ answer = ALL, download = () => FILE, more, deps, options }: Given = {}) {
  const asked: string[][] = [];
  const wanted: string[] = [];
  const api = serviceThat(answer, asked);
  const downloader = downloaderThat(download, wanted, more);
  const { db, journal, home } = archive;
  const { signal } = new AbortController();
  const emit = (event: SyncEvent) => void events.push(event);
  const report = await runSync(
    { db, journal, home, api, downloader, emit, now: () => NOW, signal, ...deps },
    { trigger: "manual", kinds: [...ASSET_KINDS], batchSize: 2, concurrency: 1, ratePerSecond: 7, ...options },
  );
  return { report, asked, wanted };
}
const want = (...taskIds: string[]) => track(archive, taskIds, { source: "test", now: NOW - DAY, explicit: true });
const runRows = () => rows(archive, "select * from sync_runs");
const planned = () => events.find((event) => event.type === "planned");
const codes = ({ report }: Awaited<ReturnType<typeof run>>) => report.problems.map(({ code }) => code);

describe("what a run would do", () => {
  const plan = (options: Partial<SyncOptions> = {}) =>
    planRun(
      archive.db,
      { trigger: "manual", kinds: ["audio"], batchSize: 2, concurrency: 1, ratePerSecond: 0, ...options },
      NOW,
    );
  const postpone = (taskId: string) =>
    archive.db.$client.exec(
      `update tracked_tasks set attempts = 1, next_check_at = ${NOW + HOUR} where task_id = '${taskId}'`,
    );

  it("is every open task in batches, and the files of the kinds that are wanted", () => {
    want(...ids(1, 4));
    saveAll(archive, [recordOf(id(9))]);
    expect(plan()).toEqual({ ids: ids(1, 4), batches: [ids(1, 3), ids(3, 4)], wanted: { audio: 1 } });
    expect(plan({ kinds: ["audio", "image"] }).wanted).toEqual({ audio: 1, image: 1 });
    expect(plan({ refresh: true }).ids).toHaveLength(4);
    expect(plan({ limit: 2 }).ids).toEqual(ids(1, 3));
    expect(plan({ limit: 0 }).ids).toEqual([]);
    expect(plan({ only: [id(3), id(9)] })).toMatchObject({ ids: [id(3)], wanted: { audio: 1 } });
    expect(plan({ only: [id(3)] }).wanted).toEqual({});
  });

  it("keeps to the schedule of each task in a run of `watch`, but not in what is asked for between its runs", () => {
    want(id(1), id(2));
    postpone(id(2));
    expect(plan().ids).toEqual([id(1), id(2)]);
    expect(plan({ trigger: "watch" }).ids).toEqual([id(1)]);
    expect(plan({ trigger: "watch", betweenRuns: true, only: [id(2)] }).ids).toEqual([id(2)]);
  });

  it("leaves files that wait for their next try to a run by hand", () => {
    saveAll(archive, [recordOf(id(1))]);
    archive.db.$client.exec(`update assets set state = 'failed', next_attempt_at = ${NOW + HOUR}`);
    expect(plan().wanted).toEqual({ audio: 1 });
    expect(plan({ trigger: "watch" }).wanted).toEqual({});
  });

  it("looks at files that are gone again with --refresh, and else when their time has come", () => {
    saveAll(archive, [recordOf(id(1))]);
    archive.db.$client.exec(`update assets set state = 'gone', next_attempt_at = ${NOW + HOUR}`);
    expect([plan().wanted, plan({ refresh: true }).wanted]).toEqual([{}, { audio: 1 }]);
    archive.db.$client.exec(`update assets set next_attempt_at = ${NOW - HOUR}`);
    expect(plan().wanted).toEqual({ audio: 1 });
  });
});

describe("a run", () => {
  it("fetches tasks and their files, reports both, and records itself", async () => {
    want(...ids(1, 4));
    let clock = NOW;
    const result = await run({ deps: { now: () => ++clock, freeBytes: 77 } });
    expect(result.asked).toEqual([ids(1, 3), ids(3, 4)]);
    expect(result.wanted.toSorted()).toEqual(["1", "1.jpg", "2", "2.jpg", "3", "3.jpg"]);
    const counts = { tasksAsked: 3, tasksNew: 3, clipsNew: 3, assetsStored: 6, assetsBytes: 60, requests: 2 };
    expect(result.report).toMatchObject({
      id: 1,
      outcome: "complete",
      exitCode: 0,
      errorCode: null,
      errorMessage: null,
      problem: undefined,
      problems: [],
      waiting: 0,
      counts,
    });
    expect(planned()).toEqual({
      type: "planned",
      home: archive.home,
      tracked: 3,
      due: 3,
      requests: 2,
      ratePerSecond: 7,
      wanted: {},
      meanBytes: {},
      freeBytes: 77,
    });
    const { startedAt, finishedAt } = result.report;
    expect([startedAt, finishedAt > startedAt]).toEqual([NOW + 1, true]);
    expect(runRows()).toMatchObject([
      { id: 1, trigger: "manual", started_at: startedAt, finished_at: finishedAt, outcome: "complete", exit_code: 0 },
    ]);
    expect(runRows()).toMatchObject([
      { tasks_asked: 3, tasks_new: 3, assets_stored: 6, assets_bytes: 60, requests: 2 },
    ]);
  });

  it("never ends before it has begun, whatever is done to the clock", async () => {
    let clock = NOW;
    const { report } = await run({ deps: { now: () => (clock -= HOUR) } });
    expect(report.finishedAt).toBe(report.startedAt);
  });

  it("fetches the files of one batch while the next is asked for", async () => {
    want(...ids(1, 5));
    const order: string[] = [];
    const { promise: stored, resolve } = Promise.withResolvers<void>();
    const api = {
      requests: 2,
      fetchTasks: async (batch: string[]) => {
        // The second answer comes only when a file of the first is here.
        if (batch.includes(id(3))) await stored;
        order.push(batch[0]!);
        return batch.map((one) => received(recordOf(one)));
      },
    } as unknown as Api;
    const download = ({ url }: WantedFile) => {
      order.push(url);
      resolve();
      return FILE;
    };
    await run({ deps: { api }, download });
    expect(order.slice(0, 2)).toEqual([id(1), "https://a.example/1"]);
    expect(order).toContain(id(3));
  });

  it("without a token fetches the files that are known, and asks for no task", async () => {
    saveAll(archive, [recordOf(id(1))]);
    want(id(2));
    const { report, wanted } = await run({ deps: { api: undefined } });
    expect(wanted).toEqual(["1", "1.jpg"]);
    expect(report).toMatchObject({ exitCode: 0, counts: { tasksAsked: 0, requests: 0, assetsStored: 2 } });
    expect(planned()).toMatchObject({ due: 0, requests: 0, wanted: { audio: 1, image: 1 } });
  });

  it("with --no-assets leaves the files: they do not count", async () => {
    want(id(1));
    saveAll(archive, [recordOf(id(2))]);
    const { report, wanted } = await run({ deps: { downloader: undefined } });
    expect(wanted).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, outcome: "complete", waiting: 0, counts: { assetsFailed: 0 } });
    expect(planned()).toMatchObject({ wanted: {} });
  });

  it("says in which state the tasks are that it asked for, and which files wait", async () => {
    want(...ids(1, 6));
    const answer = (asked: string[]) =>
      asked
        .filter((one) => one !== id(4))
        .map((one) =>
          one === id(1)
            ? recordOf(one, { finished_at: null, response: {} })
            : one === id(2)
              ? recordOf(one, { response: { success: false, error: { code: "c", message: "no" } } })
              : recordOf(one),
        );
    archive.db.$client.exec(`update tracked_tasks set not_seen = 2, attempts = 2 where task_id = '${id(4)}'`);
    const result = await run({
      answer,
      download: ({ url }) => (url.endsWith("jpg") ? { followUp: "never", httpStatus: 400 } : FILE),
    });
    expect(result.report).toMatchObject({
      outcome: "incomplete",
      exitCode: 3,
      waiting: 2,
      counts: { tasksPending: 1, tasksFailed: 1, tasksMissing: 1, assetsFailed: 2, assetsStored: 2 },
    });
    expect(codes(result)).toEqual(["asset_failed", "asset_failed", "assets_waiting"]);
    expect(result.report.problems.at(-1)).toEqual({
      exit: 3,
      code: "assets_waiting",
      message: "2 files still wait",
    });
    expect(result.report).toMatchObject({ errorCode: "asset_failed", errorMessage: "it broke" });
    expect(runRows()).toMatchObject([{ outcome: "incomplete", exit_code: 3, error_code: "asset_failed" }]);
  });

  it("counts only files of the tasks and kinds that it was asked for", async () => {
    saveAll(archive, [recordOf(id(1)), recordOf(id(2))]);
    const fails = () => ({ followUp: "never", httpStatus: 400 }) as const;
    const { report } = await run({ download: fails, options: { only: [id(1)], kinds: ["audio"] } });
    expect(report).toMatchObject({ waiting: 1, counts: { assetsFailed: 1 } });
  });

  it("asks once for the task of all its files that are missing, and not without a token", async () => {
    saveAll(archive, [recordOf(id(1))]);
    const gone = () => ({ followUp: "miss", httpStatus: 404 }) as const;
    const one = await run({ download: gone });
    expect(one.asked).toEqual([[id(1)]]);
    archive.db.$client.exec("update assets set state = 'wanted', next_attempt_at = null");
    const other = await run({ download: gone, deps: { api: undefined } });
    expect([other.asked, other.wanted]).toEqual([[], ["1", "1.jpg"]]);
    expect(codes(other)).toContain("assets_waiting");
  });

  it("asks for no task again once it is refused: its files are fetched all the same", async () => {
    saveAll(archive, [recordOf(id(1))]);
    want(id(2), id(3), id(4));
    const answer = () => {
      throw apiError("refused", 401);
    };
    const urls: string[] = [];
    const download = async ({ url }: WantedFile) => {
      urls.push(url);
      while (!events.some(({ type }) => type === "stopped")) await new Promise((resolve) => setImmediate(resolve));
      throw new AssetError("http", "it broke", { followUp: "miss", httpStatus: 404 });
    };
    const result = await run({ answer, more: { download } });
    expect([result.asked, urls]).toEqual([[ids(2, 4)], ["https://a.example/1", "https://a.example/1.jpg"]]);
    expect(result.report).toMatchObject({ outcome: "failed", exitCode: 6, errorCode: "c" });
  });

  it("begins no batch and no file once its time is up", async () => {
    saveAll(archive, [recordOf(id(1))]);
    want(id(2));
    const result = await run({ options: { maxDurationMs: 0 } });
    expect([result.asked, result.wanted]).toEqual([[], []]);
    expect(codes(result)).toEqual(["time_up", "assets_waiting"]);
    expect(result.report).toMatchObject({ exitCode: 3, waiting: 2 });
  });

  it("with --refresh tells ended tasks from those that the next run asks for in any case", async () => {
    saveAll(archive, [recordOf(id(1)), recordOf(id(2))]);
    want(id(3));
    const answer = () => {
      throw Object.assign(apiError("retry", null), { tries: 1 });
    };
    const { report } = await run({ answer, options: { refresh: true, batchSize: 50 } });
    expect(report.problem?.message).toContain("1 id waits for the next run, 2 ended tasks were not asked again");
    const again = await run({ answer, options: { refresh: true, batchSize: 50, only: [id(1)] } });
    expect(again.report.problem?.message).toContain("it broke; 1 ended task was not asked again");
    const plain = await run({ answer });
    expect(plain.report.problem?.message).toContain("it broke; 1 id waits for the next run");
  });

  it("of `watch` does not count it against new ids that they are not known yet", async () => {
    const seen = () => rows(archive, "select task_id, not_seen from tracked_tasks order by task_id");
    track(archive, [id(1)], { source: "test", now: NOW, explicit: true });
    want(id(2));
    await run({ answer: () => [], options: { trigger: "watch" } });
    expect(seen()).toMatchObject([{ not_seen: 0 }, { not_seen: 1 }]);
    archive.db.$client.exec("update tracked_tasks set next_check_at = null");
    await run({ answer: () => [] });
    expect(seen()).toMatchObject([{ not_seen: 1 }, { not_seen: 2 }]);
  });

  it("says what was wrong before it began", async () => {
    want(id(1));
    const tasksSkipped = { exit: 6, code: "no_token", message: "no token" } as const;
    const notRead = [{ exit: 3, code: "from_unreadable", message: "cannot be read" }] as const;
    const result = await run({ deps: { api: undefined }, options: { tasksSkipped, notRead: [...notRead] } });
    expect(result.report.problems).toEqual([tasksSkipped, ...notRead]);
    expect(result.report).toMatchObject({ outcome: "failed", exitCode: 6, problem: tasksSkipped });
  });
});

describe("stored files that are lost", () => {
  beforeEach(() => {
    saveAll(archive, [recordOf(id(1))]);
    archive.db.$client.exec(
      "update assets set state = 'stored', path = '1a/' || id, sha256 = 'old', bytes = 1, stored_at = 5",
    );
  });

  it("are found by a run and fetched in it, not by what is asked for between runs", async () => {
    const more = { isThere: async ({ path }: { path: string }) => Promise.resolve(path !== "1a/1") };
    const between = await run({ more, options: { trigger: "watch", betweenRuns: true, only: [id(1)] } });
    expect(between).toMatchObject({ wanted: [], report: { id: 0, exitCode: 0 } });
    expect(runRows()).toEqual([]);
    const whole = await run({ more, download: () => ({ ...FILE, sha256: "old" }) });
    expect(whole).toMatchObject({ wanted: ["1"], report: { id: 1, exitCode: 0, counts: { assetsStored: 1 } } });
    expect(events).toContainEqual({ type: "lost", count: 1 });
    expect(planned()).toMatchObject({ wanted: {} });
    expect(events.findLast((event) => event.type === "planned")).toMatchObject({ wanted: { audio: 1 } });
  });

  it("are not looked for without a downloader", async () => {
    await run({ deps: { downloader: undefined } });
    expect(value(archive, "select count(*) from assets where state = 'stored'")).toBe(2);
  });

  it("a look that fails is a problem of the run, which goes on", async () => {
    want(id(2));
    const isThere = () => Promise.reject(new DiskError("no disk", { code: "assets_not_ours", hint: "mount it" }));
    const { report } = await run({ more: { isThere } });
    expect(report.problem).toEqual({ exit: 7, code: "assets_not_ours", message: "no disk", hint: "mount it" });
    expect(report).toMatchObject({ outcome: "failed", exitCode: 7, counts: { tasksNew: 1 } });
  });
});

describe("a run that breaks off", () => {
  it("because the disk refuses: 7, no task is asked for any more, and what is here stays", async () => {
    want(...ids(1, 20));
    const full = new DiskError("no space left", { code: "disk_full", hint: "make room" });
    const result = await run({ more: { download: () => Promise.reject(full) } });
    expect(result.report).toMatchObject({ outcome: "failed", exitCode: 7, errorCode: "disk_full" });
    expect(codes(result)).toEqual(["disk_full", "assets_waiting"]);
    expect(result.asked.length).toBeLessThanOrEqual(5);
    expect(runRows()).toMatchObject([{ outcome: "failed", exit_code: 7, error_message: "no space left" }]);
  });

  it("because of a bug: 1, with its words, also where files were still to come", async () => {
    want(id(1));
    const answer = () => {
      throw new TypeError("a bug");
    };
    const { report } = await run({ answer });
    expect(report).toMatchObject({ exitCode: 1, errorCode: "unexpected", errorMessage: "unexpected: a bug" });
  });

  it.each([
    [new Error("SIGTERM"), 143],
    [new Error("SIGINT"), 130],
    [undefined, 130],
  ])("because it is stopped (%s): interrupted, with that exit code alone", async (reason, exitCode) => {
    want(...ids(1, 9));
    const stop = new AbortController();
    const answer = (asked: string[], request: number) => {
      if (request === 2) stop.abort(reason);
      return asked.map((one) => recordOf(one));
    };
    const result = await run({ answer, deps: { signal: stop.signal } });
    expect(result.report).toMatchObject({ outcome: "interrupted", exitCode });
    expect(codes(result).filter((code) => code !== "assets_waiting")).toEqual([]);
    expect(runRows()).toMatchObject([{ outcome: "interrupted", exit_code: exitCode }]);
    expect(result.report.counts.tasksNew).toBeGreaterThan(0);
  });

  it("with its end not recorded: that is what it reports, and it does not throw", async () => {
    want(id(1));
    const answer = (asked: string[]) => {
      archive.db.$client.exec("drop table sync_runs");
      return asked.map((one) => recordOf(one));
    };
    const { report } = await run({ answer });
    expect(report.outcome).toBe("failed");
    expect(report.problem?.message).toContain("sync_runs");
    expect(report.counts.tasksNew).toBe(1);
  });
});

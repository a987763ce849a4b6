import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError, type ApiFollowUp } from "../../../src/api/api-error.ts";
import type { Api, ReceivedRecord } from "../../../src/api/client.ts";
import type { ListingFilter } from "../../../src/api/request.ts";
import { readRecord } from "../../../src/record/wire.ts";
import { discover, listingFilter, type Discovered } from "../../../src/sync/discover/discover.ts";
import { listingFailed, listingStuck } from "../../../src/sync/discover/listing-errors.ts";
import { readPage } from "../../../src/sync/discover/listing-page.ts";
import { NOW, rows } from "../../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";

const T = Date.UTC(2026, 0, 1);
const id = (n: number) => `1a6ac2ad-10f2-4e2b-b500-${String(n).padStart(12, "0")}`;
/** A record of the account, made so many milliseconds after T; null: without a time. */
function record(n: number, at: number | null, more: object = {}): ReceivedRecord {
  const created = at === null ? {} : { created_at: (T + at) / 1000 };
  const document = JSON.stringify({ id: id(n), user_id: "me", type: "audios", request: {}, ...created, ...more });
  return { document, reading: readRecord(document) };
}
const received = (text: string): ReceivedRecord => ({ document: text, reading: readRecord(text) });
const me = { account: "me" };

describe("a page", () => {
  it("has the ids of the account in their order, its newest and oldest time, and counts what is of no use", () => {
    const page = readPage(
      [
        record(1, 30),
        record(2, 10, { user_id: "you" }),
        record(3, 20),
        record(4, 20, { id: "no id" }),
        received("{}"),
        received('{"id":"5","user_id":"me","response":[]}'),
        record(6, null),
      ],
      me,
    );
    expect(page).toEqual({
      own: [id(1), id(3), id(6)],
      foreign: 1,
      useless: 2,
      oldest: T + 20,
      newest: T + 30,
      isNewestFirst: true,
      size: 6,
      key: [id(1), id(2), id(3), "no id", "5", id(6)].join(" "),
    });
  });

  it("of nothing is empty", () => {
    const nothing = {
      own: [],
      foreign: 0,
      useless: 0,
      oldest: null,
      newest: null,
      isNewestFirst: true,
      size: 0,
      key: "",
    };
    expect(readPage([], me)).toEqual(nothing);
    expect(readPage([received("{}")], me)).toEqual(nothing);
  });

  it("is sorted from new to old when no time is later than the one before, equal ones included", () => {
    const isSorted = (...times: number[]) =>
      readPage(
        times.map((at, n) => record(n, at)),
        me,
      ).isNewestFirst;
    expect([isSorted(3, 2, 2, 1), isSorted(2, 3), isSorted(3, 1, 2), isSorted(1)]).toEqual([true, false, false, true]);
  });

  it("leaves out what is older than wanted; a time that is not known is not", () => {
    const page = readPage([record(1, 11), record(2, 10), record(3, 9), record(4, null)], { ...me, since: T + 10 });
    expect(page).toMatchObject({ own: [id(1), id(2), id(4)], oldest: T + 9, useless: 0 });
  });
});

it("the filter of a page names what is wanted, and times in seconds", () => {
  const all = { user_id: "me", type: "audios", limit: 50 };
  expect(listingFilter(me, { until: undefined, offset: 0 })).toEqual(all);
  expect(listingFilter({ ...me, since: 1500 }, { until: 2500, offset: 7 })).toEqual({
    ...all,
    offset: 7,
    created_at_min: 1.5,
    created_at_max: 2.5,
  });
});

describe("why a listing ends", () => {
  const failed = (followUp: ApiFollowUp, tries = 1) =>
    listingFailed(
      Object.assign(new ApiError("it broke", { followUp, status: 500, code: "c", hint: "a hint" }), { tries }),
    );

  it.each<[ApiFollowUp, number, string, string, string]>([
    ["refused", 6, "c", "it broke", "a hint"],
    ["retry", 5, "c", "it broke", "run discover again later; what was found is tracked"],
    ["pause", 5, "c", "it broke", "run discover again later; what was found is tracked"],
    ["split", 6, "filters_refused", "the API refuses the filters that discover needs: it broke", "track --file"],
    ["absent", 6, "filters_refused", "the API refuses the filters that discover needs: it broke", "track --file"],
  ])("%s", (followUp, exit, code, message, hint) => {
    expect(failed(followUp)).toMatchObject({ exit, code, message, hint: expect.stringContaining(hint) });
  });

  it("after so many tries", () => {
    expect(failed("retry", 5).message).toBe("it broke after 5 tries");
  });

  it("the same tasks again and again", () => {
    const page = { ...readPage([record(1, 0), record(2, 0)], me) };
    expect(listingStuck(page)).toMatchObject({
      exit: 5,
      code: "filters_ignored",
      hint: "what was found is tracked; track the others by their ids",
      message:
        "the API sends the same 2 tasks of 2026-01-01T00:00:00.000Z again: it ignores offset, so other tasks cannot be reached",
    });
    expect(listingStuck({ ...page, oldest: null }).message).toContain("the same 2 tasks again");
  });
});

describe("a listing", () => {
  let archive: TemporaryArchive;
  beforeEach(() => {
    archive = temporaryArchive();
  });
  afterEach(() => archive[Symbol.dispose]());

  /** Lists from these pages, one after the other; then nothing more is there. */
  async function list(pages: ReceivedRecord[][], more: { since?: number; signal?: AbortSignal; fails?: Error } = {}) {
    const filters: ListingFilter[] = [];
    const seen: Discovered[] = [];
    const api = {
      get requests() {
        return filters.length;
      },
      listTasks: async (filter: ListingFilter) => {
        filters.push(filter);
        if (more.fails && filters.length > pages.length) throw more.fails;
        return Promise.resolve(pages[filters.length - 1] ?? []);
      },
    } as unknown as Api;
    const { db, journal } = archive;
    const signal = more.signal ?? new AbortController().signal;
    const onPage = (found: Discovered) => void seen.push({ ...found });
    const report = await discover(
      { db, journal, api, now: () => NOW, signal, onPage },
      { account: "me", since: more.since },
    );
    const cursors = filters.map(({ created_at_max: until, offset }) => [
      until === undefined ? null : Math.round(until * 1000 - T),
      offset ?? 0,
    ]);
    return { report, cursors, seen };
  }

  it("goes on at the oldest time of a page, counts each task once, and ends with an empty page", async () => {
    const { report, cursors, seen } = await list([
      [record(1, 30), record(2, 20)],
      [record(2, 20), record(3, 10), record(4, 5, { id: "no id" }), record(9, 7, { user_id: "you" })],
    ]);
    expect(cursors).toEqual([
      [null, 0],
      [21, 0],
      [6, 0],
    ]);
    expect(report).toEqual({
      asked: 3,
      pages: 3,
      found: 3,
      added: 3,
      alreadyTracked: 0,
      dropped: 1,
      useless: 1,
      oldest: T + 5,
      interrupted: false,
      problem: undefined,
    });
    expect(seen.map(({ pages, found, asked }) => [pages, found, asked])).toEqual([
      [1, 2, 1],
      [2, 3, 2],
      [3, 3, 3],
    ]);
    expect(rows(archive, "select distinct source, added_at from tracked_tasks")).toEqual([
      { source: "discover", added_at: NOW },
    ]);
  });

  it("goes on by offset where a page gets no further back, counting no more than were asked for", async () => {
    const page = (from: number, size: number) => Array.from({ length: size }, (_, n) => record(from + n, 10));
    expect((await list([page(0, 50), page(50, 50), page(100, 55), page(155, 3)])).cursors).toEqual([
      [null, 0],
      [11, 0],
      [11, 50],
      [11, 100],
      [11, 103],
    ]);
  });

  it("by offset too where the list is not sorted, and where no time is known", async () => {
    expect((await list([[record(1, 10), record(2, 20)]])).cursors).toEqual([
      [null, 0],
      [null, 2],
    ]);
    expect((await list([[record(3, null), record(4, null)]])).cursors).toEqual([
      [null, 0],
      [null, 2],
    ]);
  });

  it("ends at a page that is not full and brings nothing new, and at one with a single known task", async () => {
    const first = [record(1, 30), record(2, 20), record(3, 10)];
    expect((await list([first, [record(3, 10), record(2, 10)], [record(9, 1)]])).cursors).toHaveLength(2);
    expect((await list([[record(5, 30)], [record(5, 30)], [record(9, 1)]])).cursors).toHaveLength(2);
    expect((await list([first, [record(3, 10), record(2, 10), record(1, 10)], []])).cursors).toHaveLength(3);
  });

  it("ends at a page that reaches behind the wanted time, not at one that reaches it", async () => {
    const since = T + 10;
    expect((await list([[record(1, 20), record(2, 10)], [record(3, 10)]], { since })).cursors).toHaveLength(3);
    expect((await list([[record(4, 20), record(5, 9)], [record(6, 5)]], { since })).cursors).toHaveLength(1);
    expect((await list([[record(7, 9), record(8, 20)], []], { since })).cursors).toHaveLength(2);
  });

  it("names the filter that was ignored: records of others alone, or newer ones than were asked for", async () => {
    const others = await list([[record(1, 1, { user_id: "you" }), record(2, 1, { user_id: "you" })]]);
    expect(others.report.problem?.message).toContain("asked for account me, it sent 2 records of others");
    const newer = await list([[record(1, 10)], [record(3, 12)]]);
    expect(newer.report.problem?.message).toContain(
      "asked for tasks until 2026-01-01T00:00:00.011Z, it sent one of 2026-01-01T00:00:00.012Z",
    );
    expect((await list([[record(4, 10)], [record(5, 11)]])).report.problem).toBeUndefined();
  });

  it("ends where offset is ignored, and after twenty pages in a row without anything new", async () => {
    const same = [record(1, 10), record(2, 10)];
    expect((await list([same, same, same, same])).report.problem).toMatchObject({ code: "filters_ignored" });
    const turned = (n: number) => (n % 2 === 0 ? [record(1, 10), record(2, 10)] : [record(2, 10), record(1, 10)]);
    const { report, cursors } = await list(Array.from({ length: 40 }, (_, n) => turned(n)));
    expect([report.problem?.code, cursors.length]).toEqual(["filters_ignored", 22]);
  });

  it("an error of the API is its problem, an interrupt is none, and a bug is thrown; what was found stays tracked", async () => {
    const first = [record(1, 30), record(2, 20)];
    const broke = await list([first], {
      fails: new ApiError("it broke", { followUp: "retry", status: 500, code: "c" }),
    });
    expect(broke.report).toMatchObject({ found: 2, interrupted: false, problem: { exit: 5, message: "it broke" } });
    const stopped = await list([first], { signal: AbortSignal.abort(), fails: new Error("aborted") });
    expect(stopped.report).toMatchObject({ found: 2, interrupted: true, problem: undefined });
    await expect(list([first], { fails: new TypeError("a bug") })).rejects.toThrow("a bug");
    expect(rows(archive, "select count(*) as n from tracked_tasks")).toEqual([{ n: 2 }]);
  });
});

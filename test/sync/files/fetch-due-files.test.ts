import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AssetError, type AssetErrorDetails } from "../../../src/assets/asset-error.ts";
import type { Downloader } from "../../../src/assets/download/download.ts";
import type { DownloadedFile, WantedFile } from "../../../src/assets/wanted-file.ts";
import { ASSET_KINDS } from "../../../src/lib/asset-kinds.ts";
import { DiskError } from "../../../src/lib/errors.ts";
import type { SyncEvent } from "../../../src/sync/events.ts";
import { fetchDueFiles } from "../../../src/sync/files/fetch-due-files.ts";
import { FileQueue } from "../../../src/sync/files/file-queue.ts";
import { emptyTally } from "../../../src/sync/tally.ts";
import { NOW, rows, saveAll } from "../../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";

const DAY = 24 * 3_600_000;
const MINUTE = 60_000;
const id = (n: number) => `${n}a6ac2ad-10f2-4e2b-b500-66ec27fe82ad`;

let archive: TemporaryArchive;
let events: SyncEvent[];
beforeEach(() => {
  archive = temporaryArchive();
  events = [];
  for (const n of [1, 2, 3]) song(n);
});
afterEach(() => archive[Symbol.dispose]());

/** A song with one file: row n. */
function song(n: number, url = `https://a.example/${n}`): void {
  const data = [{ id: id(n), state: "succeeded", audio_url: url }];
  saveAll(archive, [{ id: id(n), type: "audios", finished_at: 2, request: {}, response: { success: true, data } }]);
}
const FILE: DownloadedFile = {
  path: "1a/x.m4a",
  bytes: 10,
  sha256: "new",
  contentType: "audio/mp4",
  etag: null,
  lastModified: null,
  durationSeconds: 3,
  proof: "boxes",
  note: null,
  httpStatus: 200,
};
const edit = (statement: string) => archive.db.$client.exec(statement);
const row = (n: number) => rows(archive, `select * from assets where id = ${n}`)[0]!;
const failure = (details: AssetErrorDetails) => new AssetError("http", "it broke", details);
/** The same again at once, without a wait. */
const AGAIN: AssetErrorDetails = { followUp: "retry", retryAfterSeconds: 0, httpStatus: 503 };

type Setup = {
  download?: (wanted: WantedFile, tries: number) => Partial<DownloadedFile> | AssetErrorDetails | Error;
  more?: Partial<Downloader>;
  refetch?: (taskId: string) => boolean;
  options?: { concurrency?: number; maxTransferBytes?: number; maxDurationMs?: number };
  now?: () => number;
  signal?: AbortSignal;
};

/** Fetches whatever is due, from hosts that answer like this. */
async function fetchAll({ download = () => FILE, more, refetch = () => true, options, now, signal }: Setup = {}) {
  const wanted: WantedFile[] = [];
  const refetched: string[] = [];
  const downloader: Downloader = {
    download: async (file) => {
      const tries = wanted.filter((one) => one.id === file.id).length;
      wanted.push(file);
      const given = download(file, tries);
      if (given instanceof Error) throw given;
      if ("followUp" in given) throw failure(given);
      return Promise.resolve({ ...FILE, ...(given as Partial<DownloadedFile>) });
    },
    adopt: async () => Promise.resolve(null),
    hasFile: async () => Promise.resolve(false),
    removeQuarantined: async () => Promise.resolve(0),
    isThere: async () => Promise.resolve(true),
    close: async () => Promise.resolve(),
    ...more,
  };
  const { db, journal, home } = archive;
  const tally = emptyTally();
  const queue = new FileQueue(db, { kinds: [...ASSET_KINDS], now: NOW });
  queue.close();
  const deps = { db, home, journal, api: undefined, downloader, emit: (event: SyncEvent) => void events.push(event) };
  const run = { trigger: "manual", batchSize: 50, ratePerSecond: 0, concurrency: 1 } as const;
  await fetchDueFiles(
    { ...deps, now: now ?? (() => NOW), signal: signal ?? new AbortController().signal },
    { ...run, kinds: [...ASSET_KINDS], ...options },
    tally,
    queue,
    async (taskId) => {
      refetched.push(taskId);
      return Promise.resolve(refetch(taskId));
    },
  );
  return { wanted, asked: wanted.map(({ url }) => url.slice(-1)).join(""), refetched, tally };
}
const problems = (tally: { problems: { code: string }[] }) => tally.problems.map(({ code }) => code);

describe("a file that comes", () => {
  it("is stored with what is known of it, and counted with its bytes", async () => {
    edit("update assets set state = 'gone' where id > 1");
    const { wanted, tally } = await fetchAll();
    expect(wanted).toEqual([{ url: "https://a.example/1", kind: "audio", id: id(1), durationSeconds: null }]);
    expect(row(1)).toMatchObject({
      state: "stored",
      path: FILE.path,
      bytes: 10,
      sha256: "new",
      stored_at: NOW,
      note: null,
    });
    expect(tally).toMatchObject({ assetsStored: 1, assetsBytes: 10, assetsGone: 0, problems: [] });
    expect(events).toMatchObject([{ type: "stored", asset: { id: 1 }, bytes: 10, adopted: false }]);
  });

  it("that was there already, without a row, is stored without a request and is no transfer", async () => {
    const { asked, tally } = await fetchAll({
      more: { adopt: async () => Promise.resolve({ ...FILE, httpStatus: null }) },
    });
    expect(asked).toBe("");
    expect(tally).toMatchObject({ assetsStored: 3, assetsBytes: 0 });
    expect(events[0]).toMatchObject({ type: "stored", bytes: 10, adopted: true });
  });

  const lose = () =>
    edit(
      "update assets set path = '1a/old.m4a', sha256 = 'old', bytes = 7, stored_at = 5 where id = 1; update assets set state = 'gone' where id > 1",
    );

  it("that was lost and is back by itself is stored as it was, without a request", async () => {
    lose();
    const { asked, tally } = await fetchAll({
      more: { hasFile: async ({ path, sha256 }) => Promise.resolve(path === "1a/old.m4a" && sha256 === "old") },
    });
    expect(asked).toBe("");
    expect(row(1)).toMatchObject({
      state: "stored",
      path: "1a/old.m4a",
      sha256: "old",
      stored_at: 5,
      verified_at: NOW,
    });
    expect(tally).toMatchObject({ assetsStored: 1, assetsBytes: 0 });
    expect(events).toMatchObject([{ type: "stored", bytes: 7, adopted: true }]);
  });

  it("that was lost is asked for with what it was, and never adopted", async () => {
    lose();
    const adopt = async () => Promise.reject(new Error("adopted"));
    const { wanted } = await fetchAll({ download: () => ({ sha256: "old" }), more: { adopt } });
    expect(wanted[0]?.lost).toMatchObject({ path: "1a/old.m4a", sha256: "old", acceptDifferent: false });
    expect(row(1)).toMatchObject({ state: "stored", sha256: "old", note: null });
  });

  it("in place of a lost one, with other bytes, is kept beside it: the row keeps the old digest, is gone, and is looked at in a month", async () => {
    lose();
    edit("update assets set misses = 1 where id = 1");
    const { tally } = await fetchAll({ download: () => ({ differs: true, path: "1a/x.differs.m4a" }) });
    expect(row(1)).toMatchObject({
      state: "gone",
      path: "1a/old.m4a",
      sha256: "old",
      misses: 2,
      first_miss_at: NOW,
      http_status: 200,
      last_error: "upstream has other bytes now than the lost file had (sha256 new), kept beside as 1a/x.differs.m4a",
      next_attempt_at: NOW + 30 * DAY,
    });
    expect(tally).toMatchObject({ assetsStored: 0, assetsGone: 1, assetsBytes: 10, problems: [] });
    expect(events).toMatchObject([{ type: "differs", path: "1a/x.differs.m4a" }]);
  });

  it("has a note of what it is not any more, before its own", async () => {
    lose();
    await fetchAll({ download: () => ({ note: "its own" }) });
    expect(row(1)["note"]).toBe("differs from the file that was stored before (sha256 old); its own");
  });
});

describe("a file that does not come", () => {
  const onlyFirst = () => edit("update assets set state = 'gone' where id > 1");
  beforeEach(onlyFirst);

  it("is tried three times, then waits: longer after each run", async () => {
    for (const [run, minutes] of [
      [1, 5],
      [2, 10],
      [3, 20],
    ] as const) {
      const { asked, tally } = await fetchAll({ download: () => AGAIN });
      expect(asked).toBe("111");
      expect(row(1)).toMatchObject({
        state: "failed",
        attempts: run,
        last_error: "it broke",
        http_status: 503,
        next_attempt_at: NOW + minutes * MINUTE,
      });
      expect(tally.problems).toMatchObject([{ exit: 3, code: "asset_failed", message: "it broke", assetId: 1 }]);
    }
    expect(events.filter(({ type }) => type === "retry")).toHaveLength(6);
    expect(events.at(-1)).toMatchObject({ type: "assetFailed", message: "it broke", nextAttemptAt: NOW + 20 * MINUTE });
  });

  it("may come at the second try", async () => {
    const { asked, tally } = await fetchAll({ download: (_file, tries) => (tries === 0 ? AGAIN : FILE) });
    expect(asked).toBe("11");
    expect(tally).toMatchObject({ assetsStored: 1, problems: [] });
  });

  it("is not tried again where that cannot help", async () => {
    const { asked } = await fetchAll({ download: () => ({ followUp: "never", hint: "a hint" }) });
    expect(asked).toBe("1");
  });

  it("is not tried before its host allows, when that is later than its turn; an earlier time changes nothing", async () => {
    await fetchAll({ download: () => ({ followUp: "pause", retryAfterSeconds: 7200, httpStatus: 429 }) });
    expect(row(1)).toMatchObject({ next_attempt_at: NOW + 7_200_000, http_status: 429 });
    edit("update assets set attempts = 0");
    await fetchAll({ download: () => ({ followUp: "pause", retryAfterSeconds: 130 }) });
    expect(row(1)).toMatchObject({ next_attempt_at: NOW + 5 * MINUTE });
  });

  it("because its path leads out of the folder is one file that failed, and ends nothing", async () => {
    song(4);
    const bad = new DiskError("not a path inside", { code: "bad_asset_path" });
    const { tally } = await fetchAll({ download: ({ id: clip }) => (clip === id(1) ? bad : FILE) });
    expect(tally).toMatchObject({
      assetsStored: 1,
      problems: [{ code: "asset_failed", message: "not a path inside" }],
    });
  });

  it("because the disk failed ends the run with that error: no other file is begun", async () => {
    edit("update assets set state = 'wanted'");
    const asked: string[] = [];
    const full = new DiskError("full");
    const all = fetchAll({ download: ({ url }) => (asked.push(url), full), options: { concurrency: 1 } });
    await expect(all).rejects.toBe(full);
    expect(asked).toHaveLength(1);
  });

  it("because of an interrupt is as it was", async () => {
    const stop = new AbortController();
    const before = row(1);
    await fetchAll({ download: () => (stop.abort(new Error("stop")), AGAIN), signal: stop.signal });
    expect(row(1)).toEqual(before);
    expect(events).toEqual([]);
  });
});

describe("a file that its host does not have", () => {
  beforeEach(() => edit("update assets set state = 'stored', path = 'x', sha256 = 'x' where id > 1"));
  const missing: AssetErrorDetails = { followUp: "miss", httpStatus: 404 };

  it("its task is asked for once more: the same address makes it a miss", async () => {
    const { asked, refetched, tally } = await fetchAll({ download: () => missing });
    expect({ asked, refetched }).toEqual({ asked: "1", refetched: [id(1)] });
    expect(row(1)).toMatchObject({
      state: "failed",
      misses: 1,
      first_miss_at: NOW,
      http_status: 404,
      next_attempt_at: NOW + 5 * MINUTE,
    });
    expect(tally).toMatchObject({ assetsGone: 0, problems: [{ code: "asset_failed" }] });
  });

  it("another address is tried, with all its tries", async () => {
    const refetch = () => (song(1, "https://b.example/9"), true);
    const { asked, tally } = await fetchAll({
      download: ({ url }, tries) => (url.endsWith("1") ? missing : tries < 2 ? AGAIN : FILE),
      refetch,
    });
    expect(asked).toBe("199");
    expect(tally).toMatchObject({ assetsStored: 1, problems: [] });
  });

  it("and when the other address has it neither, that is the miss", async () => {
    const refetch = () => (song(1, "https://b.example/9"), true);
    const { asked, refetched } = await fetchAll({ download: () => missing, refetch });
    expect({ asked, refetched }).toEqual({ asked: "19", refetched: [id(1)] });
    expect(row(1)).toMatchObject({ misses: 1, url: "https://b.example/9" });
  });

  it("when the task cannot be asked for, nothing counts as a miss", async () => {
    await fetchAll({ download: () => missing, refetch: () => false });
    expect(row(1)).toMatchObject({ state: "failed", misses: 0, first_miss_at: null, last_error: "it broke" });
  });

  it("a day after its first miss it is gone, which is no problem of the run", async () => {
    edit(`update assets set misses = 1, first_miss_at = ${NOW - DAY} where id = 1`);
    const { tally } = await fetchAll({ download: () => missing });
    expect(row(1)).toMatchObject({ state: "gone", misses: 2, next_attempt_at: NOW + 30 * DAY });
    expect(tally).toMatchObject({ assetsGone: 1, problems: [] });
    expect(events.at(-1)).toMatchObject({ type: "assetGone", asset: { id: 1 } });
  });

  it("over half of a host's files missed: an outage, named, and no miss counts", async () => {
    edit("update assets set state = 'wanted', path = null, sha256 = null");
    const { tally } = await fetchAll({ download: () => missing });
    expect([1, 2, 3].map((n) => row(n)["misses"])).toEqual([0, 0, 0]);
    expect(tally.problems.at(-1)).toEqual({
      exit: 3,
      code: "host_outage",
      message: "a.example has an outage: none of its misses counts",
    });
    expect(problems(tally).filter((code) => code === "asset_failed")).toHaveLength(3);
  });

  it("an answer of any kind, a refusal too, says that its host is there", async () => {
    edit("update assets set state = 'wanted', path = null, sha256 = null");
    for (const n of [4, 5, 6]) song(n);
    const refused: AssetErrorDetails = { followUp: "never", httpStatus: 500 };
    const { tally } = await fetchAll({ download: ({ url }) => (/[123]$/.test(url) ? missing : refused) });
    expect(problems(tally)).not.toContain("host_outage");
    expect(row(1)).toMatchObject({ misses: 1 });
  });
});

describe("the limits of a run", () => {
  it("so many bytes: no file is begun once they have come", async () => {
    for (const [most, asked] of [
      [1, "1"],
      [10, "1"],
      [11, "12"],
      [20, "12"],
      [99, "123"],
    ] as const) {
      edit("update assets set state = 'wanted', path = null, sha256 = null");
      expect((await fetchAll({ options: { maxTransferBytes: most } })).asked).toBe(asked);
    }
  });

  it("so much time: no file is begun once it is up", async () => {
    expect((await fetchAll({ options: { maxDurationMs: 0 } })).asked).toBe("");
    expect((await fetchAll({ options: { maxDurationMs: 3_600_000 } })).asked).toBe("123");
  });

  it("so many at once, and no more", async () => {
    for (const n of [4, 5, 6]) song(n);
    let [under, most] = [0, 0];
    const download = async () => {
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 5));
      under--;
      return FILE;
    };
    await fetchAll({ more: { download }, options: { concurrency: 3 } });
    expect(most).toBe(3);
  });

  it("a pause that a host asks for holds all files until the longest has ended", async () => {
    const order: string[] = [];
    const long = new Promise((resolve) => setTimeout(resolve, 150, order.push("begin"))).then(() =>
      order.push("150 ms"),
    );
    const download = ({ url }: WantedFile, tries: number) => {
      order.push(url.slice(-1));
      if (tries > 0 || url.endsWith("3")) return FILE;
      return {
        followUp: "pause",
        retryAfterSeconds: url.endsWith("1") ? 0.3 : 0,
        httpStatus: 429,
      } satisfies AssetErrorDetails;
    };
    await fetchAll({ download, options: { concurrency: 2 } });
    await long;
    expect(order.slice(0, 4)).toEqual(["begin", "1", "2", "150 ms"]);
    expect(order.slice(4).toSorted()).toEqual(["1", "2", "3"]);
  });
});

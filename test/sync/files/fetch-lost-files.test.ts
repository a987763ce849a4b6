import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../../../src/api/api-error.ts";
import type { Downloader } from "../../../src/assets/download/download.ts";
import { DiskError } from "../../../src/lib/errors.ts";
import type { SyncEvent } from "../../../src/sync/events.ts";
import { fetchLostFiles, type FetchLostDeps } from "../../../src/sync/files/fetch-lost-files.ts";
import { NOW, rows, saveAll } from "../../archive/saving.ts";
import { temporaryArchive, type TemporaryArchive } from "../../helpers/temporary-archive.ts";
import { ALL, downloaderThat, FILE, recordOf, serviceThat, taskId, type Answer } from "../small-upstream.ts";

const DAY = 24 * 3_600_000;

let archive: TemporaryArchive;
let events: SyncEvent[];
/** Two songs; their four files, rows 1 to 4, were stored and are lost. */
beforeEach(() => {
  archive = temporaryArchive();
  events = [];
  saveAll(archive, [recordOf(taskId(1)), recordOf(taskId(2))]);
  archive.db.$client.exec("update assets set state = 'wanted', path = '1a/' || id, sha256 = 'old', stored_at = 5");
});
afterEach(() => archive[Symbol.dispose]());

type Given = {
  answer?: Answer | undefined;
  download?: Parameters<typeof downloaderThat>[0];
  more?: Partial<Downloader>;
  deps?: Partial<FetchLostDeps>;
};
async function fetchLost(ids: number[], acceptDifferent: boolean, given: Given = {}) {
  const { answer = ALL, download = () => ({ ...FILE, sha256: "old" }), more, deps } = given;
  const [asked, urls] = [[] as string[][], [] as string[]];
  const { db, home, journal } = archive;
  const done = fetchLostFiles(
    {
      db,
      home,
      journal,
      downloader: downloaderThat(download, urls, more),
      api: serviceThat(answer, asked),
      emit: (event) => void events.push(event),
      now: () => NOW,
      signal: new AbortController().signal,
      concurrency: 1,
      ...deps,
    },
    ids,
    acceptDifferent,
  );
  const error = await done.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { asked, urls, error };
}
const row = (id: number) => rows(archive, `select * from assets where id = ${id}`)[0];
const MISS = { followUp: "miss", httpStatus: 404 } as const;

describe("fetching lost files again", () => {
  it("fetches these of any kind, and no others", async () => {
    const { urls, asked } = await fetchLost([1, 4], false);
    expect([urls, asked]).toEqual([["1", "2.jpg"], []]);
    expect([1, 2, 3, 4].map((id) => row(id)!["state"])).toEqual(["stored", "wanted", "wanted", "stored"]);
  });

  it("keeps other bytes beside, and takes them where that is wanted", async () => {
    const wanted: unknown[] = [];
    const download = ({ lost }: { lost?: object }) => {
      wanted.push(lost);
      return { ...FILE, differs: true };
    };
    await fetchLost([1], false, { download });
    expect(row(1)).toMatchObject({ state: "gone", sha256: "old", path: "1a/1" });
    expect(events.map(({ type }) => type)).toEqual(["differs"]);
    // Gone is not looked at again so soon, but for who takes what there is.
    expect((await fetchLost([1], false)).urls).toEqual([]);
    expect((await fetchLost([1], true)).urls).toEqual(["1"]);
    const other = await fetchLost([2], true, { download: ({ lost }) => (wanted.push(lost), FILE) });
    expect(other.urls).toEqual(["1.jpg"]);
    expect(row(2)).toMatchObject({ state: "stored", sha256: "new" });
    expect(wanted).toMatchObject([
      { path: "1a/1", sha256: "old", acceptDifferent: false },
      { path: "1a/2", sha256: "old", acceptDifferent: true },
    ]);
  });

  it("asks once for the task of files that are missing, and fetches them from their new addresses", async () => {
    const answer: Answer = (ids) =>
      ids.map((id) => JSON.parse(JSON.stringify(recordOf(id)).replaceAll("a.example/", "a.example/new-")) as object);
    const download = ({ url }: { url: string }) => (url.includes("new-") ? { ...FILE, sha256: "old" } : MISS);
    const { asked, urls } = await fetchLost([1, 2], false, { answer, download });
    expect(asked).toEqual([[taskId(1)]]);
    expect(urls).toEqual(["1", "new-1", "new-1.jpg"]);
    expect([row(1), row(2)]).toMatchObject([{ state: "stored" }, { state: "stored" }]);
  });

  it("without a token tries only the address of the row, and a token that is refused is used no more", async () => {
    const download = () => MISS;
    expect((await fetchLost([1, 2], false, { download, deps: { api: undefined } })).urls).toEqual(["1", "1.jpg"]);
    const answer: Answer = () => {
      throw new ApiError("no", { followUp: "refused", status: 401, code: "invalid_token", retryAfterSeconds: null });
    };
    archive.db.$client.exec("update assets set state = 'wanted', next_attempt_at = null");
    const { asked, error } = await fetchLost([1, 3], false, { answer, download });
    expect([asked, error]).toEqual([[[taskId(1)]], undefined]);
    const missing = await fetchLost([1, 2], false, { answer: () => [], download });
    expect(missing.asked).toEqual([[taskId(1)]]);
  });

  it("counts a miss that is a day after the first: the file is gone", async () => {
    archive.db.$client.exec(`update assets set misses = 1, first_miss_at = ${NOW - DAY} where id = 1`);
    const now = () => NOW;
    await fetchLost([1, 3], false, { download: ({ url }) => (url.endsWith("/1") ? MISS : FILE), deps: { now } });
    expect(row(1)).toMatchObject({ state: "gone", misses: 2, http_status: 404 });
    expect(events.map(({ type }) => type)).toContain("assetGone");
  });

  it("names a host that is not reached", async () => {
    await fetchLost([1], false, { download: () => ({ followUp: "never", isUnreachable: true }) });
    expect(events).toContainEqual({ type: "hostUnreached", host: "a.example", files: 1, message: "it broke" });
  });

  it("ends with the error of the disk; what was seen before counts all the same", async () => {
    const more = {
      download: ({ url }: { url: string }) =>
        Promise.reject(url.endsWith("/1") ? new DiskError("full", { code: "disk_full" }) : new Error("not asked")),
    };
    const { error } = await fetchLost([1, 2], false, { more });
    expect(error).toMatchObject({ code: "disk_full" });
    expect(row(1)).toMatchObject({ state: "wanted" });
  });

  it("a file that is back on the disk is not fetched", async () => {
    const { urls } = await fetchLost([1], false, { more: { hasFile: () => Promise.resolve(true) } });
    expect([urls, row(1)!["state"]]).toEqual([[], "stored"]);
  });
});

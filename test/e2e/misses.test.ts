import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { clipIdOf, makeRecord } from "../stand-in/make-record.ts";
import { editArchive, rowsOf, type Row } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { listTree } from "../helpers/folder-tree.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const DAY = 24 * 3600 * 1000;
const audio = (n: number) => new RegExp(`/audio/${clipIdOf(n)}`);

function song({ home }: World, n: number): Row | undefined {
  return rowsOf(home, "select * from assets where kind = 'audio' and clip_id = ?", clipIdOf(n))[0];
}

/** What waiting for a day does to the archive. */
function dayLater({ home }: World): void {
  editArchive(
    home,
    "update assets set first_miss_at = first_miss_at - ?, next_attempt_at = next_attempt_at - ?",
    DAY,
    DAY,
  );
}

test.concurrent(
  "E78: 403 at a URL that has changed since: the task is asked once more and the new URL tried in the same run",
  async () => {
    await using world = await makeWorld({ tasks: 6 });
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    const moved = `${world.standIn.assetUrl}/corpusant-app-public/riffs/new/audio/${clipIdOf(0)}.m4a`;
    world.standIn.records.set(
      world.ids[0] ?? "",
      makeRecord(0, { clip: { audio_url: moved } }, { assetBase: world.standIn.assetUrl }),
    );
    world.standIn.fault(
      (request) => request.server === "assets" && audio(0).test(request.url) && !request.url.includes("/new/"),
      { kind: "status", status: 403 },
      "forever",
    );
    world.standIn.reset();
    const end = expectCode(await world.mirror("sync", "--json"), 0);
    expect(end.json).toMatchObject({ outcome: "complete", assets: { stored: 12, failed: 0, gone: 0 } });
    expect(world.standIn.apiRequests().map((request) => request.ids)).toEqual([[world.ids[0]]]);
    expect(song(world, 0)).toMatchObject({ state: "stored", url: moved, misses: 0 });
    expect(world.problems()).toEqual([]);
  },
);

describe.concurrent("21: an address that has expired", () => {
  const EXPIRED = "<?xml version='1.0'?><Error><Code>ExpiredToken</Code></Error>";

  test("the task is asked once more, and the new address tried in the same run", async () => {
    await using world = await makeWorld({ tasks: 3 });
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    const moved = `${world.standIn.assetUrl}/corpusant-app-public/riffs/new/audio/${clipIdOf(0)}.m4a`;
    const fresh = makeRecord(0, { clip: { audio_url: moved } }, { assetBase: world.standIn.assetUrl });
    world.standIn.records.set(world.ids[0] ?? "", fresh);
    const isOld = ({ server, url }: { server: string; url: string }) =>
      server === "assets" && audio(0).test(url) && !url.includes("/new/");
    world.standIn.fault(isOld, { kind: "body", body: EXPIRED, status: 400 }, "forever");
    world.standIn.reset();
    const end = expectCode(await world.mirror("sync", "--json"), 0);
    expect(end.json).toMatchObject({ assets: { stored: 6, failed: 0, gone: 0 } });
    expect(world.standIn.apiRequests().map((request) => request.ids)).toEqual([[world.ids[0]]]);
    expect(song(world, 0)).toMatchObject({ state: "stored", url: moved });
  });

  test("where the task has no other, the file has failed, and never counts as gone", async () => {
    await using world = await makeWorld({ tasks: 3 });
    world.standIn.fault(audio(0), { kind: "body", body: EXPIRED, status: 400 }, "forever");
    for (let run = 0; run < 3; run++) {
      world.standIn.reset();
      const end = expectCode(await world.mirror("sync", "--json"), 3);
      expect(end.json).toMatchObject({ assets: { failed: 1, gone: 0 } });
      expect(world.standIn.assetRequests().filter(({ url }) => audio(0).test(url))).toHaveLength(1);
      expect(song(world, 0)).toMatchObject({ state: "failed", misses: 0, http_status: 400 });
      dayLater(world);
    }
  });
});

describe.concurrent("9: a host of files that cannot be reached", () => {
  test("is left after a few files, which wait, and is reported in one line with their number", async () => {
    await using world = await makeWorld({ tasks: 30 });
    const down = { env: { PRODUCER_MIRROR_ASSET_HOSTS: `${world.standIn.assetHost},127.0.0.1:1` } };
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    const addresses = rowsOf(world.home, "select id, url from assets where kind = 'audio'");
    editArchive(world.home, "update assets set url = 'http://127.0.0.1:1/' || id where kind = 'audio'");
    const end = expectCode(await world.mirrorWith(down, "sync", "--json"), 3);
    expect(end.json).toMatchObject({ outcome: "incomplete", assets: { stored: 30, gone: 0 } });
    const lines = end.stderr.split("\n").filter((line) => line.startsWith("127.0.0.1:1"));
    expect(lines).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:1 cannot be reached: .*refused.*; 30 files wait for it$/),
    ]);
    const tried = "select attempts from assets where kind = 'audio' and state = 'failed'";
    expect(rowsOf(world.home, tried).length).toBeLessThan(12);
    for (const { id, url } of addresses) editArchive(world.home, "update assets set url = ? where id = ?", url, id);
    const healed = expectCode(await world.mirror("sync", "--json"), 0);
    expect(healed.json).toMatchObject({ outcome: "complete", assets: { stored: 30 } });
    expect(world.problems()).toEqual([]);
  });
});

describe.concurrent("E81: a file that is not there", () => {
  test.for([403, 404, 410])(
    "E81: %i: a first miss is 3; a second within a day is no more; a day later it is gone, 0, and named",
    async (status) => {
      await using world = await makeWorld({ tasks: 6 });
      world.standIn.fault(audio(0), { kind: "status", status }, "forever");
      const first = expectCode(await world.mirror("sync", "--json"), 3);
      expect(first.json).toMatchObject({ outcome: "incomplete", assets: { stored: 11, failed: 1, gone: 0 } });
      expect(song(world, 0)).toMatchObject({ state: "failed", misses: 1, http_status: status });
      expect(world.standIn.apiRequests().length).toBe(2);
      expectCode(await world.mirror("sync"), 3);
      expect(song(world, 0)).toMatchObject({ state: "failed" });
      dayLater(world);
      const gone = expectCode(await world.mirror("sync", "--json"), 0);
      expect(gone.json).toMatchObject({ outcome: "complete", assets: { failed: 0, gone: 1 } });
      expect(song(world, 0)).toMatchObject({ state: "gone", path: null });
      expect((await world.mirror("sync")).stdout).toMatch(/1 song missing: .*gone upstream/);
      world.standIn.reset();
      expectCode(await world.mirror("sync"), 0);
      expect(world.standIn.assetRequests()).toHaveLength(0);
      world.standIn.clearFaults();
      expect(expectCode(await world.mirror("sync", "--refresh", "--json"), 0).json).toMatchObject({
        assets: { stored: 1 },
      });
      expect(song(world, 0)).toMatchObject({ state: "stored", misses: 0, first_miss_at: null });
      expect(world.problems()).toEqual([]);
    },
  );

  test("E81: a gone file is looked at again after 30 days", async () => {
    await using world = await makeWorld({ tasks: 6 });
    world.standIn.fault(audio(0), { kind: "status", status: 404 }, "forever");
    expectCode(await world.mirror("sync"), 3);
    dayLater(world);
    expectCode(await world.mirror("sync"), 0);
    const { next_attempt_at } = song(world, 0) ?? {};
    expect(Number(next_attempt_at) - Date.now()).toBeGreaterThan(29 * DAY);
    editArchive(world.home, "update assets set next_attempt_at = ? where state = 'gone'", Date.now() - 1);
    world.standIn.clearFaults();
    expect(expectCode(await world.mirror("sync", "--json"), 0).json).toMatchObject({ assets: { stored: 1 } });
  });

  test("E81: when the API cannot be asked, no miss counts", async () => {
    await using world = await makeWorld({ tasks: 6 });
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    world.standIn.fault(audio(0), { kind: "status", status: 404 }, "forever");
    expectCode(await world.mirrorWith({ env: { ACEDATACLOUD_API_TOKEN: "" } }, "sync", "--assets-only"), 3);
    expect(song(world, 0)).toMatchObject({ state: "failed", misses: 0, first_miss_at: null });
  });
});

test.concurrent(
  "an outage: when over half of a host's answers are misses, none of them counts, exit 3, and nothing is ever gone by it",
  async () => {
    await using world = await makeWorld({ tasks: 6 });
    world.standIn.fault(/\.m4a$|0.*\.jpg$/, { kind: "status", status: 404 }, "forever");
    for (let run = 0; run < 2; run++) {
      const end = expectCode(await world.mirror("sync", "--json"), 3);
      expect(end.json).toMatchObject({ outcome: "incomplete", assets: { gone: 0 } });
      expect(end.stderr).toMatch(/outage/);
      expect(
        rowsOf(world.home, "select 1 from assets where misses > 0 or first_miss_at is not null or state = 'gone'"),
      ).toEqual([]);
      dayLater(world);
    }
    world.standIn.clearFaults();
    expectCode(await world.mirror("sync"), 0);
    expect(world.problems()).toEqual([]);
  },
);

test.concurrent("what is gone stays gone through an outage, and comes back with its host", async () => {
  await using world = await makeWorld({ tasks: 9 });
  world.standIn.fault(audio(0), { kind: "status", status: 404 }, "forever");
  expectCode(await world.mirror("sync", "--no-assets"), 0);
  const five = world.ids.slice(0, 5);
  expectCode(await world.mirror("sync", ...five), 3);
  dayLater(world);
  expect(expectCode(await world.mirror("sync", "--json", ...five), 0).json).toMatchObject({ assets: { gone: 1 } });
  world.standIn.clearFaults();
  world.standIn.fault("assets", { kind: "status", status: 404 }, "forever");
  const outage = expectCode(await world.mirror("sync", "--refresh", "--json"), 3);
  expect(outage.json).toMatchObject({ assets: { gone: 0, stored: 0 } });
  expect(song(world, 0)).toMatchObject({ state: "gone" });
  world.standIn.clearFaults();
  expectCode(await world.mirror("sync", "--refresh"), 0);
  expect(song(world, 0)).toMatchObject({ state: "stored" });
  expect(world.problems()).toEqual([]);
});

describe.concurrent("E75: going on with a part", () => {
  const PAD = 3_000_000;
  /** A sync that is killed by a server which stops at half, twice what a part needs to be on the disk. */
  async function halfWay(): Promise<World> {
    const world = await makeWorld({ tasks: 1, standIn: { padTo: PAD }, env: { PRODUCER_MIRROR_KINDS: "audio" } });
    world.standIn.fault(/\.m4a/, { kind: "cut", after: 0.7 }, "once");
    world.standIn.fault(/\.m4a/, { kind: "status", status: 500 }, "forever");
    expectCode(await world.mirror("sync"), 3);
    expect(parts(world)).toContainEqual(expect.stringMatching(/\.audio\.part$/));
    world.standIn.clearFaults();
    world.standIn.reset();
    return world;
  }

  function parts({ home }: World): string[] {
    return listTree(join(home, "assets"))
      .map((found) => found.path)
      .filter((path) => path.includes(".part"));
  }

  /** What is wrong with the song that must be there now. */
  function wrongWith(world: World): string[] {
    const row = song(world, 0);
    if (row?.["state"] !== "stored") return [`the song is ${row?.["state"]}`];
    const digest = createHash("sha256")
      .update(readFileSync(join(world.home, "assets", String(row["path"]))))
      .digest("hex");
    return [...(digest === row["sha256"] ? [] : ["other bytes"]), ...parts(world), ...world.problems()];
  }

  test("E75: Range and If-Range ask for the rest, the whole file is proven", async () => {
    await using world = await halfWay();
    expectCode(await world.mirror("sync"), 0);
    const [request] = world.standIn.assetRequests();
    expect(request?.headers.range).toMatch(/^bytes=[1-9]\d{5,}-$/);
    expect(request?.headers["if-range"]).toMatch(/^"[0-9a-f]{32}"$/);
    expect(world.standIn.assetRequests()).toHaveLength(1);
    expect(wrongWith(world)).toEqual([]);
  });

  test.for(["ignored", "wrong-start", "unsatisfiable"] as const)(
    "E75: a range that is %s: the download starts over",
    async (how) => {
      await using world = await halfWay();
      world.standIn.fault(/\.m4a/, { kind: "range", how }, "once");
      expectCode(await world.mirror("sync"), 0);
      expect(wrongWith(world)).toEqual([]);
    },
  );

  test("E75: other bytes upstream since: the download starts over, and no mixture is kept", async () => {
    await using world = await halfWay();
    const path = new URL(String(song(world, 0)?.["url"])).pathname;
    const other = world.standIn.assets.get(path, "other")?.body ?? Buffer.alloc(0);
    world.standIn.assets.set(path, other);
    expectCode(await world.mirror("sync"), 0);
    expect(wrongWith(world)).toEqual([]);
  });
});

test.concurrent("a bucket with an outage does not cost a question for every song", async () => {
  await using world = await makeWorld({ tasks: 60 });
  world.standIn.fault("assets", { kind: "status", status: 404 }, "forever");
  const end = expectCode(await world.mirror("sync", "--json"), 3);
  expect(end.json).toMatchObject({ outcome: "incomplete", assets: { stored: 0, failed: 120, gone: 0 } });
  expect(rowsOf(world.home, "select 1 from assets where misses > 0")).toEqual([]);
  expect(world.standIn.apiRequests().length).toBeLessThan(2 + 20 + 16);
  world.standIn.clearFaults();
  expectCode(await world.mirror("sync"), 0);
  expect(world.problems()).toEqual([]);
});

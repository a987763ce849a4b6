import { mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { DemoLibrary } from "../../src/demo/library/library-types.ts";
import { clipIdOf, makeRecord, taskIdOf } from "../stand-in/make-record.ts";
import { songOf, readMedia } from "../../src/demo/library/media.ts";
import { rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { listTree } from "../helpers/folder-tree.ts";
import { startSentinel } from "../helpers/sentinel.ts";
import { makeWorld } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** One song for each set of fields, with no cover unless it brings one. */
function libraryOf(clips: Record<string, unknown>[]): (assetBase: string) => DemoLibrary {
  return (assetBase) => ({
    size: clips.length,
    id: (n) => taskIdOf(n),
    value: (n) => makeRecord(n, { clip: { image_url: null, ...clips[n] } }, { assetBase }),
    unknownIds: [],
  });
}

const HOSTS = [
  "127.0.0.1",
  "localhost",
  "localhost.",
  "LOCALHOST",
  "0",
  "0.0.0.0",
  "127.1",
  "127.0.0.2",
  "0x7f.1",
  "0x7f000001",
  "2130706433",
  "017700000001",
  "①②⑦.⓪.⓪.①",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::ffff:a9fe:a9fe]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  "10.0.0.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "[fe80::1]",
  "[fc00::1]",
  "[fd12:3456::1]",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "[ff02::1]",
  "198.18.0.1",
  "192.0.2.1",
];

test("F84: files on private addresses, in every spelling: refused, no connection is made, exit 3", async () => {
  const v4 = await startSentinel("127.0.0.1");
  const other = await startSentinel("127.0.0.2");
  const v6 = await startSentinel("::1").catch(() => undefined);
  const ports = [v4.port, other.port, v6?.port ?? v4.port];
  const urls = HOSTS.flatMap((host, n) => [
    `https://${host}/x.m4a`,
    `http://${host}:${ports[n % 3]}/x.m4a`,
    `https://${host}:${ports[n % 3]}/x.m4a`,
  ]);
  await using world = await makeWorld({
    library: libraryOf(urls.map((audio_url) => ({ audio_url }))),
    env: { PRODUCER_MIRROR_ASSET_HOSTS: "" },
  });
  const end = expectCode(await world.mirror("sync", "--json"), 3);
  expect(end.json).toMatchObject({ outcome: "incomplete", assets: { stored: 0, failed: urls.length } });
  const rows = rowsOf(world.home, "select url, last_error from assets where state = 'failed'");
  expect(rows).toHaveLength(urls.length);
  expect(rows.filter((row) => !String(row["last_error"]).startsWith("refused:"))).toEqual([]);
  expect([v4.connections(), other.connections(), v6?.connections() ?? 0, world.standIn.assetConnections()]).toEqual([
    0, 0, 0, 0,
  ]);
  expect(world.problems()).toEqual([]);
  await Promise.all([v4.close(), other.close(), v6?.close()]);
});

test("F87: an allowed host that redirects to a private one: refused at the hop; a relative hop is followed", async () => {
  const sentinel = await startSentinel();
  await using world = await makeWorld({ tasks: 6 });
  const song = (n: number) => new RegExp(`/audio/${clipIdOf(n)}`);
  const hops = [
    `http://127.0.0.1:${sentinel.port}/`,
    `//[::1]:${sentinel.port}/`,
    `https://127.0.0.1:${sentinel.port}/x.m4a`,
    `//localhost:${sentinel.port}/x`,
    `http://2130706433:${sentinel.port}/`,
  ];
  for (const [n, to] of hops.entries()) world.standIn.fault(song(n), { kind: "redirect", to }, "forever");
  const path = (await recordPath(world.standIn.records.get(taskIdOf(5)))) ?? "";
  world.standIn.fault(
    (request) => request.url === path,
    { kind: "redirect", to: `${path}?moved=1`, status: 307 },
    "once",
  );
  expectCode(await world.mirror("sync"), 3);
  expect(sentinel.connections()).toBe(0);
  const rows = rowsOf(world.home, "select last_error from assets where state <> 'stored'");
  expect(rows).toHaveLength(hops.length);
  for (const row of rows) expect(row["last_error"]).toMatch(/^refused: .*redirect 1/);
  expect(rowsOf(world.home, "select state from assets where kind = 'audio' and clip_id = ?", clipIdOf(5))).toEqual([
    { state: "stored" },
  ]);
  expect(world.problems()).toEqual([]);
  await sentinel.close();
});

async function recordPath(record: unknown): Promise<string | undefined> {
  const { response } = record as { response: { data: { audio_url: string }[] } };
  const url = response.data[0]?.audio_url;
  return url && new URL(url).pathname;
}

describe("F90: names made by others", () => {
  const IDS = [
    "../x",
    "..\\x",
    "/etc/x",
    "a/b",
    "",
    ".",
    "..",
    "CON",
    "n".repeat(300),
    "a\u0000b",
    "%2e%2e",
    "🎵",
    "-rf",
    "ABC",
    "abc",
    "é",
    "e\u0301",
    "x\u202Egnp.exe",
    "\r\n",
    "con.m4a",
    "1DD08826-5FBA-4CC9-9E9D-3E2F8F9E1B2C",
  ];
  const PATHS = [
    "/odd/song.desktop",
    "/odd/song.m4a.exe",
    "/odd/song.m4a?x=/../../etc/passwd",
    "/odd/..%2f..%2fx.m4a",
    "/odd/%00.m4a",
    "/odd/.m4a",
    "/odd/",
  ];

  test("F90: ids and URLs of every shape: files lie in the assets folder under safe names, and nothing lies elsewhere", async () => {
    const clips = [
      ...IDS.map((id, n) => ({ id, path: `/odd/${n}.m4a` })),
      ...PATHS.map((path, n) => ({ id: `p${n}`, path })),
    ];
    const library = (assetBase: string) =>
      libraryOf(clips.map(({ id, path }) => ({ id, audio_url: assetBase + path })))(assetBase);
    await using world = await makeWorld({ library });
    for (const [n, { path }] of clips.entries()) {
      const name = decodeURIComponent(path.split("?")[0] ?? "");
      world.standIn.assets.set(name, Buffer.concat([readMedia(songOf("any").file), freeBox(String(n))]));
    }
    const outside = () => readdirSync(world.folder).filter((name) => name !== "mirror");
    const before = outside();
    const end = expectCode(await world.mirror("sync", "--json"), 0);
    expect(end.json).toMatchObject({ assets: { stored: clips.length, failed: 0 } });
    const files = listTree(join(world.home, "assets")).filter(
      (found) => found.type === "file" && found.path !== ".producer-mirror",
    );
    expect(files).toHaveLength(clips.length);
    expect(files.filter((found) => !/^[0-9a-z-]{2}\/[0-9a-z_-]{1,64}\.m4a$/.test(found.path))).toEqual([]);
    expect(outside()).toEqual(before);
    expect(world.problems()).toEqual([]);
    for (const words of [["clips", "--paths"], ["clips", "--json"], ["status"]])
      expectCode(await world.mirror(...words), 0);
  });
});

/** A box that players skip, so that no two songs are alike. */
function freeBox(mark: string): Buffer {
  const box = Buffer.alloc(8 + mark.length);
  box.writeUInt32BE(box.length, 0);
  box.write(`free${mark}`, 4, "latin1");
  return box;
}

test("F91: a folder of the archive that is a symlink leads nowhere: refused, nothing is written through it", async () => {
  await using world = await makeWorld({ tasks: 2 });
  const outside = join(world.folder, "outside");
  mkdirSync(outside);
  expectCode(await world.mirror("sync", "--limit", "1"), 0);
  const other = rowsOf(world.home, "select task_id from tracked_tasks where state = 'pending'")[0]?.["task_id"];
  const n = [0, 1].find((one) => taskIdOf(one) === other) ?? 0;
  const folder = join(world.home, "assets", clipIdOf(n).slice(0, 2));
  symlinkSync(outside, folder);
  const end = await world.mirror("sync");
  expect([3, 7]).toContain(end.code);
  expect(end.stdout + end.stderr).toMatch(/symlink in archive/);
  expect(readdirSync(outside)).toEqual([]);
  renameSync(folder, join(world.folder, "link"));
  expectCode(await world.mirror("sync"), 0);
  expect(world.problems()).toEqual([]);
});

test("F92: 100 downloads, with and without redirects, carry no token, no cookie and no key", async () => {
  await using world = await makeWorld({ tasks: 50 });
  world.standIn.fault(/\.m4a$/, { kind: "redirect-loop", hops: 2 }, "forever");
  expectCode(await world.mirror("sync"), 0);
  const requests = world.standIn.assetRequests();
  expect(requests.length).toBeGreaterThanOrEqual(200);
  for (const { headers } of requests) {
    expect(Object.keys(headers).toSorted()).toEqual(["accept", "accept-encoding", "connection", "host", "user-agent"]);
    expect(headers["accept-encoding"]).toBe("identity");
  }
  expect(world.problems()).toEqual([]);
});

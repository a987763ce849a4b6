import { execFileSync, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DiskError } from "../../../src/lib/errors.ts";
import { createDownloader } from "../../../src/assets/download/download.ts";
import { openStore } from "../../../src/assets/store/store.ts";
import { answer, ok, startRawServer } from "../../assets/download/raw-server.ts";
import { bigM4a, collect, ID, setUp } from "../../assets/download/setup.ts";
import { mayMount } from "../../helpers/needs.ts";

describe("a disk of three megabytes (as root only: it is mounted)", () => {
  test.skipIf(!mayMount())(
    "B13: a file that does not fit is exit 7 with need and have, and leaves nothing",
    async () => {
      await withSmallDisk("size=3m", async (root) => {
        const big = bigM4a(6_000_000);
        const whole = ok(big, { etag: '"v1"' });
        const unknown = answer("200 OK", { connection: "close", etag: '"v1"' }, big);
        await using server = await startRawServer(
          (socket, { path }) => void socket.end(path === "/known" ? whole : unknown),
        );
        const store = openStore(root, "archive-1");
        await store.prepare({ files: false });
        const options = { store, assetHosts: ["127.0.0.1"], userAgent: "test" };
        // The second one believes that there is room, as when other downloads take it meanwhile.
        for (const downloader of [
          createDownloader(options),
          createDownloader({ ...options, freeBytes: async () => 9e9 }),
        ]) {
          for (const path of ["/known", "/unknown"]) {
            const want = { url: `${server.origin}${path}`, kind: "audio", id: ID, durationSeconds: null } as const;
            const error = await downloader.download(want, AbortSignal.timeout(9000)).catch((each: unknown) => each);
            expect(error).toBeInstanceOf(DiskError);
            expect(error).toMatchObject({ exit: 7, code: "disk_full" });
            expect((error as Error).message).toMatch(/^no space left on .*: need (6\.0 MB|more), have \d+\.\d MB$/);
            expect(await collect(store.listParts())).toEqual([]);
            expect(await collect(store.list())).toEqual([]);
          }
          await downloader.close();
        }
      });
    },
  );

  test.skipIf(!mayMount())("B17: a read-only disk is exit 7 and names the path", async () => {
    await withSmallDisk("size=3m", async (root) => {
      await openStore(root, "archive-1").prepare({ files: false });
      execFileSync("mount", ["-o", "remount,ro", root]);
      const store = openStore(root, "archive-1");
      const error = await store.prepare({ files: true }).catch((each: unknown) => each);
      expect(error).toMatchObject({ exit: 7, message: expect.stringContaining(root) });
      await expect(store.folderFor(ID)).rejects.toMatchObject({ exit: 7 });
    });
  });
});

test("E76: memory does not grow with the file", async () => {
  const size = 120_000_000;
  const start = Buffer.concat([bigM4a(10_000), Buffer.from([0, 0, 0, 0, ...Buffer.from("mdat")])]);
  await using server = await startRawServer((socket) => {
    socket.write(answer("200 OK", { "content-length": String(size) }, start));
    let left = size - start.length;
    const filler = Buffer.alloc(1_000_000, 7);
    const more = () => {
      while (left > 0) {
        const piece = filler.subarray(0, left);
        left -= piece.length;
        if (!socket.write(piece)) return void socket.once("drain", more);
      }
    };
    more();
  });
  await using my = await setUp();
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().arrayBuffers)), 5);
  const before = process.memoryUsage().arrayBuffers;
  expect((await my.get(`${server.origin}/a`)).bytes).toBe(size);
  clearInterval(watch);
  expect(peak - before).toBeLessThan(60_000_000);
});

test("B21: no descriptor stays open, whatever a download ends with", async () => {
  const song = bigM4a(1_500_000);
  await using server = await startRawServer((socket, { path }) => {
    if (path === "/good") socket.write(ok(song, { etag: '"v1"' }));
    if (path === "/cut") socket.end(answer("200 OK", { "content-length": "9000000", etag: '"v1"' }, song));
    if (path === "/bad") socket.write(ok("<html>"));
    if (path === "/gone") socket.write(answer("404 Not Found", { "content-length": "0" }));
  });
  const before = readdirSync("/proc/self/fd").length;
  {
    await using my = await setUp();
    const paths = ["/good", "/cut", "/bad", "/gone", "/cut"];
    await Promise.allSettled(
      Array.from({ length: 25 }, (_, index) => my.get(`${server.origin}${paths[index % 5]}`, { id: `${index}` })),
    );
    await Promise.allSettled(paths.map((path, index) => my.get(`${server.origin}${path}`, { id: `${index}` })));
  }
  await new Promise((done) => setTimeout(done, 200));
  expect(readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(before + 1);
});

test("A1: killed at any moment, no file under a final name is wrong, and the next attempt brings it", async () => {
  const song = bigM4a(2_500_000);
  const digest = createHash("sha256").update(song).digest("hex");
  await using server = await startRawServer((socket, { headers }) => {
    const from = Number(/bytes=(\d+)-/.exec(headers["range"] ?? "")?.[1] ?? 0);
    const range = { "content-range": `bytes ${from}-${song.length - 1}/${song.length}` };
    const length = { "content-length": String(song.length - from), etag: '"v1"' };
    socket.write(
      from === 0 ? answer("200 OK", length, song) : answer("206 Partial", { ...length, ...range }, song.subarray(from)),
    );
  });
  await using my = await setUp();
  const script = join(my.folder, "child.ts");
  const source = (name: string) => JSON.stringify(join(import.meta.dirname, "../../../src/assets", name));
  writeFileSync(
    script,
    `import { openStore } from ${source("store/store.ts")};
     import { createDownloader } from ${source("download/download.ts")};
     const store = openStore(${JSON.stringify(my.root)}, "archive-1");
     const downloader = createDownloader({ store, assetHosts: ["127.0.0.1"], userAgent: "test" });
     process.send("ready");
     process.once("message", () => {
       for (let id = 0; id < 12; id++) void downloader.download({ url: "${server.origin}/" + id, kind: "audio", id: String(id), durationSeconds: null }, new AbortController().signal);
     });`,
  );
  for (let round = 0; round < 8; round++) {
    const child = fork(script, { stdio: "ignore", execArgv: [] });
    await new Promise((ready) => child.once("message", ready));
    child.send("go");
    await new Promise((done) => setTimeout(done, 5 + round * 20));
    child.kill("SIGKILL");
    await new Promise((gone) => child.once("exit", gone));
    for (const path of await collect(my.store.list()))
      expect(`${path} ${(await my.store.sha256(path)).sha256}`).toBe(`${path} ${digest}`);
  }
  for (let id = 0; id < 12; id++)
    expect((await my.get(`${server.origin}/${id}`, { id: String(id) })).sha256).toBe(digest);
  expect(await collect(my.store.listParts())).toEqual([]);
  expect(await collect(my.store.list())).toHaveLength(12);
});

async function withSmallDisk(options: string, use: (root: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mirror-disk-"));
  const root = join(folder, "assets");
  mkdirSync(root);
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", root]);
  try {
    await use(root);
  } finally {
    execFileSync("umount", [root]);
    rmSync(folder, { recursive: true, force: true });
  }
}

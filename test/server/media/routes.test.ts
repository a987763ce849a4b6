import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, renameSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveWorld, sendRaw, statusOf, type Served } from "../served.ts";

type File = { clipId: string; path: string; sha256: string; bytes: number };

let served: Served;
let song: File;
let whole: Buffer;
const assets = (path: string) => join(served.world.home, "assets", path);

function files(kind: string): File[] {
  const db = new Sqlite(join(served.world.home, "archive.db"), { readonly: true });
  const rows = db.prepare("select clip_id as clipId, path, sha256, bytes from assets where kind = ? order by id");
  const found = rows.all(kind) as File[];
  db.close();
  return found;
}

const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(served.url + path, { headers, method });
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

beforeAll(async () => {
  served = await serveWorld({}, {}, { tasks: 12 });
  [song = song] = files("audio");
  whole = await readFile(assets(song.path));
});
afterAll(() => served[Symbol.asyncDispose]());

describe("a stored file", () => {
  test("is sent whole, with its type, its length and its digest as the ETag", async () => {
    const answer = await get(`/media/${song.clipId}/audio`);
    expect(answer.status).toBe(200);
    expect(await bytesOf(answer)).toEqual(whole);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "audio/mp4",
      "content-length": String(whole.length),
      etag: `"${createHash("sha256").update(whole).digest("hex")}"`,
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(answer.headers.get("cache-control")).toMatch(/^private/);
    expect(answer.headers.get("content-disposition")).toBeNull();
    const [cover] = files("image");
    const picture = await get(`/media/${cover?.clipId}/image`);
    expect(picture.headers.get("content-type")).toBe("image/jpeg");
    expect(
      createHash("sha256")
        .update(await bytesOf(picture))
        .digest("hex"),
    ).toBe(cover?.sha256);
  });

  test("HEAD has the headers of GET and no body, also with a Range", async () => {
    const [head, body] = (
      await sendRaw(
        served.port,
        `HEAD /media/${song.clipId}/audio HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nRange: bytes=0-0\r\nConnection: close\r\n\r\n`,
      )
    ).split("\r\n\r\n");
    expect(statusOf(head ?? "")).toBe(200);
    expect(head).toContain(`Content-Length: ${whole.length}`);
    expect(body).toBe("");
  });

  test("the task's id finds the file of its only clip", async () => {
    const { items } = (await (await get("/api/clips?limit=1")).json()) as { items: { id: string; taskId: string }[] };
    const [byTask, byClip] = await Promise.all(
      [items[0]?.taskId, items[0]?.id].map(async (id) => (await get(`/media/${id}/audio`)).headers.get("etag")),
    );
    expect(byTask).toBe(byClip);
    expect(byTask).not.toBeNull();
  });
});

describe("I119: ranges", () => {
  const part = (start: number, end: number) => ({ status: 206, start, end: end + 1 });
  const all = { status: 200, start: 0, end: Infinity };
  test.each([
    ["bytes=0-", part(0, Infinity)],
    ["bytes=0-0", part(0, 0)],
    ["bytes=5-9", part(5, 9)],
    ["Bytes=5-9", part(5, 9)],
    ["bytes=5-99999999999999999999", part(5, Infinity)],
    ["bytes=-1", part(-1, Infinity)],
    ["bytes=-99999999", part(0, Infinity)],
    ["bytes=9-5", all],
    ["bytes=", all],
    ["bytes=-", all],
    ["bytes=a-b", all],
    ["items=0-5", all],
    ["bytes=0-1,4-5", all],
    [`bytes=${Array.from({ length: 1000 }, (_, at) => `${at}-${at}`).join(",")}`, all],
  ])("%s: %o", async (range, { status, start, end }) => {
    const answer = await get(`/media/${song.clipId}/audio`, { range });
    expect(answer.status).toBe(status);
    const wanted = whole.subarray(start, end);
    expect(await bytesOf(answer)).toEqual(wanted);
    const from = start < 0 ? whole.length + start : start;
    const reported = status === 206 ? `bytes ${from}-${from + wanted.length - 1}/${whole.length}` : null;
    expect(answer.headers.get("content-range")).toBe(reported);
  });

  test.each([["bytes=99999999-"], ["bytes=-0"], ["bytes=SIZE-"]])("%s cannot be satisfied", async (range) => {
    const answer = await get(`/media/${song.clipId}/audio`, { range: range.replace("SIZE", String(whole.length)) });
    expect(answer.status).toBe(416);
    expect(answer.headers.get("content-range")).toBe(`bytes */${whole.length}`);
    expect((await bytesOf(answer)).length).toBe(0);
  });

  test("If-Range, If-None-Match and If-Match compare the digest", async () => {
    const etag = `"${song.sha256}"`;
    const status = async (headers: Record<string, string>) =>
      (await get(`/media/${song.clipId}/audio`, headers)).status;
    expect(await status({ range: "bytes=0-1", "if-range": etag })).toBe(206);
    expect(await status({ range: "bytes=0-1", "if-range": '"other"' })).toBe(200);
    expect(await status({ range: "bytes=0-1", "if-range": `W/${etag}` })).toBe(200);
    expect(await status({ range: "bytes=0-1", "if-range": new Date().toUTCString() })).toBe(200);
    expect(await status({ "if-none-match": etag })).toBe(304);
    expect(await status({ "if-none-match": `"x", W/${etag}`, range: "bytes=0-1" })).toBe(304);
    expect(await status({ "if-none-match": "*" })).toBe(304);
    expect(await status({ "if-none-match": '"x"' })).toBe(200);
    expect(await status({ "if-match": '"x"' })).toBe(412);
    expect(await status({ "if-match": etag })).toBe(200);
  });
});

describe("I113: nothing but the files of rows", () => {
  test.each([
    ["/media/../../../etc/passwd.txt"],
    ["/media/../archive.db"],
    ["/media/..%2f..%2f..%2fetc%2fpasswd/audio"],
    ["/media/%2e%2e/%2e%2e/archive.db"],
    ["/media/..%5c..%5carchive.db/audio"],
    ["/media/..%252f..%252farchive.db/audio"],
    ["/media//etc/passwd"],
    ["/media/%00/audio"],
    ["/media/%c0%ae%c0%ae/audio"],
    ["/media/CLIP/nosuch"],
    ["/media/CLIP/video"],
    ["/media/CLIP/..%2farchive.db"],
    ["/media/CLIP"],
    ["/media/nosuch/audio"],
    ["/media/%/audio"],
  ])("%s", async (path) => {
    const answer = await sendRaw(
      served.port,
      `GET ${path.replace("CLIP", song.clipId)} HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\nConnection: close\r\n\r\n`,
    );
    expect(statusOf(answer)).toBe(404);
  });

  test("I118: what has no type of ours is only ever saved", async () => {
    const [, , , , , , , , odd] = files("audio");
    const db = new Sqlite(join(served.world.home, "archive.db"));
    const page = odd!.path.replace(".m4a", ".html");
    renameSync(assets(odd!.path), assets(page));
    db.prepare("update assets set path = ? where path = ?").run(page, odd!.path);
    db.close();
    const { headers } = await get(`/media/${odd?.clipId}/audio`);
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("content-disposition")).toMatch(/^attachment; filename=".*\.html"$/);
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
  });
});

describe("a name to save it by", () => {
  test("is that of an export of songs", async () => {
    const folder = join(served.world.folder, "songs");
    expect((await served.world.mirror("export", "songs", folder, "--template", "{title} [{id8}]")).code).toBe(0);
    const names = new Set(readdirSync(folder));
    for (const { clipId } of files("audio").slice(0, 6)) {
      const header = (await get(`/media/${clipId}/audio?download`)).headers.get("content-disposition") ?? "";
      const [, plain, encoded] =
        /^attachment; filename="([\x20-\x7e]*)"(?:; filename\*=UTF-8''(.*))?$/.exec(header) ?? [];
      expect(names).toContain(encoded === undefined ? plain : decodeURIComponent(encoded));
    }
  });
});

describe("never a wrong byte", () => {
  const status = async ({ clipId }: File) => {
    const answer = await get(`/media/${clipId}/audio`);
    await answer.arrayBuffer();
    return answer.status;
  };
  const later = () => new Date(Date.now() + 5000);

  test("touched, but whole: it is looked at and sent", async () => {
    const [, one] = files("audio");
    const path = assets(one!.path);
    utimesSync(path, later(), later());
    expect(await status(one!)).toBe(200);
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
    expect(await Promise.all([status(one!), status(one!), status(one!)])).toEqual([200, 200, 200]);
  });

  test("one bit of it turned, though its date was put back: 410, until it is whole again", async () => {
    const [, , one] = files("audio");
    const path = assets(one!.path);
    const bytes = await readFile(path);
    const turned = Buffer.from(bytes);
    turned[100]! ^= 1;
    writeFileSync(path, turned);
    utimesSync(path, new Date(0), new Date(0));
    expect(await status(one!)).toBe(410);
    expect((await get(`/media/${one?.clipId}/audio`, {}, "HEAD")).status).toBe(410);
    writeFileSync(path, bytes);
    expect(await status(one!)).toBe(200);
  });

  test("longer, missing, a symlink, a folder on the way that is a symlink: 410", async () => {
    const [, , , longer, missing, link, moved] = files("audio");
    writeFileSync(assets(longer!.path), "x", { flag: "a" });
    unlinkSync(assets(missing!.path));
    renameSync(assets(link!.path), `${assets(link!.path)}.real`);
    symlinkSync(`${assets(link!.path)}.real`, assets(link!.path));
    const folder = assets(moved!.path.split("/")[0] ?? "");
    renameSync(folder, join(served.world.folder, "elsewhere"));
    symlinkSync(join(served.world.folder, "elsewhere"), folder);
    for (const one of [longer, missing, link, moved]) expect(await status(one!)).toBe(410);
    const answer = await get(`/media/${missing?.clipId}/audio`);
    expect(((await answer.json()) as { error: { code: string } }).error.code).toBe("file_lost");
  });

  test("removed, or never stored: 404; found to be lost by verify: 410", async () => {
    const [, , , , missing, , , removed] = files("audio");
    expect((await served.world.mirror("rm", removed!.clipId, "--yes")).code).toBe(0);
    expect(await status(removed!)).toBe(404);
    await served.world.mirror("verify");
    expect(await status(missing!)).toBe(410);
  });

  test.skipIf(process.getuid?.() === 0)("a file that may not be read is not called lost", async () => {
    const one = files("audio").at(-1);
    chmodSync(assets(one!.path), 0);
    expect(await status(one!)).toBe(503);
    chmodSync(assets(one!.path), 0o600);
  });
});

test("a client that leaves closes the file", async () => {
  const one = files("audio").at(-2);
  const path = assets(one!.path);
  const big = Buffer.concat([await readFile(path), Buffer.alloc(30_000_000)]);
  writeFileSync(path, big);
  const db = new Sqlite(join(served.world.home, "archive.db"));
  const digest = createHash("sha256").update(big).digest("hex");
  db.prepare("update assets set bytes = ?, sha256 = ? where path = ?").run(big.length, digest, one!.path);
  db.close();
  const isOpen = () =>
    readdirSync("/proc/self/fd").some((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        return false;
      }
    });
  const socket = connect(served.port, "127.0.0.1");
  socket.write(`GET /media/${one?.clipId}/audio HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\n\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.pause();
  expect(isOpen()).toBe(true);
  socket.destroy();
  await expect.poll(isOpen, { timeout: 20_000 }).toBe(false);
});

test("a disk that is away has lost nothing: 503", async () => {
  await rm(join(served.world.home, "assets"), { recursive: true });
  expect((await get(`/media/${song.clipId}/audio`)).status).toBe(503);
});

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import Sqlite from "better-sqlite3";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { jpegFacts } from "../../../src/server/media/thumbnails/jpeg-facts.ts";
import { tile } from "../../../src/server/rest/files/tile.ts";
import { has } from "../../helpers/needs.ts";
import type { Served } from "../served.ts";
import { ask, idOf, LOGIN, readXml, serveSongs, taskOf, type Answer } from "./rest-world.ts";

let served: Served;
let whole: Buffer;
beforeAll(async () => {
  served = await serveSongs(9);
  whole = stored(idOf("plain"), "audio");
});
afterAll(() => served[Symbol.asyncDispose]());

const PATH = process.env["PATH"];
afterEach(() => void (process.env["PATH"] = PATH));

function stored(clipId: string, kind: string): Buffer {
  const db = new Sqlite(join(served.world.home, "archive.db"), { readonly: true });
  const path = db.prepare("select path from assets where clip_id = ? and kind = ?").pluck().get(clipId, kind) as string;
  db.close();
  return readFileSync(join(served.world.home, "assets", path));
}

const get = (call: string, init?: RequestInit) =>
  fetch(`${served.url}/rest/${call}${call.includes("?") ? "&" : "?"}${LOGIN}`, init);
const bytes = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

describe("stream and download", () => {
  test("send the stored bytes, whole or in part", async () => {
    const call = `stream?id=${idOf("plain")}`;
    for (const name of [
      call,
      `${call}&format=raw`,
      `${call}&format=flac`,
      `${call}&maxBitRate=320`,
      `${call}&maxBitRate=0`,
    ]) {
      const answer = await get(name);
      expect([name, answer.status, answer.headers.get("content-type")]).toEqual([name, 200, "audio/mp4"]);
      expect(await bytes(answer)).toEqual(whole);
    }
    const part = await get(call, { headers: { Range: "bytes=100-199" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 100-199/${whole.length}`]);
    expect(await bytes(part)).toEqual(whole.subarray(100, 200));
    const head = await get(call, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, String(whole.length)]);
    const download = await get(`download.view?id=${idOf("plain")}`);
    expect(download.headers.get("content-disposition")).toMatch(/^attachment; filename="Amber Lanterns .*\.m4a"/);
    expect(await bytes(download)).toEqual(whole);
  });

  test("of a song whose id was a task's own work by the id that was handed out", async () => {
    const { song } = (await ask(served, "search3?query=")).searchResult3;
    const { id } = (song as Answer[]).find(({ id: one }) => !/-/.test(one as string));
    expect(await bytes(await get(`stream?id=${id}`))).toEqual(stored(`${taskOf("withoutId")}_0`, "audio"));
  });

  test("of what is not there are an error in the API's shape", async () => {
    for (const name of ["stream", "download"])
      for (const [query, code] of [
        ["", "10"],
        ["?id=nosuch", "70"],
        ["?id=../../archive.db", "70"],
      ]) {
        const answer = await get(name + query);
        expect([answer.status, readXml(await answer.text()).error[0].code]).toEqual([200, code]);
      }
  });
});

test("songs and covers come for many at once, each with its own bytes", async () => {
  const ids = (["plain", "marked", "timed", "later"] as const).map(idOf);
  const files = new Map(ids.flatMap((id) => ["audio", "image"].map((kind) => [`${id} ${kind}`, stored(id, kind)])));
  const asked = Array.from({ length: 60 }, (_, at) => ({ id: ids[at % ids.length] ?? "", at }));
  const answers = await Promise.all(
    asked.map(async ({ id, at }) => {
      const song = await get(`stream?id=${id}`, at % 3 ? {} : { headers: { Range: `bytes=${at}-` } });
      const cover = await get(`getCoverArt?id=${id}${at % 2 ? `&size=${20 + (at % 5)}` : ""}`);
      return { song: await bytes(song), cover: await bytes(cover) };
    }),
  );
  const wrong = answers.filter(({ song, cover }, at) => {
    const { id = "" } = asked[at] ?? {};
    const right = at % 2 ? jpegFacts(cover)?.width === 20 + (at % 5) : cover.equals(files.get(`${id} image`)!);
    return !right || !song.equals(files.get(`${id} audio`)!.subarray(at % 3 ? 0 : at));
  });
  expect(wrong).toHaveLength(0);
});

describe("covers", () => {
  test("of a song, an album, the artist and a picture's own id are the stored bytes, with prefixes too", async () => {
    const picture = stored(idOf("later"), "image");
    const { song } = await ask(served, `getSong?id=${idOf("later")}`);
    const ids = [song.id, song.coverArt, song.albumId, song.artistId, `al-${song.albumId}`, `ar-${song.artistId}`];
    for (const id of [...ids, `pl-${song.id}`, `al-${song.coverArt}`]) {
      const answer = await get(`getCoverArt?id=${id}`);
      expect([id, answer.headers.get("content-type")]).toEqual([id, "image/jpeg"]);
      expect(await bytes(answer)).toEqual(picture);
    }
  });

  test("that are equal have one id", async () => {
    const found = (await ask(served, "search3?query=")).searchResult3.song as Answer[];
    const byId = new Map<string, string>();
    for (const { id, coverArt } of found) {
      if (coverArt === undefined) continue;
      const text = (await bytes(await get(`getCoverArt?id=${id}`))).toString("base64");
      expect(byId.get(coverArt as string) ?? text).toBe(text);
      byId.set(coverArt as string, text);
    }
    expect(new Set(byId.values()).size).toBe(byId.size);
  });

  test("that are not there are a picture all the same", async () => {
    expect((await ask(served, `getSong?id=${idOf("bare")}`)).song).not.toHaveProperty("coverArt");
    for (const id of [idOf("bare"), "nosuch", "al-nosuch", "pl-1"]) {
      const answer = await get(`getCoverArt?id=${id}&f=json&size=300`);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/png"]);
      expect(await bytes(answer)).toEqual(Buffer.from(tile(id)));
    }
    const picture = Buffer.from(tile("x"));
    expect(picture.toString("latin1", 12, 16)).toBe("IHDR");
    const at = picture.indexOf("IDAT");
    const pixels = inflateSync(picture.subarray(at + 4, at + 4 + picture.readUInt32BE(at - 4)));
    expect(pixels).toHaveLength(301 * picture.readUInt32BE(20));
    expect(readXml(await (await get("getCoverArt")).text()).error[0].code).toBe("10");
  });
});

describe("transcoding", () => {
  /** An ffmpeg that sends a little and then waits; its process ids are in a file. */
  function fakeFfmpeg(script: string): () => number[] {
    const folder = join(served.world.folder, `bin-${Math.random()}`);
    mkdirSync(folder);
    writeFileSync(join(folder, "ffmpeg"), `#!/bin/sh\necho $$ >> ${folder}/pids\n${script}\n`);
    chmodSync(join(folder, "ffmpeg"), 0o755);
    process.env["PATH"] = `${folder}:${PATH}`;
    return () =>
      existsSync(join(folder, "pids")) ? readFileSync(join(folder, "pids"), "utf8").trim().split("\n").map(Number) : [];
  }
  const isAlive = (pid: number) => existsSync(`/proc/${pid}`);
  const call = () => `stream?id=${idOf("plain")}&format=mp3`;

  test.skipIf(!has("ffmpeg"))("makes mp3 and opus, and keeps below a bit rate", async () => {
    for (const [query, type, start] of [
      ["format=mp3", "audio/mpeg", /^(ID3|\xff\xfb)/],
      ["format=opus&maxBitRate=64", "audio/ogg", /^OggS/],
      ["maxBitRate=24", "audio/mpeg", /^(ID3|\xff[\xfb\xf3])/],
    ] as const) {
      const answer = await get(`stream?id=${idOf("plain")}&${query}`);
      expect([query, answer.status, answer.headers.get("content-type")]).toEqual([query, 200, type]);
      expect(answer.headers.get("accept-ranges")).toBe("none");
      const body = await bytes(answer);
      expect(body.toString("latin1", 0, 8)).toMatch(start);
      expect(body.length).toBeGreaterThan(1000);
    }
  });

  test("without a program for it, or one that does not understand the song, sends the stored bytes", async () => {
    process.env["PATH"] = "/nowhere";
    expect(await bytes(await get(call()))).toEqual(whole);
    fakeFfmpeg("exit 1");
    expect(await bytes(await get(call()))).toEqual(whole);
  });

  test("ends with its client, and more than a few at once send the stored bytes", async () => {
    const pids = fakeFfmpeg("printf sound\nexec sleep 1000");
    const leave = new AbortController();
    const open = await Promise.all([1, 2, 3, 4].map(() => get(call(), { signal: leave.signal })));
    expect(open.map((answer) => answer.headers.get("content-type"))).toEqual(Array(4).fill("audio/mpeg"));
    expect(await bytes(await get(call()))).toEqual(whole);
    expect(pids().filter(isAlive)).toHaveLength(4);
    leave.abort();
    await expect.poll(() => pids().filter(isAlive), { timeout: 20_000 }).toEqual([]);
    fakeFfmpeg("printf all");
    await expect.poll(async () => (await get(call())).text()).toBe("all");
  });

  test("that breaks off does not look like one that ended", async () => {
    fakeFfmpeg("printf sound\nexit 1");
    await expect(get(call()).then((answer) => answer.text())).rejects.toThrow("terminated");
  });
});

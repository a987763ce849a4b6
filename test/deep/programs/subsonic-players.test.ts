import { execFile, spawnSync } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { jpegFacts } from "../../../src/server/media/thumbnails/jpeg-facts.ts";
import { ask, idOf, KEY, serveSongs, type Answer } from "../../server/rest/rest-world.ts";
import type { Served } from "../../server/served.ts";
import { hasStrawberry, startStrawberry } from "./strawberry.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const PYTHON = "/usr/bin/python3";
const hasSublime = spawnSync(PYTHON, ["-c", "import sublime_music.adapters.subsonic"]).status === 0;

let served: Served;
let songs: Answer[];
beforeAll(async () => {
  served = await serveSongs(9);
  songs = (await ask(served, "search3?query=&songCount=500")).searchResult3.song;
});
afterAll(() => served[Symbol.asyncDispose]());

describe.skipIf(!hasSublime)("Sublime Music", () => {
  it("logs in by a token, browses, searches, makes playlists, reports a play, streams and shows a cover", async () => {
    const script = join(import.meta.dirname, "sublime-music.py");
    const { stdout } = await promisify(execFile)(PYTHON, [script, served.url, "env", KEY]);
    const seen = JSON.parse(stdout);
    expect(seen).toMatchObject({
      artists: ["Producer"],
      albums: [
        ["2025-10", 8],
        ["2026-05", 1],
      ],
      lists: { RANDOM: 2, NEWEST: 2, ALPHABETICAL_BY_NAME: 2, ALPHABETICAL_BY_ARTIST: 2, YEAR_RANGE: 2, GENRE: 1 },
      songs: songs.map(({ title }) => title as string).toSorted(),
      seconds: true,
      folder: ["2025-10", "2026-05"],
      playlist: ["Renamed", "of three", seen.expected],
    });
    expect(seen.found).toContain("Silver Echoes");
    expect(seen.genres).toContain("jazz");
    expect((await ask(served, `getSong?id=${seen.played}`)).song.playCount).toBe(1);
    const stream = await fetch(seen.stream as string);
    expect(stream.headers.get("content-type")).toBe("audio/mp4");
    const cover = Buffer.from(await (await fetch(seen.cover as string)).arrayBuffer());
    expect(jpegFacts(cover)).toMatchObject({ width: 100, height: 100 });
  });
});

describe.skipIf(!hasStrawberry)("Strawberry", () => {
  it("logs in, fetches the whole library, and asks for the song that is to play", async () => {
    await using proxy = await watchRequests(served.url);
    const folder = join(served.world.folder, "strawberry");
    await using player = await startStrawberry(folder, { url: proxy.url, user: "env", key: KEY });
    const fetched = () => {
      if (player.titles().length < songs.length) player.refresh();
      return player.titles().toSorted();
    };
    const titles = songs.map(({ title }) => title as string).toSorted();
    await expect.poll(fetched, { timeout: 120_000, interval: 3000 }).toEqual(titles);
    expect(proxy.asked()).toContain("getAlbumList2");
    player.play(idOf("later"));
    await expect.poll(proxy.asked, { timeout: 60_000 }).toContain("stream");
  });
});

/** A way to the server that remembers the names that were asked for. */
async function watchRequests(url: string): Promise<AsyncDisposable & { url: string; asked(): string[] }> {
  const names = new Set<string>();
  const { hostname, port, host } = new URL(url);
  const server = createServer((asked, answer) => {
    names.add(/\/rest\/(\w+)/.exec(asked.url ?? "")?.[1] ?? "");
    const { method, headers, url: path } = asked;
    const passed = request({ hostname, port, path, method, headers: { ...headers, host } }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => [...names],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

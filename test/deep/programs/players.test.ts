import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { listTree, sha256 } from "../../helpers/folder-tree.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { hasMpd, hasSupysonic, mpc, startMpd, startSupysonic, USER, type Player } from "./players.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const SONGS = 5;
let world: World;
let folder: string;
/** Each song as the archive has it. */
let wanted: { title: string; artist: string; album: string; date: string; seconds: number }[];

beforeAll(async () => {
  world = await makeWorld({ tasks: SONGS });
  expectCode(await world.mirror("sync"), 0);
  folder = join(world.folder, "songs");
  expectCode(await world.mirror("export", "songs", folder, "--tags", "--artist", "Ann Other"), 0);
  const rows = rowsOf(
    world.home,
    `select title, strftime('%Y-%m-%d', clips.created_at / 1000, 'unixepoch') as date, assets.duration_seconds as seconds
     from clips join assets on assets.clip_id = clips.id and kind = 'audio' order by title`,
  );
  wanted = rows.map(({ title, date, seconds }) => ({
    title: String(title),
    artist: "Ann Other",
    album: String(date).slice(0, 7),
    date: String(date),
    seconds: Number(seconds),
  }));
});
afterAll(() => world[Symbol.asyncDispose]());

const byTitle = <Row extends { title: string }>(rows: Row[]) => rows.toSorted((a, b) => (a.title < b.title ? -1 : 1));
const audioFiles = () => listTree(folder).filter(({ path }) => path.endsWith(".m4a"));

describe.skipIf(!hasMpd)("MPD", () => {
  let player: Player;
  beforeAll(async () => {
    player = await startMpd(folder, join(world.folder, "mpd"));
  });
  afterAll(() => player[Symbol.asyncDispose]());

  it("reads every song through the playlist of all: title, artist, album, date, a number of its own, its length", () => {
    expect(mpc(player.port, "lsplaylists")).toContain("All songs.m3u8");
    mpc(player.port, "clear");
    mpc(player.port, "load", "All songs.m3u8");
    const format = ["title", "artist", "album", "date", "track", "file"].map((name) => `%${name}%`).join("\t");
    const reported = mpc(player.port, "playlist", "-f", format).map((line) => line.split("\t"));
    const songs = reported.map(([title = "", artist, album, date]) => ({ title, artist, album, date }));
    expect(byTitle(songs)).toEqual(wanted.map(({ seconds: _seconds, ...song }) => song));
    expect(new Set(reported.map(([, , album, , track]) => `${album} ${track}`)).size).toBe(SONGS);
    expect(reported.map(([, , , , , file = ""]) => file).toSorted()).toEqual(
      audioFiles()
        .map(({ path }) => path)
        .toSorted(),
    );
  });

  it("plays one, and shows its cover", () => {
    mpc(player.port, "play", "1");
    expect(mpc(player.port, "status").join("\n")).toContain("[playing]");
    mpc(player.port, "stop");
    const [row] = rowsOf(
      world.home,
      "select sha256 from assets where kind = 'image' and clip_id = (select id from clips where title = ?)",
      wanted[0]?.title,
    );
    const path = mpc(player.port, "find", "title", wanted[0]?.title ?? "")[0] ?? "";
    const picture = execFileSync("mpc", ["-h", "127.0.0.1", "-p", String(player.port), "readpicture", path]);
    expect(sha256(picture)).toBe(row?.["sha256"]);
  });
});

describe.skipIf(!hasSupysonic)("Supysonic", () => {
  let player: Player;
  beforeAll(async () => {
    player = await startSupysonic(folder, join(world.folder, "supysonic"));
  });
  afterAll(() => player[Symbol.asyncDispose]());

  type Song = {
    id: string;
    title: string;
    artist: string;
    album: string;
    year: number;
    track: number;
    duration: number;
    path: string;
  };
  const address = (method: string, more: Record<string, string> = {}) =>
    `http://127.0.0.1:${player.port}/rest/${method}.view?${String(new URLSearchParams({ ...USER, v: "1.12.0", c: "test", f: "json", ...more }))}`;
  async function songs(): Promise<Song[]> {
    const response = await fetch(address("getRandomSongs", { size: "100" }));
    const body = (await response.json()) as { "subsonic-response": { randomSongs: { song: Song[] } } };
    return byTitle(body["subsonic-response"].randomSongs.song);
  }

  it("knows every song by its title, artist, album, year and length, each with an identity of its own", async () => {
    const reported = await songs();
    expect(reported.map(({ title, artist, album, year }) => ({ title, artist, album, year }))).toEqual(
      wanted.map(({ title, artist, album, date }) => ({ title, artist, album, year: Number(date.slice(0, 4)) })),
    );
    for (const [at, { duration }] of reported.entries())
      expect(Math.abs(duration - (wanted[at]?.seconds ?? 0))).toBeLessThan(1);
    expect(new Set(reported.map(({ album, track }) => `${album} ${track}`)).size).toBe(SONGS);
  });

  it("hands out the bytes of each file", async () => {
    for (const { id, path } of await songs()) {
      const response = await fetch(address("download", { id }));
      expect(sha256(Buffer.from(await response.arrayBuffer()))).toBe(sha256(readFileSync(join(folder, path))));
    }
  });
});

import { readdirSync } from "node:fs";
import { join } from "node:path";
import SubsonicAPI from "subsonic-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Served } from "../served.ts";
import { ask, askXml, idOf, KEY, serveSongs, taskOf, type Answer } from "./rest-world.ts";

let served: Served;
beforeAll(async () => (served = await serveSongs(9)));
afterAll(() => served[Symbol.asyncDispose]());

const songs = async (call = "search3?query=&songCount=500") => (await ask(served, call)).searchResult3.song as Answer[];
const albumNames = async (query: string) =>
  ((await ask(served, `getAlbumList2?size=500&${query}`)).albumList2.album as Answer[]).map(
    ({ name }) => name as string,
  );
const failure = async (call: string) => (await ask(served, call)).error?.code as number | undefined;
const titles = (list: Answer[]) => list.map(({ title }) => title as string);

describe("the library", () => {
  test("has the songs, albums and paths of an export", async () => {
    const folder = join(served.world.folder, "exported");
    await served.world.mirror("export", "songs", folder, "--tags");
    const files = readdirSync(folder, { recursive: true }).map(String);
    const all = await songs();
    expect(all.map(({ path }) => path as string).toSorted()).toEqual(
      files.filter((path) => path.endsWith(".m4a")).toSorted(),
    );
    for (const { path, album, track } of all) {
      expect(path).toMatch(/^\d{4}\/\d{2}\/[^/]+\.m4a$/);
      expect(path.slice(0, 7)).toBe(album.replace("-", "/"));
      expect(track).toBeGreaterThan(0);
    }
  });

  test("is found by artist, album and song, and by folders", async () => {
    const [
      {
        artist: [artist],
      },
    ] = (await ask(served, "getArtists")).artists.index as Answer[];
    expect(artist).toMatchObject({ name: "Producer", albumCount: 2 });
    const { album: albums } = (await ask(served, `getArtist?id=${artist.id}`)).artist;
    expect(albums.map(({ name, songCount }: Answer) => [name, songCount])).toEqual([
      ["2025-10", 8],
      ["2026-05", 1],
    ]);
    const { song: found, ...album } = (await ask(served, `getAlbum?id=${albums[0].id}`)).album;
    expect(album).toEqual(albums[0]);
    expect(found.map(({ track }: Answer) => track as number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await ask(served, `getSong?id=${found[2].id}`)).toMatchObject({ song: found[2] });
    const root = (await ask(served, "getIndexes")).indexes.index[0].artist[0];
    expect(root).toEqual({ id: artist.id, name: "Producer" });
    const folders = (await ask(served, `getMusicDirectory?id=${root.id}`)).directory.child as Answer[];
    expect(folders.map(({ isDir, title, id }) => [isDir, title, id])).toEqual(
      albums.map(({ name, id }: Answer) => [true, name, id]),
    );
    expect((await ask(served, `getMusicDirectory?id=${albums[0].id}`)).directory.child).toEqual(found);
    // An artist inside of another element is taken for one at the top by some.
    expect(await askXml(served, `getMusicDirectory?id=${root.id}`)).not.toContain("<artist");
  });

  test("names no task, and no id ends as some players cut it off", async () => {
    for (const call of ["search3?query=&songCount=500", "getAlbumList2?type=newest", "getArtists", "getStarred2"]) {
      const text = JSON.stringify(await ask(served, call));
      for (const id of served.world.ids) expect(text).not.toContain(id);
      expect(text).not.toMatch(/"id":"[^"]*_[0-9a-f]+"/);
    }
    const all = await songs();
    expect(all).toHaveLength(9);
    expect(all.every(({ id }) => typeof id === "string")).toBe(true);
    expect(await failure(`getSong?id=${taskOf("plain")}`)).toBe(70);
  });

  test("tells what is not there", async () => {
    for (const name of ["getSong", "getAlbum", "getArtist", "getMusicDirectory", "getLyricsBySongId"]) {
      expect([name, await failure(`${name}?id=nosuch`)]).toEqual([name, 70]);
      expect([name, await failure(name)]).toEqual([name, 10]);
    }
    expect(await failure("getUser?username=somebody")).toBe(50);
  });

  test("shows nothing in another folder than the one handed out", async () => {
    const [{ id }] = (await ask(served, "getMusicFolders")).musicFolders.musicFolder as Answer[];
    for (const [folder, count] of [
      [id, 9],
      ["", 9],
      [id + 1, 0],
      ["x", 0],
    ]) {
      expect(await songs(`search3?query=&musicFolderId=${folder}`)).toHaveLength(count as number);
      expect((await ask(served, `getRandomSongs?size=500&musicFolderId=${folder}`)).randomSongs.song).toHaveLength(
        count as number,
      );
      expect((await ask(served, `getArtists?musicFolderId=${folder}`)).artists.index).toHaveLength(count ? 1 : 0);
      expect((await ask(served, `getIndexes?musicFolderId=${folder}`)).indexes.index).toHaveLength(count ? 1 : 0);
      expect(await albumNames(`type=newest&musicFolderId=${folder}`)).toHaveLength(count ? 2 : 0);
    }
  });

  test("says when it has not changed, and follows a removal", async () => {
    const { lastModified } = (await ask(served, "getIndexes")).indexes;
    expect((await ask(served, `getIndexes?ifModifiedSince=${lastModified}`)).indexes.index).toEqual([]);
    const id = idOf("plain");
    await served.world.mirror("rm", id);
    // What takes long to read is not read again for each question.
    await expect.poll(() => failure(`getSong?id=${id}`), { timeout: 60_000 }).toBe(70);
    expect(await songs()).toHaveLength(8);
    expect((await ask(served, `getIndexes?ifModifiedSince=${lastModified}`)).indexes.index).toHaveLength(1);
    await served.world.mirror("rm", "--undo", id);
    await expect.poll(async () => (await songs()).length, { timeout: 60_000 }).toBe(9);
  });
});

describe("search3", () => {
  test("with an empty query, or two quote marks, is everything in one order, page by page", async () => {
    const all = await songs();
    for (const query of ["", "%22%22", "%22%22&songCount=500", "*"])
      expect(await songs(`search3?query=${query}`)).toEqual(all);
    const pages = await Promise.all([0, 4, 8, 12].map((at) => songs(`search3?query=&songCount=4&songOffset=${at}`)));
    expect(pages.flat()).toEqual(all);
    const none = await ask(served, "search3?query=&artistCount=0&albumCount=0&songCount=0");
    expect(none.searchResult3).toEqual({ artist: [], album: [], song: [] });
    expect(await failure("search3")).toBe(10);
  });

  test("finds words of titles and lyrics while they are being typed, and albums and the artist by name", async () => {
    for (const query of ["silver", "SIL", "silver ech", "echoes silver", "%22silver echoes%22"])
      expect([query, titles(await songs(`search3?query=${query}`))]).toEqual([query, ["Silver Echoes"]]);
    expect(await songs("search3?query=three")).toHaveLength(1);
    expect(await songs("search3?query=silver&songOffset=1")).toEqual([]);
    const { album, artist } = (await ask(served, "search3?query=2026")).searchResult3;
    expect([album.length, artist.length]).toEqual([1, 0]);
    expect((await ask(served, "search2?query=prod")).searchResult2.artist).toHaveLength(1);
    for (const query of ["'", "((", "a%00b", "%F0%9F%8E%B5", "NOT", "-x", "title:"])
      expect((await ask(served, `search3?query=${query}`)).status).toBe("ok");
  });
});

describe("lists", () => {
  test("of albums are in the order of their type", async () => {
    expect(await albumNames("type=newest")).toEqual(["2026-05", "2025-10"]);
    for (const type of ["alphabeticalByName", "alphabeticalByArtist"])
      expect(await albumNames(`type=${type}`)).toEqual(["2025-10", "2026-05"]);
    expect((await albumNames("type=random")).toSorted()).toEqual(["2025-10", "2026-05"]);
    expect(await albumNames("type=byYear&fromYear=2025&toYear=2026")).toEqual(["2025-10", "2026-05"]);
    expect(await albumNames("type=byYear&fromYear=2026&toYear=2000")).toEqual(["2026-05", "2025-10"]);
    expect(await albumNames("type=byYear&fromYear=2026&toYear=2026")).toEqual(["2026-05"]);
    expect(await albumNames("type=byGenre&genre=jazz")).toEqual(["2025-10"]);
    expect(await albumNames("type=newest&size=1&offset=1")).toEqual(["2025-10"]);
    for (const lacking of ["type=byYear", "type=byGenre", "x=1"])
      expect([lacking, await failure(`getAlbumList2?${lacking}`)]).toEqual([lacking, 10]);
    for (const bad of ["type=nosuch", "type=newest&size=-1", "type=constructor"])
      expect([bad, await failure(`getAlbumList2?${bad}`)]).toEqual([bad, 0]);
  });

  test("of songs by genre have what the genres count, and random ones differ from each other", async () => {
    for (const { value, songCount } of (await ask(served, "getGenres")).genres.genre as Answer[]) {
      const found = (await ask(served, `getSongsByGenre?genre=${value}&count=500`)).songsByGenre.song as Answer[];
      expect(found).toHaveLength(songCount as number);
      expect(found.every(({ genre }) => genre === value)).toBe(true);
    }
    const drawn = (await ask(served, "getRandomSongs?size=3")).randomSongs.song as Answer[];
    expect(new Set(drawn.map(({ id }) => id as string)).size).toBe(3);
    const named = async (query: string) =>
      titles((await ask(served, `getRandomSongs?size=500&${query}`)).randomSongs.song as Answer[]);
    expect(await named("fromYear=2026")).toEqual(["Silver Echoes"]);
    expect(await named("toYear=2024")).toEqual([]);
    expect(await named("genre=jazz")).toHaveLength(1);
  });
});

describe("lyrics", () => {
  test("carry times where they have them, and are text alone for players that know no times", async () => {
    const id = idOf("timed");
    const [{ synced, line, lang }] = (await ask(served, `getLyricsBySongId?id=${id}`)).lyricsList
      .structuredLyrics as Answer[];
    expect({ synced, lang }).toEqual({ synced: true, lang: "und" });
    expect(line.map(({ start, value }: Answer) => [start, value])).toEqual([
      [1500, "First line"],
      [3250, "Again & again"],
      [5000, "Third"],
      [10_000, "Again & again"],
    ]);
    const { title } = (await ask(served, `getSong?id=${id}`)).song;
    const { value } = (await ask(served, `getLyrics?title=${title}&artist=producer`)).lyrics;
    expect(value).toBe("First line\nAgain & again\nThird");
  });

  test("of a song without any, and of a title that nobody has, are an empty list and nothing", async () => {
    expect((await ask(served, `getLyricsBySongId?id=${idOf("wordless")}`)).lyricsList).toEqual({
      structuredLyrics: [],
    });
    for (const query of ["title=nosuch", "title=Silver%20Echoes&artist=Somebody", "x=1"])
      expect((await ask(served, `getLyrics?${query}`)).lyrics).toEqual({});
  });
});

test("a client from npm logs in, browses, searches and streams", async () => {
  for (const options of [{ post: false }, { post: true }]) {
    const api = new SubsonicAPI({ url: served.url, auth: { username: "env", password: KEY }, ...options });
    expect(await api.ping()).toMatchObject({ status: "ok", openSubsonic: true });
    const { artists } = await api.getArtists();
    const { artist } = await api.getArtist({ id: artists.index?.[0]?.artist?.[0]?.id ?? "" });
    const { album } = await api.getAlbum({ id: artist.album?.[0]?.id ?? "" });
    const { searchResult3 } = await api.search3({ query: "silver" });
    expect(searchResult3.song?.[0]?.created).toBeDefined();
    const song = album.song?.[0];
    const bytes = await (await api.stream({ id: song?.id ?? "" })).arrayBuffer();
    expect(bytes.byteLength).toBe(song?.size);
    expect((await api.getCoverArt({ id: song?.coverArt ?? "" })).headers.get("content-type")).toBe("image/jpeg");
  }
  const byKey = new SubsonicAPI({ url: served.url, auth: { apiKey: KEY } });
  expect((await byKey.getAlbumList2({ type: "newest" })).albumList2.album).toHaveLength(2);
});

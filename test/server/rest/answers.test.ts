import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Served } from "../served.ts";
import { writeKeys } from "../../../src/server/keys/key-file.ts";
import { ENDPOINTS } from "../../../src/server/rest/endpoints/endpoints.ts";
import { readUses } from "../../../src/server/keys/uses.ts";
import { ask, askXml, asXml, idOf, KEY, LOGIN, readXml, serveSongs, validate, type Answer } from "./rest-world.ts";

let served: Served;
let calls: string[];
beforeAll(async () => {
  served = await serveSongs();
  const { artists } = await ask(served, "getArtists");
  const artist = artists.index[0].artist[0].id as string;
  const { albumList2 } = await ask(served, "getAlbumList2?type=newest");
  const [album] = albumList2.album as Answer[];
  calls = [
    "ping",
    "getLicense",
    "tokenInfo",
    "getOpenSubsonicExtensions",
    "getMusicFolders",
    "getArtists",
    "getIndexes",
    "getGenres",
    "getUser",
    "getUser?username=env",
    "getScanStatus",
    "startScan",
    "getPlayQueue",
    "savePlayQueue",
    "getNowPlaying",
    "getInternetRadioStations",
    "getArtistInfo?id=1",
    "getArtistInfo2?id=1",
    "getAlbumInfo?id=1",
    "getAlbumInfo2?id=1",
    "getTopSongs?artist=x",
    "getSimilarSongs?id=1",
    "getSimilarSongs2?id=1",
    "getStarred",
    "getStarred2",
    "getPlaylists",
    "search2?query=",
    "search3?query=",
    "search3?query=silver",
    "search3?query=nothing",
    "getAlbumList?type=newest",
    "getAlbumList2?type=newest",
    "getSongsByGenre?genre=jazz",
    "getSongsByGenre?genre=none",
    "getLyrics?title=x",
    ...["timed", "marked", "wordless"].map((song) => `getLyricsBySongId?id=${idOf(song as "timed")}`),
    ...["marked", "bare", "plain"].map((song) => `getSong?id=${idOf(song as "bare")}`),
    `getArtist?id=${artist}`,
    `getAlbum?id=${album.id}`,
    `getMusicDirectory?id=${artist}`,
    `getMusicDirectory?id=${album.id}`,
    "getMusicDirectory?id=1",
    "getLyrics?artist=Producer&title=Silver%20Echoes",
    "getSong?id=nosuch",
    "getAlbum",
    "nosuch",
    "getAlbumList2?type=nosuch",
    "getAlbumList2?type=newest&size=x",
  ];
});
afterAll(() => served[Symbol.asyncDispose]());

const raw = async (path: string, init?: RequestInit) => {
  const answer = await fetch(`${served.url}/rest${path}`, init);
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text(), answer };
};
/** The error's code of a login, 0 for none. */
const code = async (login: string, name = "ping", init?: RequestInit): Promise<number | string> => {
  const { status, text } = await raw(`/${name}?f=json&${login}`, init);
  const body = JSON.parse(text)["subsonic-response"];
  return status === 200 ? ((body.error?.code as number | undefined) ?? body.status) : status;
};

describe("an answer", () => {
  test("is valid XML, and the same in JSON", async () => {
    for (const call of calls) {
      const xml = readXml(await askXml(served, call));
      const json = await ask(served, call);
      for (const answer of [xml.indexes?.[0], json.indexes]) if (answer) answer.lastModified = "0";
      expect({ call, ...asXml(json) }).toEqual({ call, ...xml });
    }
  });

  test("to whatever is asked is valid XML, and the same in JSON", async () => {
    const ids = ["", "nosuch", "1", ...["plain", "marked", "timed", "bare"].map((song) => idOf(song as "bare"))];
    for (const call of calls) ids.push(...new URLSearchParams(call.replace(/.*\?/, "")).getAll("id"));
    // What changes something, or draws lots, has no two equal answers.
    const names = Object.keys(ENDPOINTS).filter(
      (name) => !/random|^(un)?star$|set|scrobble|(create|update|delete)Playlist/i.test(name),
    );
    const types = [
      "newest",
      "frequent",
      "recent",
      "highest",
      "starred",
      "alphabeticalByName",
      "byYear",
      "byGenre",
      "x",
    ];
    const text = fc.constantFrom(
      "",
      '""',
      "*",
      "silver",
      "sil",
      '<&"\u0001',
      "one two",
      "jazz",
      "夜",
      "a OR",
      "\ud800",
    );
    const number = fc.constantFrom("", "0", "1", "2", "500", "-1", "x", "99999999999", "2025", "2026");
    const words: Record<string, fc.Arbitrary<string>> = {
      id: fc.constantFrom(...ids),
      type: fc.constantFrom(...types),
      username: fc.constantFrom("env", "other"),
    };
    for (const word of ["query", "genre", "artist", "title"]) words[word] = text;
    for (const word of ["size", "count", "offset", "songCount", "songOffset", "albumCount", "artistCount"])
      words[word] = number;
    for (const word of ["fromYear", "toYear", "musicFolderId", "ifModifiedSince"]) words[word] = number;
    const asked = fc.record({ name: fc.constantFrom(...names), words: fc.record(words, { requiredKeys: [] }) });
    await fc.assert(
      fc.asyncProperty(asked, async ({ name, words: given }) => {
        const call = `${name}?${String(new URLSearchParams(given as Record<string, string>))}`;
        expect(asXml(await ask(served, call))).toEqual(readXml(await askXml(served, call)));
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test("says who answers", async () => {
    const about = { status: "ok", version: "1.16.1", type: "producer-mirror", openSubsonic: true };
    const answer = await ask(served, "ping");
    expect(answer).toEqual({ ...about, serverVersion: expect.stringMatching(/^\d+\.\d+\.\d+/) as unknown });
  });

  test("is XML unless asked otherwise; JSONP calls a function, and nothing but a function", async () => {
    expect((await raw(`/ping?${LOGIN}`)).type).toBe("application/xml; charset=utf-8");
    expect((await raw(`/ping?${LOGIN}&f=json`)).type).toBe("application/json; charset=utf-8");
    const jsonp = await raw(`/ping?${LOGIN}&f=jsonp&callback=my.app_1`);
    expect(jsonp.type).toBe("application/javascript; charset=utf-8");
    const [, body = ""] = /^\/\*\*\/my\.app_1\((.*)\);$/s.exec(jsonp.text) ?? [];
    expect(JSON.parse(body)["subsonic-response"].status).toBe("ok");
    for (const bad of ["", "&callback=", "&callback=alert(1)//", "&callback=a b"])
      expect(readXml((await raw(`/ping?${LOGIN}&f=jsonp${bad}`)).text).error[0].code).toBe("10");
    expect(readXml((await raw(`/ping?${LOGIN}&f=yaml`)).text).status).toBe("failed");
  });

  test("comes for GET and for a form, with and without .view", async () => {
    const expected = await ask(served, "getArtists");
    const form = (body: string) => ({
      method: "POST",
      body,
      headers: { "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8" },
    });
    for (const name of ["/getArtists", "/getArtists.view"]) {
      const all = await raw(name, form(`${LOGIN}&f=json`));
      const parts = await raw(`${name}?f=json&u=env`, form(`p=${KEY}`));
      for (const { text } of [all, parts, await raw(`${name}?${LOGIN}&f=json`)])
        expect(JSON.parse(text)["subsonic-response"]).toEqual(expected);
    }
    const long = await raw(`/ping?${LOGIN}`, form(`x=${"a".repeat(1_100_000)}`));
    expect(readXml(long.text).status).toBe("failed");
  });

  test("to an unknown name is an error in the API's shape, never a page", async () => {
    for (const path of ["/nosuch", "/", "", "/a/b", "/ping/x", "/constructor", "/__proto__", "/toString"])
      for (const end of ["", ".view"]) {
        if (path === "" && end !== "") continue;
        const { status, text } = await raw(`${path}${end}?${LOGIN}`);
        expect([path, status, readXml(text).status]).toEqual([path, 200, "failed"]);
        validate(text);
      }
    expect(readXml((await raw(`/ping?${LOGIN}`, { method: "PUT" })).text).status).toBe("failed");
  });

  test("holds titles as they are, in attributes and as text", async () => {
    const title = `<b>Rain & "Sun"</b> 'n'  snow`;
    const call = `getSong?id=${idOf("marked")}`;
    expect((await ask(served, call)).song.title).toBe(title);
    expect(readXml(await askXml(served, call)).song[0].title).toBe(title);
    const lyrics = `getLyrics?title=${encodeURIComponent(title)}`;
    expect((await ask(served, lyrics)).lyrics.value).toBe("one < two\n\n& <three>");
    expect(await askXml(served, lyrics)).toContain(">one &lt; two\n\n&amp; &lt;three&gt;</lyrics>");
  });

  test("has numbers and booleans as such, ids as text, and lists of one as lists", async () => {
    const { song } = await ask(served, `getSong?id=${idOf("jazz")}`);
    expect(song).toMatchObject({
      isDir: false,
      isVideo: false,
      genre: "jazz",
      type: "music",
      discNumber: 1,
      year: 2025,
    });
    for (const name of ["track", "size", "duration", "bitRate"]) expect(song[name]).toBeTypeOf("number");
    for (const name of ["id", "parent", "albumId", "artistId", "coverArt"]) expect(song[name]).toBeTypeOf("string");
    for (const name of ["getMusicFolders", "getArtists"]) {
      const [list] = Object.values(Object.values(await ask(served, name)).at(-1) as Answer).filter(Array.isArray);
      expect(list).toHaveLength(1);
    }
  });
});

describe("a login", () => {
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const hex = Buffer.from(KEY).toString("hex");

  test("is a key's name with the key, plain, in hexadecimal, or as a token", async () => {
    for (const right of [
      `u=env&p=${KEY}`,
      `u=env&p=enc:${hex}`,
      `u=env&t=${md5(`${KEY}salt`)}&s=salt`,
      `apiKey=${KEY}`,
    ])
      expect([right, await code(right)]).toEqual([right, "ok"]);
    expect(await code(`u=env&t=${md5(`${KEY}salt`).toUpperCase()}&s=salt`)).toBe("ok");
    expect(await code("x=1", "ping", { headers: { Authorization: `Bearer ${KEY}` } })).toBe("ok");
    const inAddress = await fetch(`${served.url}/key/${KEY}/rest/ping?f=json`);
    expect(((await inAddress.json()) as Answer)["subsonic-response"].status).toBe("ok");
    expect((await raw(`/tokenInfo?apiKey=${KEY}`)).text).toContain('<tokenInfo username="env"/>');
  });

  test("that lacks something, or is two at once, says so and costs nothing", async () => {
    for (const lacking of ["x=1", "u=env", `p=${KEY}`, "u=env&s=salt", "u=env&t=abc"])
      expect([lacking, await code(lacking)]).toEqual([lacking, 10]);
    for (const two of [`u=env&apiKey=${KEY}`, `p=${KEY}&apiKey=${KEY}`, `u=env&p=${KEY}&t=${md5(KEY)}&s=`])
      expect([two, await code(two)]).toEqual([two, 43]);
    expect(await code("jwt=abc")).toBe(42);
    expect(await code("x=1", "getOpenSubsonicExtensions")).toBe("ok");
    for (const name of ["nosuch", "stream", "getCoverArt", "download"]) expect(await code("x=1", name)).toBe(10);
  });

  test("is never the page's cookie, also where nothing else asks for a key", async () => {
    const proof = "ZW52.x";
    expect(await code("x=1", "ping", { headers: { Cookie: `producer_mirror=${proof}` } })).toBe(10);
  });

  test("with a wrong key is refused, and after ten of them not looked at for a minute", async () => {
    await using other = await serveSongs(1);
    writeKeys(other.world.home, [{ name: "phone", key: "another-0123456789abcdef", addedAt: "" }]);
    const wrong = ["u=env&p=x", `u=phone&p=${KEY}`, `u=ENV&p=${KEY}`, "u=env&p=enc:78", `u=env&t=${md5(KEY)}&s=salt`];
    const tokens = [`u=nobody&t=${md5("salt")}&s=salt`, "u=env&t=zz&s=salt", `u=phone&t=${md5(`${KEY}salt`)}&s=salt`];
    const refused = [
      ...wrong.map((text) => [text, 40]),
      ...tokens.map((text) => [text, 40]),
      ["apiKey=x", 44],
    ] as const;
    const get = async (login: string) => {
      const answer = await fetch(`${other.url}/rest/ping?f=json&${login}`);
      return { status: answer.status, error: ((await answer.json()) as Answer)["subsonic-response"].error };
    };
    for (const [text, expected] of refused)
      expect([text, (await get(String(text))).error.code]).toEqual([text, expected]);
    expect((await get("u=env&p=x")).status).toBe(200);
    expect((await get("u=env&p=x")).status).toBe(429);
    expect(readUses(other.world.home)).toEqual({});
    expect((await get(`u=env&p=${KEY}`)).error).toBeUndefined();
    await expect.poll(() => readUses(other.world.home)).toEqual({ env: expect.any(String) as string });
  });
});

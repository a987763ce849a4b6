import SubsonicAPI from "subsonic-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Served } from "../served.ts";
import { ask, askXml, idOf, KEY, serveSongs, taskOf, type Answer } from "./rest-world.ts";

let served: Served;
beforeAll(async () => (served = await serveSongs(9)));
afterAll(() => served[Symbol.asyncDispose]());

const code = async (call: string) => (await ask(served, call)).error?.code as number | undefined;
const song = async (name: Parameters<typeof idOf>[0]) => (await ask(served, `getSong?id=${idOf(name)}`)).song;
const starred = async () =>
  ((await ask(served, "getStarred2")).starred2.song as Answer[]).map(({ id }) => id as string);
const albums = async (type: string) =>
  ((await ask(served, `getAlbumList2?type=${type}`)).albumList2.album as Answer[]).map(({ name }) => name as string);

describe("marks", () => {
  test("are given and taken, are seen on the song, and belong to the archive", async () => {
    expect(await starred()).toEqual([]);
    await ask(served, `star?id=${idOf("later")}&id=${idOf("jazz")}`);
    await ask(served, `star?id=${idOf("plain")}`);
    expect((await starred())[0]).toBe(idOf("plain"));
    expect((await starred()).toSorted()).toEqual([idOf("later"), idOf("jazz"), idOf("plain")].toSorted());
    expect((await song("jazz")).starred).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    await ask(served, `unstar?id=${idOf("jazz")}&id=${idOf("plain")}`);
    expect(await starred()).toEqual([idOf("later")]);
    expect(await song("jazz")).not.toHaveProperty("starred");
    expect((await ask(served, "getStarred")).starred.song).toHaveLength(1);
    expect(await askXml(served, "getStarred2")).toContain(' starred="');

    await ask(served, `setRating?id=${idOf("later")}&rating=4`);
    expect(await song("later")).toMatchObject({ userRating: 4 });
    await ask(served, `setRating?id=${idOf("later")}&rating=0`);
    expect(await song("later")).not.toHaveProperty("userRating");
    await ask(served, `setRating?id=${idOf("later")}&rating=5`);
    expect(served.world.problems()).toEqual([]);
  });

  test("of plays count what was heard, not what has begun", async () => {
    const id = idOf("later");
    const at = Date.UTC(2026, 5, 1);
    await ask(served, `scrobble?id=${id}&submission=false`);
    expect(await song("later")).not.toHaveProperty("playCount");
    await ask(served, `scrobble?id=${id}&time=${at}`);
    await ask(served, `scrobble?id=${id}&id=${idOf("jazz")}&time=${at + 1000}&time=${at + 2000}&submission=true`);
    expect(await song("later")).toMatchObject({ playCount: 2, played: new Date(at + 1000).toISOString() });
    await ask(served, `scrobble?id=${idOf("jazz")}`);
    expect(Date.parse((await song("jazz")).played as string)).toBeGreaterThan(at + 2000);
    for (const type of ["frequent", "recent", "highest", "starred"])
      expect((await albums(type)).length).toBeGreaterThan(0);
    expect(await albums("starred")).toEqual(["2026-05"]);
    expect(await albums("highest")).toEqual(["2026-05"]);
    expect(await albums("recent")).toEqual(["2025-10", "2026-05"]);
  });

  test("are refused whole for what is no song", async () => {
    const album = (await song("later")).albumId as string;
    const before = await starred();
    for (const [call, expected] of [
      [`star?id=${idOf("plain")}&id=nosuch`, 70],
      [`star?id=${taskOf("plain")}`, 70],
      [`star?albumId=${album}`, 0],
      [`star?id=${album}`, 0],
      ["star", 10],
      [`setRating?id=${idOf("plain")}`, 10],
      [`setRating?id=${idOf("plain")}&rating=6`, 0],
      [`setRating?id=${album}&rating=3`, 0],
      ["scrobble", 10],
      ["scrobble?id=nosuch", 70],
    ] as const)
      expect([call, await code(call)]).toEqual([call, expected]);
    expect(await starred()).toEqual(before);
  });
});

describe("playlists", () => {
  const entries = async (id: string) =>
    ((await ask(served, `getPlaylist?id=${id}`)).playlist.entry as Answer[]).map((entry) => entry.id as string);
  const [a, b, c] = [idOf("later"), idOf("jazz"), idOf("plain")];

  test("are made, changed and deleted; a song may be in one twice", async () => {
    const made = (await ask(served, `createPlaylist?name=Evening%20%26%20more&songId=${a}&songId=${b}&songId=${a}`))
      .playlist;
    expect(made).toMatchObject({ name: "Evening & more", songCount: 3, public: false, owner: "env" });
    for (const name of ["created", "changed"]) expect(made[name]).toMatch(/Z$/);
    const id = made.id as string;
    expect(await entries(id)).toEqual([a, b, a]);
    await ask(served, `updatePlaylist?playlistId=${id}&songIndexToRemove=0&songIdToAdd=${c}&comment=late`);
    expect(await entries(id)).toEqual([b, a, c]);
    await ask(served, `createPlaylist?playlistId=${id}&songId=${c}&songId=${b}&name=Night`);
    expect(await entries(id)).toEqual([c, b]);
    const [listed] = (await ask(served, "getPlaylists")).playlists.playlist as Answer[];
    expect(listed).toMatchObject({ id, name: "Night", comment: "late", songCount: 2 });
    expect(listed).not.toHaveProperty("entry");
    await askXml(served, "getPlaylists");
    expect(await askXml(served, `getPlaylist?id=${id}`)).toContain("<entry ");
    const cover = await fetch(`${served.url}/rest/getCoverArt?id=pl-${id}&u=env&p=${KEY}`);
    expect(cover.headers.get("content-type")).toBe("image/jpeg");
    expect((await ask(served, `deletePlaylist?id=${id}`)).status).toBe("ok");
    expect((await ask(served, "getPlaylists")).playlists.playlist).toEqual([]);
    expect(await code(`getPlaylist?id=${id}`)).toBe(70);
  });

  test("keep the songs that a player is not shown", async () => {
    const { id } = (await ask(served, `createPlaylist?name=Kept&songId=${a}&songId=${b}&songId=${c}`)).playlist;
    await served.world.mirror("rm", b);
    expect(await entries(id as string)).toEqual([a, c]);
    await ask(served, `updatePlaylist?playlistId=${id}&songIndexToRemove=1`);
    await ask(served, `createPlaylist?playlistId=${id}&songId=${a}&songId=${a}`);
    await served.world.mirror("rm", "--undo", b);
    expect(await entries(id as string)).toEqual([a, a, b]);
  });

  test("say what they lack", async () => {
    const { id } = (await ask(served, "createPlaylist?name=Empty")).playlist;
    expect((await ask(served, `getPlaylist?id=${id}`)).playlist.entry).toEqual([]);
    for (const [call, expected] of [
      ["createPlaylist", 10],
      ["createPlaylist?name=x&songId=nosuch", 70],
      ["createPlaylist?playlistId=nosuch", 70],
      ["updatePlaylist", 10],
      [`updatePlaylist?playlistId=${id}&songIndexToRemove=0`, 70],
      ["deletePlaylist?id=nosuch", 70],
    ] as const)
      expect([call, await code(call)]).toEqual([call, expected]);
    expect(await code("createPlaylist?name=empty")).toBe(0);
  });
});

test("a client from npm stars, rates, scrobbles and makes a playlist", async () => {
  const api = new SubsonicAPI({ url: served.url, auth: { username: "env", password: KEY } });
  const id = idOf("marked");
  await api.star({ id });
  await api.setRating({ id, rating: 3 });
  await api.scrobble({ id });
  expect((await api.getStarred2()).starred2.song?.some((one) => one.id === id)).toBe(true);
  const { playlist } = await api.createPlaylist({ name: "From npm", songId: [id] });
  expect((await api.getPlaylist({ id: playlist.id })).playlist.entry?.[0]).toMatchObject({
    id,
    userRating: 3,
    playCount: 1,
  });
});

describe("events", () => {
  /** What the readers of events got after the event of this id, without times. */
  async function eventsAfter(last: string): Promise<{ last: string; events: Answer[] }> {
    const stop = new AbortController();
    const { body } = await fetch(`${served.url}/api/events`, {
      headers: { "Last-Event-ID": last },
      signal: stop.signal,
    });
    let text = "";
    for await (const part of body!) {
      text += Buffer.from(part).toString();
      break;
    }
    stop.abort();
    const ids = [...text.matchAll(/^id: (.*)$/gm)].map(([, id = ""]) => id);
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => {
      const { at: _at, ...event } = JSON.parse(data);
      return event;
    });
    return { last: ids.at(-1) ?? last, events };
  }
  const page = async (method: string, path: string, body?: object) => {
    const headers = { "Sec-Fetch-Site": "same-origin" };
    const answer = await fetch(`${served.url}/api${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    return answer.status === 204 ? {} : ((await answer.json()) as Answer);
  };

  test("let every device see what one has marked; what changes nothing is none", async () => {
    const [id, other] = [idOf("timed"), idOf("wordless")];
    await ask(served, `star?id=${id}`);
    // An id that is not known gets all that there was.
    let { last } = await eventsAfter("0-0");
    const next = async () => {
      const found = await eventsAfter(last);
      last = found.last;
      return found.events;
    };
    const marks = { starred: true, rating: 0, plays: 0 };
    await ask(served, `star?id=${id}`);
    await ask(served, `scrobble?id=${id}&submission=false`);
    await page("PUT", `/clips/${id}/star`);
    await ask(served, `star?id=nosuch`);
    await ask(served, `star?id=${id}&id=${other}`);
    expect(await next()).toEqual([
      {
        event: "marks.changed",
        clips: [
          { id, ...marks },
          { id: other, ...marks },
        ],
      },
    ]);
    await ask(served, `scrobble?id=${id}&id=${id}`);
    await page("PUT", `/clips/${other}/rating`, { rating: 3 });
    await page("PUT", `/clips/${other}/tags/night`);
    await page("PUT", `/clips/${other}/tags/night`);
    expect(await next()).toEqual([
      { event: "marks.changed", clips: [{ id, ...marks, plays: 2 }] },
      { event: "marks.changed", clips: [{ id: other, ...marks, rating: 3 }] },
      { event: "tags.changed", id: other, tags: ["night"] },
    ]);
    const { playlist } = await ask(served, `createPlaylist?name=Heard&songId=${id}`);
    const listId = playlist.id as string;
    await page("POST", `/playlists/${listId}/clips`, { clips: [other] });
    await ask(served, `updatePlaylist?playlistId=${listId}&name=Heard`);
    await ask(served, `deletePlaylist?id=${listId}`);
    const seen = await next();
    expect(seen.map(({ event, id: list, songs }) => [event, list, songs])).toEqual([
      ["playlist.changed", listId, 1],
      ["playlist.changed", listId, 2],
      ["playlist.deleted", listId, undefined],
    ]);
    expect(seen[0]).toMatchObject({ name: "Heard" });
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveWorld, type Served } from "../served.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";

let served: Served;
let clips: string[];
let task: string;
beforeAll(async () => {
  served = await serveWorld({}, {}, { tasks: 5 });
  const { items } = (await (await fetch(`${served.url}/api/clips`)).json()) as {
    items: { id: string; taskId: string }[];
  };
  clips = items.map(({ id }) => id);
  task = items[0]?.taskId ?? "";
});
afterAll(() => served[Symbol.asyncDispose]());

type Answer = { status: number; body: unknown };

async function send(method: string, path: string, body?: unknown): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
  const headers = { "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json" };
  const answer = await fetch(served.url + path, { method, headers, ...(text !== undefined && { body: text }) });
  const got = await answer.text();
  return { status: answer.status, body: got === "" ? null : (JSON.parse(got) as unknown) };
}
const get = async (path: string) => (await send("GET", path)).body as { items: { id: string }[]; total: number };
const journal = () => rowsOf(served.world.home, "select sum(lines) as lines from journal_files")[0]?.["lines"];

const withClip = (body: unknown) => JSON.parse(JSON.stringify(body).replace('"CLIP"', `"${clips[0]}"`)) as unknown;

type Playlist = {
  id: string;
  name: string;
  songs: number;
  changedAt: string;
  clips: { id: string; position: number }[];
};
const order = ({ body }: Answer) => (body as Playlist).clips.map(({ id }) => clips.indexOf(id));

describe("marks of a clip", () => {
  test("a star, a rating and plays are in every list, in the filters and in the answer; a repeat changes nothing", async () => {
    const [one = "", two = ""] = clips;
    expect(await send("PUT", `/api/clips/${one}/star`)).toEqual({
      status: 200,
      body: { id: one, starred: true, rating: 0, plays: 0 },
    });
    await send("PUT", `/api/clips/${one}/rating`, { rating: 4 });
    await send("PUT", `/api/clips/${two}/rating`, { rating: 3 });
    const before = journal();
    await send("PUT", `/api/clips/${one}/star`);
    await send("PUT", `/api/clips/${one}/rating`, { rating: 4 });
    await send("DELETE", `/api/clips/${two}/star`);
    expect(journal()).toBe(before);
    const marked = { starred: true, rating: 4, plays: 0 };
    expect(await get(`/api/clips/${one}`)).toMatchObject({ id: one, ...marked });
    expect((await get("/api/clips")).items[0]).toMatchObject({ id: one, ...marked });
    const found = async (words: string) => (await get(`/api/clips?${words}`)).items.map(({ id }) => id);
    expect(await found("starred=true&min-rating=4")).toEqual([one]);
    expect(await found("starred=false&min-rating=3")).toEqual([two]);
    expect(await found("min-rating=0")).toEqual(clips);
    await send("DELETE", `/api/clips/${one}/star`);
    expect(await found("starred")).toEqual([]);
  });

  test("plays by two devices at once all count, and one that is sent again counts once", async () => {
    const path = `/api/clips/${clips[2]}/plays`;
    await Promise.all(Array.from({ length: 12 }, () => send("POST", path)));
    const playedAt = "2026-01-02T03:04:05.678+01:00";
    expect(await send("POST", path, { playedAt })).toMatchObject({ body: { plays: 13 } });
    const other = `/api/clips/${clips[3]}/plays`;
    await send("POST", other, { playedAt });
    expect(await send("POST", other, { playedAt })).toMatchObject({ status: 200, body: { plays: 1 } });
    const query = "select last_played_at as at from clip_marks where clip_id = ?";
    expect(rowsOf(served.world.home, query, clips[3] ?? "")).toEqual([{ at: Date.parse(playedAt) }]);
  });

  test("tags are put and deleted by their name", async () => {
    const path = `/api/clips/${clips[0]}/tags/${encodeURIComponent("late night")}`;
    expect(await send("PUT", path)).toEqual({ status: 200, body: { id: clips[0], tags: ["late night"] } });
    expect(await send("PUT", path)).toMatchObject({ body: { tags: ["late night"] } });
    expect(await send("DELETE", path)).toMatchObject({ status: 200, body: { tags: [] } });
    expect(await send("DELETE", path)).toMatchObject({ status: 200, body: { tags: [] } });
  });
});

describe("playlists", () => {
  test("are made, read, named, filled, ordered and ended", async () => {
    const [a = "", b = "", c = ""] = clips;
    const made = await send("POST", "/api/playlists", { name: "Night", comment: "at home", clips: [a, b, a] });
    expect(made).toMatchObject({ status: 201, body: { name: "Night", comment: "at home", songs: 3 } });
    const { id } = made.body as Playlist;
    const path = `/api/playlists/${id}`;
    expect(order(await send("POST", `${path}/clips`, { clips: [c, c], position: 1 }))).toEqual([0, 2, 2, 1, 0]);
    expect(order(await send("PUT", `${path}/clips/3`, { clip: b, to: 0 }))).toEqual([1, 0, 2, 2, 0]);
    expect(order(await send("DELETE", `${path}/clips/4?clip=${a}`))).toEqual([1, 0, 2, 2]);
    const renamed = await send("PUT", path, { name: "Nights" });
    expect(renamed).toMatchObject({ status: 200, body: { name: "Nights", comment: "at home" } });
    const { changedAt } = renamed.body as Playlist;
    expect(order(await send("PUT", path, { clips: [c, b, c], changedAt }))).toEqual([2, 1, 2]);
    expect(await send("PUT", path, { clips: [a], changedAt })).toMatchObject({
      status: 409,
      body: { error: { code: "changed_meanwhile" } },
    });
    expect(await send("GET", path)).toMatchObject({
      body: { songs: 3, clips: [{ id: c, position: 0, starred: false }, { id: b }, { id: c, position: 2 }] },
    });
    expect(await get("/api/playlists")).toMatchObject({ items: [{ id, name: "Nights", songs: 3 }], total: 1 });
    expect((await get("/api/clips?playlist=nights")).items.map((one) => one.id).toSorted()).toEqual([b, c].toSorted());
    expect(await send("DELETE", path)).toEqual({ status: 204, body: null });
    expect(await send("DELETE", path)).toMatchObject({ status: 404 });
    expect(await get("/api/playlists")).toMatchObject({ items: [], total: 0 });
  });

  test("two devices that add and remove at once lose nothing of each other", async () => {
    const [a = "", b = "", c = ""] = clips;
    const made = await send("POST", "/api/playlists", { name: "Both", clips: [a, b] });
    const path = `/api/playlists/${(made.body as Playlist).id}`;
    await Promise.all([
      ...Array.from({ length: 4 }, () => send("POST", `${path}/clips`, { clips: [c] })),
      send("POST", `${path}/clips`, { clips: [c], position: 0 }),
      send("DELETE", `${path}/clips/1?clip=${b}`),
    ]);
    expect(order(await send("GET", path)).toSorted((one, other) => one - other)).toEqual([0, 2, 2, 2, 2, 2]);
    await send("DELETE", path);
  });
});

describe("removing", () => {
  test("songs go into the trash, and come back with their files and marks", async () => {
    const [one = "", two = ""] = clips;
    await send("PUT", `/api/clips/${one}/rating`, { rating: 2 });
    expect(await send("POST", "/api/rm", { clips: [one, two] })).toMatchObject({
      status: 200,
      body: { clips: 2, files: 4, alreadyRemoved: 0 },
    });
    expect((await get("/api/clips")).total).toBe(clips.length - 2);
    expect((await fetch(`${served.url}/media/${one}/audio`)).status).toBe(404);
    expect(await send("POST", "/api/rm", { clips: [one, two], undo: true })).toMatchObject({
      status: 200,
      body: { clips: 2, files: 4, toFetch: 0 },
    });
    expect((await get("/api/clips")).items).toMatchObject(clips.map((id) => ({ id })));
    expect(await get(`/api/clips/${one}`)).toMatchObject({ rating: 2 });
    expect((await fetch(`${served.url}/media/${one}/audio`)).status).toBe(200);
    await send("PUT", `/api/clips/${one}/rating`, { rating: 0 });
  });
});

describe("bad requests get one clear answer, and change nothing", () => {
  test.each<[string, string, unknown, number, RegExp]>([
    ["PUT", "/api/clips/nosuch/star", undefined, 404, /no task or clip has the id nosuch/],
    ["PUT", "/api/clips/TASK/star", undefined, 404, /is a task/],
    ["PUT", "/api/clips/CLIP/rating", { rating: 6 }, 400, /^the body, at rating: /],
    ["PUT", "/api/clips/CLIP/rating", {}, 400, /^the body, at rating: /],
    ["PUT", "/api/clips/CLIP/rating", { rating: 1, stars: 2 }, 400, /stars/],
    ["PUT", "/api/clips/CLIP/rating", "rating=3", 400, /the body is not JSON/],
    ["PUT", "/api/clips/CLIP/rating", `{"rating": 1${" ".repeat(5000)}}`, 413, /more than 4,?096 bytes/],
    ["POST", "/api/clips/CLIP/plays", { playedAt: "yesterday" }, 400, /at playedAt/],
    ["PUT", "/api/clips/CLIP/tags/a%2Cb", undefined, 400, /it has a comma/],
    ["GET", "/api/clips?min-rating=9", undefined, 400, /min-rating is "9"; it takes a whole number from 0 to 5/],
    ["GET", "/api/clips?playlist=nosuch", undefined, 404, /there is no playlist "nosuch"/],
    ["GET", "/api/playlists/nosuch", undefined, 404, /there is no playlist "nosuch"/],
    ["PUT", "/api/playlists/nosuch", {}, 404, /there is no playlist "nosuch"/],
    ["POST", "/api/playlists", {}, 400, /at name/],
    ["POST", "/api/playlists", { name: "a\u0007b" }, 400, /invisible/],
    ["POST", "/api/playlists", { name: "x", clips: ["nosuch"] }, 400, /no clip has the id nosuch/],
    ["POST", "/api/rm", { clips: [] }, 400, /at clips/],
    ["POST", "/api/rm", { clips: ["nosuch"] }, 404, /no task or clip has the id nosuch/],
    ["POST", "/api/rm", { clips: ["CLIP"], undo: true }, 400, /was not removed/],
    ["DELETE", "/api/playlists/x/clips/0", undefined, 400, /clip is missing/],
    ["DELETE", "/api/playlists/x/clips/first?clip=x", undefined, 400, /the position is "first"/],
  ])("%s %s", async (method, path, body, status, message) => {
    const before = journal();
    const at = path.replace("CLIP", clips[0] ?? "").replace("TASK", task);
    const asked = body === undefined || typeof body === "string" ? body : withClip(body);
    const answer = await send(method, at, asked);
    expect(answer.status).toBe(status);
    expect((answer.body as { error: { message: string } }).error.message).toMatch(message);
    expect(journal()).toBe(before);
  });

  test("from a page of nowhere", async () => {
    const answer = await fetch(`${served.url}/api/clips/${clips[0]}/star`, { method: "PUT" });
    expect(answer.status).toBe(403);
  });
});

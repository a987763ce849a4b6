import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveWorld, type Served } from "../served.ts";

type List = { items: { id: string }[]; total: number | null; next: string | null };

let served: Served;
beforeAll(async () => (served = await serveWorld({}, {}, { tasks: 7 })));
afterAll(() => served[Symbol.asyncDispose]());

const get = async <T = List>(path: string) => (await (await fetch(served.url + path)).json()) as T;
const printed = async (...args: string[]) =>
  JSON.parse((await served.world.mirror(...args, "--json")).stdout) as unknown;

describe("the data is what the commands print", () => {
  test.each(["clips", "tasks"])("%s", async (name) => {
    expect((await get(`/api/${name}`)).items).toEqual(await printed(name));
    const filtered = await get(`/api/${name}?model=FUZZ-2.0&sort=title`);
    expect(filtered.items).toEqual(await printed(name, "--model", "FUZZ-2.0", "--sort", "title"));
    expect(filtered.total).toBe(filtered.items.length);
  });

  test("one clip, its family and history, the tags, the runs, the changes, the numbers", async () => {
    const [clip] = (await get("/api/clips?limit=1")).items;
    const id = clip?.id ?? "";
    expect(await get(`/api/clips/${id}`)).toEqual(await printed("show", id));
    expect(await get(`/api/lineage/${id}`)).toEqual(await printed("lineage", id));
    expect(await get(`/api/history/${id}`)).toEqual(await printed("history", id));
    expect(await get("/api/stats?by=model")).toEqual(await printed("stats", "--by", "model"));
    expect((await get("/api/changes")).items).toEqual(await printed("changes"));
    expect(await get("/api/tags")).toEqual({ items: [], total: 0, next: null });
    expect((await get("/api/runs")).items).toEqual([(await get<{ lastRun: unknown }>("/api/status")).lastRun]);
  });

  test("pages follow each other without a gap", async () => {
    const ids: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const page: List = await get(`/api/clips?limit=2${next && `&cursor=${next}`}`);
      expect(page.total).toBe(7);
      ids.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(ids).toEqual((await get("/api/clips")).items.map(({ id }) => id));
  });
});

describe("bad questions get one clear answer", () => {
  test.each([
    ["/api/clips?limt=3", 400, /unknown parameter "limt"/],
    ["/api/clips?limit=0", 400, /limit is "0"; it takes a whole number from 1 to 1000/],
    ["/api/clips?since=soon", 400, /^since is "soon"/],
    ["/api/clips?model=a&model=b", 400, /model is given twice/],
    ["/api/clips?cursor=x", 400, /cursor/],
    ["/api/clips?instrumental=maybe", 400, /it takes true or false/],
    ["/api/search", 400, /q is missing/],
    ["/api/clips/nosuch", 404, /no task or clip has the id nosuch/],
    ["/api/nosuch", 404, /there is nothing at/],
  ])("%s: %d", async (path, status, message) => {
    const answer = await fetch(served.url + path);
    expect(answer.status).toBe(status);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error.message).toMatch(message);
  });
});

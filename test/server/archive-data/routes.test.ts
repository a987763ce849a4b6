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
    expect(await get(`/api/why/${id}`)).toEqual(await printed("why", id));
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

describe("a list by an index", () => {
  type Arranged = List & { songs: number; groups?: { key: string | null; clips: number }[] };

  test("has the same songs as its pages, under heads that count them", async () => {
    const all = (await get("/api/clips")).items.map(({ id }) => id);
    const first = await get<Arranged>("/api/clips?offset=0&limit=3&group=day&timezone=Asia/Tokyo");
    expect(first).toMatchObject({ total: 7, songs: 7, next: null });
    expect(first.groups?.reduce((sum, { clips }) => sum + clips, 0)).toBe(7);
    const rest = await get<Arranged>("/api/clips?offset=3&limit=100&group=day&timezone=Asia/Tokyo");
    expect(rest.groups).toBeUndefined();
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(all);
    const models = await get<Arranged>("/api/clips?offset=0&group=model&stacked");
    expect(models.groups?.map(({ key }) => key)).toEqual([
      ...new Set((models.items as { id: string; model?: string }[]).map(({ model }) => model ?? null)),
    ]);
    expect((await get<Arranged>("/api/clips?offset=0")).groups).toBeUndefined();
  });
});

describe("bad questions get one clear answer", () => {
  test.each([
    ["/api/clips?limt=3", 400, /unknown parameter "limt"/],
    ["/api/clips?limit=0", 400, /limit is "0"; it takes a whole number from 1 to 1000/],
    ["/api/clips?since=soon", 400, /^since is "soon"/],
    ["/api/clips?model=a&model=b", 400, /model is given twice/],
    ["/api/clips?cursor=x", 400, /cursor/],
    ["/api/clips?offset=-1", 400, /offset is "-1"; it takes a whole number from 0/],
    ["/api/clips?offset=0&group=week", 400, /group.*week/],
    ["/api/clips?group=day", 400, /group is for a list by `offset`/],
    ["/api/clips?offset=0&timezone=Mars", 400, /timezone is "Mars"/],
    ["/api/clips?heard=perhaps", 400, /it takes true or false/],
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

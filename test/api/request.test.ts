import { describe, expect, it } from "vitest";
import { idle, opened, TOKEN } from "./opened.ts";

describe("requests", () => {
  it("one id is requested as on the API's page", async () => {
    await using world = await opened();
    const { api, standIn, ids } = world;
    const answers = await api.fetchTasks(ids.slice(0, 1), { signal: idle });
    expect(answers.map(({ reading }) => "record" in reading && reading.id)).toEqual(ids.slice(0, 1));
    const [request] = standIn.requests;
    expect(request).toMatchObject({
      method: "POST",
      url: "/producer/tasks",
      body: `{"id":"${ids[0]}","action":"retrieve"}`,
    });
    expect(request?.headers).toMatchObject({
      accept: "application/json",
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      "user-agent": "producer-mirror/1 (+x)",
    });
  });

  it("sends only these headers and those that HTTP needs", async () => {
    await using world = await opened();
    await world.api.fetchTasks(world.ids, { signal: idle });
    const names = Object.keys(world.standIn.requests[0]?.headers ?? {}).toSorted();
    expect(names).toEqual([
      "accept",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
      "user-agent",
    ]);
  });

  it("several ids are requested together, with their number as the limit", async () => {
    await using world = await opened({}, 50);
    const { api, standIn, ids } = world;
    expect(await api.fetchTasks(ids, { signal: idle })).toHaveLength(50);
    expect(JSON.parse(standIn.requests[0]?.body ?? "")).toEqual({ ids, action: "retrieve_batch", limit: 50 });
    expect(standIn.violations).toEqual([]);
    expect(api.requests).toBe(1);
  });

  it("an unknown id returns no record", async () => {
    await using world = await opened();
    const [answer] = await world.api.fetchTasks(["ffffffff-10f2-4e2b-b500-66ec27fe82ad"], { signal: idle });
    expect(answer).toEqual({ document: "{}", reading: { absent: true } });
  });

  it("sends at most one a second, and at most four at once", async () => {
    await using world = await opened({ rate: 10 });
    const { api, standIn, ids } = world;
    standIn.fault("api", { kind: "delay", ms: 800 }, "forever");
    await Promise.all(Array.from({ length: 8 }, () => api.fetchTasks(ids, { signal: idle })));
    const times = standIn.requests.map(({ at }) => at);
    // A busy machine may see two of them late and together, but never all of them early.
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(500);
    expect(standIn.peak.api).toBe(4);
  });

  it("lists by the undocumented filters", async () => {
    await using world = await opened();
    await world.api.listTasks({ user_id: "u", type: "audios", limit: 12, created_at_max: 1.5 }, { signal: idle });
    expect(world.standIn.requests[0]?.json).toEqual({
      action: "retrieve_batch",
      user_id: "u",
      type: "audios",
      limit: 12,
      created_at_max: 1.5,
    });
  });
});

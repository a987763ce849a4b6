import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeLibrary, makeRecord, taskIdOf } from "../../../src/demo/faults/make-record.ts";
import { APPLICATION_ID, USER_ID } from "../../../src/demo/library/record-shape.ts";
import { startStandIn } from "../../../src/demo/service/stand-in.ts";
import type { StandIn } from "../../../src/demo/service/stand-in-types.ts";
import { ask, askApi, askBatch, askOne, HEADERS } from "./ask.ts";

const TASKS = 40;
const idsTo = (end: number) => Array.from({ length: end }, (_, n) => taskIdOf(n));
const library = (assetBase: string) => makeLibrary({ tasks: TASKS, assetBase });
let standIn: StandIn;

beforeAll(async () => {
  standIn = await startStandIn({ library, token: "a-token" });
});
afterAll(() => standIn.close());

describe("retrieve", () => {
  test("gives the record, and {} with 200 for an unknown id", async () => {
    const record = makeRecord(3, {}, { assetBase: standIn.assetUrl });
    expect(await askOne(standIn.url, taskIdOf(3))).toEqual(record);
    const unknown = await askApi(standIn.url, { id: "no-such-id" });
    expect([unknown.status, unknown.body.toString()]).toEqual([200, "{}"]);
    expect(unknown.headers["content-type"]).toBe("application/json");
  });

  test("sends a record that a test has set as text character by character", async () => {
    await using own = await startStandIn({ library });
    const text = `{"id":"x","created_at":1.0,"big":12345678901234567890,"quote":"\\u2019"}`;
    own.records.set("x", text);
    expect((await askApi(own.url, { id: "x" })).body.toString()).toBe(text);
    const batch = await askApi(own.url, { action: "retrieve_batch", ids: ["x"], limit: 1 });
    expect(batch.body.toString()).toBe(`{"items":[${text}],"count":1}`);
    own.remove("x");
    expect(await askOne(own.url, "x")).toEqual({});
  });
});

describe("retrieve_batch", () => {
  test("applies the limit of 12 to ids too, newest first, and counts all that match", async () => {
    const page = await askBatch(standIn.url, { ids: idsTo(20) });
    expect(page.items.map(({ id }) => id)).toEqual(idsTo(20).toReversed().slice(0, 12));
    expect(page.count).toBe(20);
    expect((await askBatch(standIn.url, { ids: idsTo(20), limit: 20 })).items).toHaveLength(20);
  });

  test("leaves out unknown ids and gives an id that was named twice once", async () => {
    const [first] = idsTo(1);
    const page = await askBatch(standIn.url, { ids: [first, "nobody", first], limit: 3 });
    expect([page.items.length, page.count]).toEqual([1, 1]);
    expect(await askBatch(standIn.url, { ids: ["nobody"] })).toEqual({ items: [], count: 0 });
  });

  test("filters by user, application and type, and by an inclusive window of time", async () => {
    const at = (n: number) => makeRecord(n).created_at;
    const all = { user_id: USER_ID, application_id: APPLICATION_ID, type: "audios" };
    expect((await askBatch(standIn.url, all)).count).toBe(TASKS);
    expect((await askBatch(standIn.url, { ...all, type: "wav" })).count).toBe(0);
    expect((await askBatch(standIn.url, { user_id: "somebody" })).count).toBe(0);
    const page = await askBatch(standIn.url, {
      ...all,
      created_at_min: at(5),
      created_at_max: at(8),
      limit: 3,
      offset: 1,
    });
    expect(page.items.map(({ id }) => id)).toEqual([7, 6, 5].map((n) => taskIdOf(n)));
    expect(page.count).toBe(4);
  });

  test("filters may be ignored: then the newest 12 come, whatever was asked", async () => {
    await using own = await startStandIn({ library, filters: "ignored" });
    const page = await askBatch(own.url, { user_id: "somebody", offset: 30, limit: 50 });
    expect(page).toMatchObject({ count: TASKS, items: { length: 12 } });
    expect((await askBatch(own.url, { ids: idsTo(20), limit: 20 })).items).toHaveLength(20);
  });

  test("filters may be refused", async () => {
    await using own = await startStandIn({ library, filters: "refused" });
    const answer = await askApi(own.url, { action: "retrieve_batch", user_id: "somebody" });
    expect([answer.status, JSON.parse(answer.body.toString()).error.code]).toEqual([400, "bad_request"]);
    expect((await askBatch(own.url, { ids: idsTo(20), limit: 20 })).items).toHaveLength(20);
  });
});

describe("refusals", () => {
  test.each([
    ["no token", { ...HEADERS, authorization: "" }, 400, "no_token"],
    ["a wrong token", { ...HEADERS, authorization: "Bearer wrong" }, 401, "invalid_token"],
  ])("%s", async (_, headers, status, code) => {
    const answer = await askApi(standIn.url, { id: taskIdOf(0) }, headers);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code }, trace_id: expect.any(String) });
  });

  test.each(["/producer/wav", "/producer/audios", "/", "/producer/tasks/"])("POST %s is no_api", async (path) => {
    const answer = await ask(`${standIn.url}${path}`, { method: "POST", headers: HEADERS, body: "{}" });
    expect([answer.status, JSON.parse(answer.body.toString()).error.code]).toEqual([404, "no_api"]);
  });
});

test("notes down every request, and what a mirror may not do", async () => {
  await using own = await startStandIn({ library });
  await askApi(own.url, { action: "retrieve_batch", ids: idsTo(50), limit: 50 });
  expect(own.violations).toEqual([]);
  expect(own.requests).toMatchObject([{ server: "api", method: "POST", url: "/producer/tasks", ids: { length: 50 } }]);
  expect(own.requests[0]?.rawHeaders).toContain("Bearer a-token");

  own.reset();
  await askApi(own.url, { action: "delete", id: taskIdOf(0) });
  await askApi(own.url, { id: "x" }, { ...HEADERS, "x-record-exempt": "true", accept: "*/*" });
  await askApi(own.url, { id: "x" }, {});
  await askApi(own.url, { action: "retrieve_batch", ids: idsTo(51) });
  await ask(`${own.url}/producer/wav`, { method: "POST", headers: HEADERS, body: "{}" });
  await ask(`${own.assetUrl}/x.m4a`, { headers: { authorization: "Bearer a-token" } });
  expect(own.violations).toEqual([
    'POST /producer/tasks: action "delete"',
    "POST /producer/tasks: x-record-exempt",
    "POST /producer/tasks: accept: */*",
    "POST /producer/tasks: accept: undefined",
    "POST /producer/tasks: content-type: undefined",
    "POST /producer/tasks: no bearer token",
    "POST /producer/tasks: 51 ids in one request",
    "POST /producer/wav: another call than POST /producer/tasks",
    "GET /x.m4a: authorization sent to the file server",
  ]);
  expect(own.records.has(taskIdOf(0))).toBe(true);
});

test("serves files from a second origin when told to, and counts connections of each", async () => {
  await using own = await startStandIn({ library, separateAssets: true });
  expect(own.assetUrl).not.toBe(own.url);
  const path = "/corpusant-app-public/riffs/a/audio/b.m4a";
  expect((await ask(`${own.assetUrl}${path}`)).status).toBe(200);
  expect((await ask(`${own.url}${path}`)).status).toBe(404);
  expect([own.connections(), own.assetConnections()]).toEqual([2, 1]);
  expect(own.requests.map(({ server }) => server)).toEqual(["assets", "api"]);
});

test("sends the Date that it is told to", async () => {
  const date = "Fri, 01 Jan 2100 00:00:00 GMT";
  await using own = await startStandIn({ library, date });
  expect((await askApi(own.url, { id: "x" })).rawHeaders.filter((one) => one === date)).toHaveLength(1);
});

test("a record may depend on how often it was asked for", async () => {
  await using own = await startStandIn({ library });
  own.records.set("x", (asked) => ({ id: "x", created_at: 1, asked }));
  await askOne(own.url, "x");
  expect((await askBatch(own.url, { ids: ["x"] })).items).toEqual([{ id: "x", created_at: 1, asked: 1 }]);
});

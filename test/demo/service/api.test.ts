import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeLibrary, makeRecord, taskIdOf } from "../../stand-in/make-record.ts";
import { APPLICATION_ID, USER_ID } from "../../../src/demo/library/record-shape.ts";
import { startDemoService, type DemoService } from "../../../src/demo/service/demo-service.ts";
import { sendRequest, callApi, fetchBatch, fetchRecord, HEADERS } from "../../stand-in/http-client.ts";

const TASKS = 40;
const idsTo = (end: number) => Array.from({ length: end }, (_, n) => taskIdOf(n));
const library = (assetBase: string) => makeLibrary({ tasks: TASKS, assetBase });
let service: DemoService;

beforeAll(async () => {
  service = await startDemoService({ library, token: "a-token" });
});
afterAll(() => service.close());

describe("retrieve", () => {
  test("gives the record, and {} with 200 for an unknown id", async () => {
    const record = makeRecord(3, {}, { assetBase: service.assetUrl });
    expect(await fetchRecord(service.url, taskIdOf(3))).toEqual(record);
    const unknown = await callApi(service.url, { id: "no-such-id" });
    expect([unknown.status, unknown.body.toString()]).toEqual([200, "{}"]);
    expect(unknown.headers["content-type"]).toBe("application/json");
  });

  test("sends a record that is set as text exactly as it is", async () => {
    await using own = await startDemoService({ library });
    const text = `{"id":"x","created_at":1.0,"big":12345678901234567890,"quote":"\\u2019"}`;
    own.records.set("x", text);
    expect((await callApi(own.url, { id: "x" })).body.toString()).toBe(text);
    const batch = await callApi(own.url, { action: "retrieve_batch", ids: ["x"], limit: 1 });
    expect(batch.body.toString()).toBe(`{"items":[${text}],"count":1}`);
    own.records.delete("x");
    expect(await fetchRecord(own.url, "x")).toEqual({});
  });
});

describe("retrieve_batch", () => {
  test("applies the limit of 12 to ids too, newest first, and counts all that match", async () => {
    const page = await fetchBatch(service.url, { ids: idsTo(20) });
    expect(page.items.map(({ id }) => id)).toEqual(idsTo(20).toReversed().slice(0, 12));
    expect(page.count).toBe(20);
    expect((await fetchBatch(service.url, { ids: idsTo(20), limit: 20 })).items).toHaveLength(20);
  });

  test("leaves out unknown ids and returns a repeated id once", async () => {
    const [first] = idsTo(1);
    const page = await fetchBatch(service.url, { ids: [first, "nobody", first], limit: 3 });
    expect([page.items.length, page.count]).toEqual([1, 1]);
    expect(await fetchBatch(service.url, { ids: ["nobody"] })).toEqual({ items: [], count: 0 });
  });

  test("filters by user, application and type, and by an inclusive time range", async () => {
    const at = (n: number) => makeRecord(n).created_at;
    const all = { user_id: USER_ID, application_id: APPLICATION_ID, type: "audios" };
    expect((await fetchBatch(service.url, all)).count).toBe(TASKS);
    expect((await fetchBatch(service.url, { ...all, type: "wav" })).count).toBe(0);
    expect((await fetchBatch(service.url, { user_id: "somebody" })).count).toBe(0);
    const page = await fetchBatch(service.url, {
      ...all,
      created_at_min: at(5),
      created_at_max: at(8),
      limit: 3,
      offset: 1,
    });
    expect(page.items.map(({ id }) => id)).toEqual([7, 6, 5].map((n) => taskIdOf(n)));
    expect(page.count).toBe(4);
  });

  test("filters may be ignored: then the newest 12 are returned, whatever the filter", async () => {
    await using own = await startDemoService({ library, filters: "ignored" });
    const page = await fetchBatch(own.url, { user_id: "somebody", offset: 30, limit: 50 });
    expect(page).toMatchObject({ count: TASKS, items: { length: 12 } });
    expect((await fetchBatch(own.url, { ids: idsTo(20), limit: 20 })).items).toHaveLength(20);
  });

  test("filters may be refused", async () => {
    await using own = await startDemoService({ library, filters: "refused" });
    const response = await callApi(own.url, { action: "retrieve_batch", user_id: "somebody" });
    expect([response.status, JSON.parse(response.body.toString()).error.code]).toEqual([400, "bad_request"]);
    expect((await fetchBatch(own.url, { ids: idsTo(20), limit: 20 })).items).toHaveLength(20);
  });
});

describe("refusals", () => {
  test.each([
    ["no token", { ...HEADERS, authorization: "" }, 400, "no_token"],
    ["a wrong token", { ...HEADERS, authorization: "Bearer wrong" }, 401, "invalid_token"],
  ])("%s", async (_, headers, status, code) => {
    const response = await callApi(service.url, { id: taskIdOf(0) }, headers);
    expect(response.status).toBe(status);
    expect(JSON.parse(response.body.toString())).toMatchObject({ error: { code }, trace_id: expect.any(String) });
  });

  test.each(["/producer/wav", "/producer/audios", "/", "/producer/tasks/"])("POST %s is no_api", async (path) => {
    const response = await sendRequest(`${service.url}${path}`, { method: "POST", headers: HEADERS, body: "{}" });
    expect([response.status, JSON.parse(response.body.toString()).error.code]).toEqual([404, "no_api"]);
  });
});

test("serves files from a second origin if configured, and counts the connections of each", async () => {
  await using own = await startDemoService({ library, separateAssets: true });
  expect(own.assetUrl).not.toBe(own.url);
  const path = "/corpusant-app-public/riffs/a/audio/b.m4a";
  expect((await sendRequest(`${own.assetUrl}${path}`)).status).toBe(200);
  expect((await sendRequest(`${own.url}${path}`)).status).toBe(404);
  expect([own.connections(), own.assetConnections()]).toEqual([2, 1]);
  expect(own.requests.map(({ server }) => server)).toEqual(["assets", "api"]);
});

test("a record may depend on how often it was fetched", async () => {
  await using own = await startDemoService({ library });
  own.records.set("x", (fetches) => ({ id: "x", created_at: 1, fetches }));
  await fetchRecord(own.url, "x");
  expect((await fetchBatch(own.url, { ids: ["x"] })).items).toEqual([{ id: "x", created_at: 1, fetches: 1 }]);
});

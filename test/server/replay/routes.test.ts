import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sendRaw, serveWorld, statusOf, type Served } from "../served.ts";

type Task = { id: string; created_at: number; trace_id: string; user_id: string; type: string };
type Batch = { items: Task[]; count: number };

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), "utf8");
const PAGE_ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const RESULT_ID = "2a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const ODD_ID = "3a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const ODD = `{ "id" : "${ODD_ID}","created_at":1.0,"request":{"n":12345678901234567890.10, "t":"a\\u2019\\/b"},\t"response":null,"n":-0.0}`;

let served: Served;
/** As the service has them, the newest first. */
let records: Map<string, string>;
let newest: Task[];

beforeAll(async () => {
  served = await serveWorld({}, {}, { tasks: 15 });
  const { world } = served;
  const files = {
    "page.json": fixture("retrieve.json"),
    "result.json": fixture("callback.json").replaceAll(PAGE_ID, RESULT_ID),
    "odd.json": `\n${ODD}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(world.folder, name), text);
    const { code, stderr } = await world.mirror("import", join(world.folder, name));
    if (code !== 0) throw new Error(stderr);
  }
  records = new Map(world.ids.map((id) => [id, world.standIn.records.fetch(id) ?? ""]));
  const all = [...records.values(), fixture("retrieve.json"), ODD].map((text) => JSON.parse(text) as Task);
  newest = all.sort((a, b) => b.created_at - a.created_at);
});
afterAll(() => served[Symbol.asyncDispose]());

const HEADERS = { accept: "application/json", authorization: "Bearer whatever", "content-type": "application/json" };
const post = (body: unknown, path = "/producer/tasks", headers: Record<string, string> = HEADERS) =>
  fetch(served.url + path, {
    method: "POST",
    headers,
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
const text = async (body: unknown) => (await post(body)).text();
const batch = async (question: object) =>
  (await (await post({ action: "retrieve_batch", ...question })).json()) as Batch;
const idsOf = ({ items }: Batch) => items.map(({ id }) => id);

describe("the records of the archive, character by character", () => {
  test("one, by its id, with or without the action, by its trace, which wins; in capitals", async () => {
    const [id = ""] = served.world.ids;
    const record = records.get(id) ?? "";
    expect(await text({ id, action: "retrieve" })).toBe(record);
    expect(await text({ id })).toBe(record);
    expect(await text({ id: id.toUpperCase() })).toBe(record);
    expect(await text({ id: "nosuch", trace_id: (JSON.parse(record) as Task).trace_id })).toBe(record);
    expect(await text({ id: ODD_ID })).toBe(ODD);
    const answer = await post({ id });
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(Math.abs(Date.parse(answer.headers.get("x-mirror-fetched-at") ?? "") - Date.now())).toBeLessThan(600_000);
  });

  test("the page's own calls with only the host changed", async () => {
    const record = fixture("retrieve.json").trim();
    expect(await text(`{\n  "id": "${PAGE_ID}",\n  "action": "retrieve"\n}`)).toBe(record);
    const twice = await text(`{\n  "ids": ["${PAGE_ID}", "${PAGE_ID}"],\n  "action": "retrieve_batch"\n}`);
    expect(twice).toBe(`{"items":[${record}],"count":1}`);
  });

  test("several, the newest first, without those that are not known", async () => {
    const ids = [ODD_ID, ...served.world.ids, "nosuch", served.world.ids[0], RESULT_ID];
    const wanted = newest.filter(({ id }) => ids.includes(id));
    const texts = wanted.map(({ id }) => (id === ODD_ID ? ODD : records.get(id)));
    expect(await text({ ids, action: "retrieve_batch" })).toBe(`{"items":[${texts.join(",")}],"count":16}`);
    expect(idsOf(await batch({ ids, limit: 3, offset: 2 }))).toEqual(wanted.slice(2, 5).map(({ id }) => id));
    const traces = wanted.slice(0, 3).map(({ trace_id }) => trace_id);
    expect(idsOf(await batch({ trace_ids: traces, ids }))).toEqual(wanted.slice(0, 3).map(({ id }) => id));
  });

  test.each([
    [{ id: "nosuch" }, "{}"],
    [{ trace_id: "nosuch" }, "{}"],
    [{ id: RESULT_ID }, "{}"],
    [{ action: "retrieve_batch", ids: ["nosuch"] }, '{"items":[],"count":0}'],
    [{ action: "retrieve_batch", ids: [] }, '{"items":[],"count":0}'],
    [{ action: "retrieve_batch", user_id: "nosuch" }, '{"items":[],"count":0}'],
  ])("%j is not known: %s", async (question, answer) => {
    expect(await text(question)).toBe(answer);
  });
});

describe("listings", () => {
  test("12 of all unless asked otherwise, any part of them, and the number of all", async () => {
    const all = newest.map(({ id }) => id);
    expect(await batch({})).toMatchObject({ count: 17 });
    expect(idsOf(await batch({}))).toEqual(all.slice(0, 12));
    expect(idsOf(await batch({ limit: 5, offset: 14 }))).toEqual(all.slice(14));
    expect(await batch({ limit: 0 })).toEqual({ items: [], count: 17 });
    expect(await batch({ offset: 99, limit: null })).toEqual({ items: [], count: 17 });
  });

  test("by account, application and type", async () => {
    const one = newest.find(({ id }) => id === PAGE_ID)!;
    const same = newest.filter(({ user_id }) => user_id === one.user_id).map(({ id }) => id);
    expect(idsOf(await batch({ user_id: one.user_id, limit: 99 }))).toEqual(same);
    expect((await batch({ type: "audios" })).count).toBe(16);
    expect((await batch({ type: "lyrics" })).count).toBe(0);
    expect((await batch({ application_id: "11111111-2222-4333-8444-555555555555", type: "audios" })).count).toBe(1);
    expect(idsOf(await batch({ ids: [PAGE_ID, ODD_ID], type: "audios" }))).toEqual([PAGE_ID]);
  });

  test("by time, both ends included: pages backwards reach every task", async () => {
    const [third, fifth] = [newest[2], newest[4]];
    const between = await batch({ created_at_min: fifth?.created_at, created_at_max: third?.created_at });
    expect(idsOf(between)).toEqual(newest.slice(2, 5).map(({ id }) => id));
    const seen = new Set<string>();
    let max = Number.MAX_SAFE_INTEGER / 1000;
    for (let page = 0; page < 10; page++) {
      const { items } = await batch({ created_at_max: max, limit: 4 });
      for (const { id } of items) seen.add(id);
      max = items.at(-1)?.created_at ?? 0;
    }
    expect(seen.size).toBe(17);
  });
});

describe("refusals in the API's words", () => {
  test.each([
    ["POST", "/producer/tasks", "{", 400, "bad_request"],
    ["POST", "/producer/tasks", "[]", 400, "bad_request"],
    ["POST", "/producer/tasks", "null", 400, "bad_request"],
    ["POST", "/producer/tasks", "", 400, "bad_request"],
    ["POST", "/producer/tasks", "[".repeat(100_000), 400, "bad_request"],
    ["POST", "/producer/tasks", "{}", 400, "bad_request"],
    ["POST", "/producer/tasks", '{"action":"delete","id":"x"}', 400, "bad_request"],
    ["POST", "/producer/tasks", '{"action":7}', 400, "bad_request"],
    ["POST", "/producer/tasks", '{"id":7}', 400, "bad_request"],
    ["POST", "/producer/tasks", '{"action":"retrieve_batch","ids":"x"}', 400, "bad_request"],
    ["POST", "/producer/tasks", '{"action":"retrieve_batch","ids":[1]}', 400, "bad_request"],
    ["POST", "/producer/tasks", '{"action":"retrieve_batch","limit":-1}', 400, "bad_request"],
    ["POST", "/producer/tasks", '{"action":"retrieve_batch","limit":1.5}', 400, "bad_request"],
    ["POST", "/producer/tasks", '{"action":"retrieve_batch","created_at_min":"x"}', 400, "bad_request"],
    ["GET", "/producer/tasks", undefined, 404, "no_api"],
    ["PUT", "/producer/tasks", "{}", 404, "no_api"],
    ["POST", "/producer/tasks/", "{}", 404, "no_api"],
    ["POST", "/producer/audios", "{}", 404, "no_api"],
    ["POST", "/producer/audios", "x".repeat(3_000_000), 404, "no_api"],
    ["GET", "/producer", undefined, 404, "no_api"],
    ["GET", "/producer/a.js", undefined, 404, "no_api"],
  ])("%s %s %.40j: %d %s", async (method, path, body, status, code) => {
    const answer = await fetch(served.url + path, {
      method,
      headers: HEADERS,
      ...(body === undefined ? {} : { body }),
    });
    expect(answer.status).toBe(status);
    const refusal = (await answer.json()) as { error: { code: string; message: string }; trace_id: string };
    expect(refusal.error.code).toBe(code);
    expect(refusal.error.message).not.toBe("");
    expect(refusal.trace_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("a body of more than a megabyte is not read: 413; a packed one is refused: 415; bad UTF-8: 400", async () => {
    const host = `Host: 127.0.0.1:${served.port}`;
    const announced = `POST /producer/tasks HTTP/1.1\r\n${host}\r\nContent-Length: 1000001\r\n\r\n`;
    expect(statusOf(await sendRaw(served.port, announced))).toBe(413);
    const chunk = `${(600_000).toString(16)}\r\n${" ".repeat(600_000)}\r\n`;
    const chunked = `POST /producer/tasks HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`;
    expect(statusOf(await sendRaw(served.port, chunked))).toBe(413);
    const packed = gzipSync("{}");
    expect((await post(packed, "/producer/tasks", { "content-encoding": "gzip" })).status).toBe(415);
    expect((await post(Buffer.from('{"id":"\xff"}', "latin1"))).status).toBe(400);
    expect(
      (await post({ action: "retrieve_batch", ids: Array.from({ length: 1001 }, (_, at) => `${at}`) })).status,
    ).toBe(400);
  });
});

test("a record that changes is answered as it is now", async () => {
  const [id = ""] = served.world.ids;
  const before = records.get(id) ?? "";
  expect([await text({ id }), await text({ id })]).toEqual([before, before]);
  const changed = before.replace('"title":"', '"title":"New ');
  expect(changed).not.toBe(before);
  writeFileSync(join(served.world.folder, "changed.json"), changed);
  expect(await served.world.mirror("import", join(served.world.folder, "changed.json"))).toMatchObject({ code: 0 });
  expect(await text({ id })).toBe(changed);
});

test("a purged song is unknown", async () => {
  const { items } = (await (await fetch(`${served.url}/api/clips?limit=1`)).json()) as {
    items: { id: string; taskId: string }[];
  };
  const [{ id, taskId }] = items as [{ id: string; taskId: string }];
  expect(await text({ id: taskId })).not.toBe("{}");
  expect((await served.world.mirror("rm", id, "--purge", "--yes")).code).toBe(0);
  expect(await text({ id: taskId })).toBe("{}");
  expect((await batch({})).count).toBe(16);
});

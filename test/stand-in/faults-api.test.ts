import { afterEach, beforeAll, afterAll, describe, expect, test } from "vitest";
import type { Fault } from "./faults/faults.ts";
import { callApi, fetchBatch, HEADERS } from "./http-client.ts";
import { makeLibrary, taskIdOf } from "./make-record.ts";
import { startStandIn, type StandIn } from "./stand-in.ts";

const ids = Array.from({ length: 10 }, (_, n) => taskIdOf(n));
const newest = ids.toReversed();
const batch = { action: "retrieve_batch", ids, limit: 10 };
let standIn: StandIn;

beforeAll(async () => {
  standIn = await startStandIn({ library: (assetBase) => makeLibrary({ tasks: 20, assetBase }) });
});
afterEach(() => standIn.clearFaults());
afterAll(() => standIn.close());

async function textWith(fault: Fault | Fault[]): Promise<string> {
  standIn.fault("api", Array.isArray(fault) ? [fault] : fault);
  return (await callApi(standIn.url, batch)).body.toString();
}

async function idsWith(fault: Fault): Promise<unknown[]> {
  standIn.fault("api", fault);
  return (await fetchBatch(standIn.url, batch)).items.map(({ id }) => id);
}

describe("errors", () => {
  const error = { code: "used_up", message: "m" };
  test.each([
    ["gateway", { error, trace_id: expect.any(String) }],
    ["worker", { success: false, error, trace_id: expect.any(String) }],
    ["error-string", { error: "m" }],
    ["error-null", { error: null }],
    ["detail", { detail: "m" }],
  ] as const)("the %s style, at any status", async (style, body) => {
    for (const status of [200, 403]) {
      standIn.fault("api", { kind: "status", status, style, ...error });
      const response = await callApi(standIn.url, batch);
      expect([response.status, JSON.parse(response.body.toString())]).toEqual([status, body]);
    }
  });

  test.each([
    ["html", "text/html; charset=utf-8", /^<html>/],
    ["text", "text/plain; charset=utf-8", /^fetch failed$/],
    ["empty", undefined, /^$/],
  ] as const)("the %s style is no JSON", async (style, type, body) => {
    standIn.fault("api", { kind: "status", status: 500, style });
    const response = await callApi(standIn.url, batch);
    expect(response.headers["content-type"]).toBe(type);
    expect(response.body.toString()).toMatch(body);
  });

  test.each([
    [401, "invalid_token"],
    [403, "used_up"],
    [429, "too_many_requests"],
    [500, "api_error"],
  ])("%i has the code that belongs to it", async (status, code) => {
    expect(JSON.parse(await textWith({ kind: "status", status }))).toMatchObject({ error: { code } });
  });

  test("Retry-After may be anything and sent twice, and other headers may be added", async () => {
    const headers: [string, string][] = [["PAYMENT-REQUIRED", "eyJ9"]];
    standIn.fault("api", [
      { kind: "status", status: 429, retryAfter: "-5" },
      { kind: "status", status: 402, retryAfter: ["1", "2"], headers },
    ]);
    expect((await callApi(standIn.url, batch)).headers["retry-after"]).toBe("-5");
    const { rawHeaders } = await callApi(standIn.url, batch);
    expect(rawHeaders.filter((one) => one === "Retry-After")).toHaveLength(2);
    expect(rawHeaders).toContain("eyJ9");
  });
});

describe("bodies", () => {
  test("cut JSON, with the Content-Length of what is sent", async () => {
    const text = await textWith({ kind: "cut-json", keep: 0.9 });
    expect(text).toMatch(/^\{"items":\[\{/);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  test("a byte order mark", async () => {
    expect(await textWith({ kind: "bom" })).toMatch(/^\uFEFF\{/);
  });

  test("Latin-1 in place of UTF-8", async () => {
    standIn.records.set("e", { id: "e", created_at: 1, title: "é" });
    standIn.fault("api", { kind: "latin1" });
    const { body } = await callApi(standIn.url, { id: "e" });
    expect(body.includes(Buffer.from([0x22, 0xe9, 0x22]))).toBe(true);
  });

  test("another content type, or none", async () => {
    standIn.fault("api", [
      { kind: "content-type", value: "text/plain" },
      { kind: "content-type", value: undefined },
    ]);
    expect((await callApi(standIn.url, batch)).headers["content-type"]).toBe("text/plain");
    expect((await callApi(standIn.url, batch)).headers["content-type"]).toBeUndefined();
  });

  test("200 with an empty body, a page, or a given body", async () => {
    expect(await textWith({ kind: "empty" })).toBe("");
    expect(await textWith({ kind: "junk", what: "html" })).toMatch(/^<!doctype html>/);
    expect(await textWith({ kind: "body", body: "null" })).toBe("null");
  });

  test("arrays nested 100,000 deep, and a million items", async () => {
    expect(await textWith({ kind: "deep", depth: 100_000 })).toContain("[".repeat(100_000));
    const { items, count } = JSON.parse(await textWith({ kind: "many-items", count: 1_000_000 }));
    expect([items.length, count]).toEqual([1_000_000, 1_000_000]);
  });

  test("a big body is streamed and stays valid JSON", async () => {
    const text = await textWith({ kind: "huge", bytes: 5_000_000 });
    expect(text.length).toBeGreaterThan(5_000_000);
    expect(JSON.parse(text)).toMatchObject({ count: 10 });
  });
});

describe("items", () => {
  test("some are missing", async () => {
    expect(await idsWith({ kind: "items", missing: 3 })).toEqual(newest.slice(3));
    expect(await idsWith({ kind: "items", missing: [newest[0] ?? ""] })).toEqual(newest.slice(1));
  });

  test("records that were not requested are added", async () => {
    const got = await idsWith({ kind: "items", unrequested: 2 });
    expect(got.slice(0, 10)).toEqual(newest);
    expect(got).toHaveLength(12);
    expect(ids).not.toContain(got[11]);
  });

  test("items are duplicated, in another order or empty, with a wrong count", async () => {
    expect(await idsWith({ kind: "items", duplicates: true })).toEqual(newest.flatMap((id) => [id, id]));
    expect(await idsWith({ kind: "items", reversed: true })).toEqual(ids);
    const text = await textWith({ kind: "items", emptyObjects: 2, count: 999 });
    expect(text).toMatch(/,\{\},\{\}\],"count":999\}$/);
  });
});

describe("which requests are hit", () => {
  const statuses = async (times: number, query: object = batch) => {
    const seen: number[] = [];
    for (let time = 0; time < times; time += 1) seen.push((await callApi(standIn.url, query)).status);
    return seen;
  };

  test("one fault for each request, in the order of the list, then none", async () => {
    standIn.fault("api", [{ kind: "none" }, { kind: "status", status: 500 }, { kind: "status", status: 503 }]);
    expect(standIn.faultsLeft()).toBe(3);
    expect(await statuses(4)).toEqual([200, 500, 503, 200]);
    expect(standIn.faultsLeft()).toBe(0);
  });

  test("forever: the last one is repeated", async () => {
    standIn.fault("api", [{ kind: "none" }, { kind: "status", status: 500 }], "forever");
    expect(await statuses(4)).toEqual([200, 500, 500, 500]);
  });

  test("several faults on one request", async () => {
    expect(await textWith([{ kind: "bom" }, { kind: "items", count: 7 }])).toMatch(/^\uFEFF.*"count":7\}$/);
  });

  test("a poisoned id makes its batch fail, others are served", async () => {
    standIn.poison(ids[4] ?? "", 400);
    expect(await statuses(2)).toEqual([400, 400]);
    expect(await statuses(1, { action: "retrieve_batch", ids: ids.slice(0, 4) })).toEqual([200]);
    expect(await statuses(1, { action: "retrieve", id: ids[4] })).toEqual([400]);
  });

  test("a function selects", async () => {
    standIn.fault((request) => request.headers["user-agent"] === "x", { kind: "status", status: 500 }, "forever");
    expect(await statuses(1)).toEqual([200]);
    expect((await callApi(standIn.url, batch, { ...HEADERS, "user-agent": "x" })).status).toBe(500);
  });

  test("at random, but the same with the same seed", async () => {
    const steps: Fault[] = [500, 502, 503].map((status) => ({ kind: "status", status }));
    const statusesWith = async (seed: number) => {
      standIn.clearFaults();
      standIn.faultAtRandom({ match: "api", steps, rate: 0.3, seed });
      return statuses(60);
    };
    const first = await statusesWith(1);
    expect(await statusesWith(1)).toEqual(first);
    expect(await statusesWith(2)).not.toEqual(first);
    const failed = first.filter((status) => status !== 200).length;
    expect(failed).toBeGreaterThan(8);
    expect(failed).toBeLessThan(30);
    expect(new Set(first).size).toBe(4);
  });
});

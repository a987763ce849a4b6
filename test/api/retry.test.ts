import { describe, expect, it, test } from "vitest";
import { ApiError } from "../../src/api/api-error.ts";
import { openApi } from "../../src/api/open-api.ts";
import { withRetry, type ApiRetry } from "../../src/api/retry.ts";
import type { LimitedSend } from "../../src/api/limit.ts";
import type { TaskRequest } from "../../src/api/request.ts";
import { startStandIn } from "../stand-in/stand-in.ts";
import { seededRandom } from "../helpers/seeded.ts";
import { failure, idle, opened, TOKEN } from "./opened.ts";

const limited = (retryAfter: string | string[]) => ({ kind: "status" as const, status: 429, retryAfter });
const question: TaskRequest = { path: "/producer/tasks", headers: {}, body: "" };

function wire(send: () => Promise<string>): LimitedSend {
  return Object.assign(() => send(), { pause: () => {} });
}

function apiError(followUp: ApiError["followUp"], retryAfterSeconds: number | null = null): ApiError {
  return new ApiError("x", { followUp, status: 503, code: "api_error", retryAfterSeconds });
}

describe("D44: Retry-After", () => {
  test.each([
    ["2", 2000],
    [["1", "2"], 2000],
    ["0", 0],
  ])("%j is waited for by all requests", async (header, wait) => {
    await using world = await opened({ rate: 2 });
    const { api, standIn, ids } = world;
    standIn.fault("api", limited(header));
    await Promise.all(Array.from({ length: 4 }, () => api.fetchTasks(ids, { signal: idle })));
    const [refused, ...later] = standIn.requests.map(({ at }) => at).toSorted((one, other) => one - other);
    for (const at of later) expect(at - (refused ?? 0)).toBeGreaterThanOrEqual(wait - 20);
    expect(standIn.requests).toHaveLength(5);
  });

  it("a date is waited for", async () => {
    await using world = await opened();
    world.standIn.fault("api", limited(new Date(Date.now() + 2000).toUTCString()));
    const started = performance.now();
    await world.api.fetchTasks(world.ids, { signal: idle });
    expect(performance.now() - started).toBeGreaterThan(500);
  });

  test.each(["121", "999999", "9".repeat(30)])(
    "%s is not waited for: the caller gets the error at once",
    async (header) => {
      await using world = await opened();
      world.standIn.fault("api", limited(header), "forever");
      const error = await failure(world.api.fetchTasks(world.ids, { signal: idle }));
      expect(error).toMatchObject({ followUp: "pause", status: 429, tries: 1 });
      expect(new Date(Date.now() + (error.retryAfterSeconds ?? 0) * 1000).getTime()).not.toBeNaN();
      expect(world.standIn.requests).toHaveLength(1);
    },
  );

  test.each(["-5", "abc", "1.5"])("%s is ignored: the usual wait applies", async (header) => {
    await using world = await opened();
    world.standIn.fault("api", limited(header));
    expect(await world.api.fetchTasks(world.ids, { signal: idle })).toHaveLength(4);
    expect(world.standIn.requests).toHaveLength(2);
  });

  it("ends at once when the run is stopped, also for requests in the queue", async () => {
    await using world = await opened({ rate: 1 });
    world.standIn.fault("api", limited("60"), "forever");
    const controller = new AbortController();
    const asked = Array.from({ length: 6 }, () =>
      world.api.fetchTasks(world.ids, { signal: controller.signal }).catch((error: unknown) => error),
    );
    setTimeout(() => controller.abort(new Error("SIGINT")), 300);
    for (const thrown of await Promise.all(asked)) expect((thrown as Error).message).toBe("SIGINT");
  });
});

describe("D45: retries", () => {
  it("are five at most, with full jitter between", async () => {
    const retries: ApiRetry[] = [];
    const deliver = withRetry(
      wire(() => Promise.reject(apiError("retry"))),
      { random: () => 0.01, onRetry: (retry) => void retries.push(retry) },
    );
    const error = await failure(deliver(question, String, { signal: idle }));
    expect(error.tries).toBe(5);
    expect(retries.map(({ attempt, waitMs }) => [attempt, waitMs])).toEqual([
      [0, 5],
      [1, 10],
      [2, 20],
      [3, 40],
    ]);
  });

  it("have a budget for the whole run: a service that is down costs few more requests", async () => {
    let sent = 0;
    const deliver = withRetry(
      wire(() => {
        sent++;
        return Promise.reject(apiError("retry"));
      }),
      { random: () => 0 },
    );
    for (let n = 0; n < 200; n++) await failure(deliver(question, String, { signal: idle }));
    expect(sent).toBeLessThanOrEqual(200 + 20 + 200 * 0.2);
  });

  it("do not happen where they would not help", async () => {
    for (const followUp of ["refused", "split", "absent"] as const) {
      const deliver = withRetry(wire(() => Promise.reject(apiError(followUp))));
      expect((await failure(deliver(question, String, { signal: idle }))).tries).toBe(1);
    }
  });

  it("do not happen after errors that are no failure of the API", async () => {
    const deliver = withRetry(wire(() => Promise.reject(new TypeError("a bug"))));
    await expect(deliver(question, String, { signal: idle })).rejects.toThrow(TypeError);
  });

  it("D46: succeed although three of ten requests fail, with twice the requests at most", async () => {
    await using world = await opened({}, 10);
    const { api, standIn, ids } = world;
    standIn.faultAtRandom({
      match: "api",
      rate: 0.3,
      seed: 3,
      steps: [500, 502, 503, 504].map((status) => ({ kind: "status" as const, status })),
    });
    const chance = seededRandom(7);
    for (let n = 0; n < 40; n++)
      expect(await api.fetchTasks(ids.slice(0, 1 + Math.floor(chance() * 9)), { signal: idle })).not.toEqual([]);
    expect(api.requests).toBeLessThanOrEqual(80);
  });

  it("D47: a refused request is sent once", async () => {
    await using world = await opened();
    world.standIn.fault("api", { kind: "status", status: 401 }, "forever");
    expect(await failure(world.api.fetchTasks(world.ids, { signal: idle }))).toMatchObject({
      followUp: "refused",
      tries: 1,
    });
    expect(world.standIn.requests).toHaveLength(1);
  });

  it("D48: 402 with a demand for payment is sent once, and never paid", async () => {
    await using world = await opened();
    world.standIn.fault(
      "api",
      { kind: "status", status: 402, headers: [["PAYMENT-REQUIRED", "eyJ4NDAyIjoxfQ=="]] },
      "forever",
    );
    expect(await failure(world.api.fetchTasks(world.ids, { signal: idle }))).toMatchObject({
      followUp: "refused",
      status: 402,
      traceId: expect.any(String) as string,
    });
    expect(
      world.standIn.requests.map(({ headers }) => Object.keys(headers).filter((name) => /pay/i.test(name))),
    ).toEqual([[]]);
  });
});

describe("the way to the API", () => {
  test.each([301, 302, 303, 307, 308])("D60: %i is not followed, and the token goes nowhere else", async (status) => {
    await using elsewhere = await startStandIn();
    await using world = await opened();
    for (const to of [
      `${elsewhere.url}/producer/tasks`,
      `${elsewhere.url.replace("127.0.0.1", "localhost")}/producer/tasks`,
    ]) {
      world.standIn.fault("api", { kind: "redirect", to, status }, "forever");
      expect(await failure(world.api.fetchTasks(world.ids, { signal: idle, tries: 1 }))).toMatchObject({ status });
    }
    expect(elsewhere.requests).toEqual([]);
    expect(elsewhere.connections()).toBe(0);
  });

  test.each([
    ["no answer", { kind: "hang" } as const],
    ["no body", { kind: "hang-after-headers" } as const],
    ["a body of 20 bytes a second", { kind: "slow", bytesPerSecond: 20 } as const],
    ["a body that stops", { kind: "stall", after: 20 } as const],
  ])("D58: %s ends at the deadline", async (_what, fault) => {
    await using world = await opened({ deadlineMs: 700 });
    world.standIn.fault("api", fault, "forever");
    const error = await failure(world.api.fetchTasks(world.ids, { signal: idle, tries: 1 }));
    expect(error).toMatchObject({ followUp: "retry", status: null, code: "timeout" });
    expect(error.message).toMatch(/^cannot reach the API at 127\.0\.0\.1:\d+: no complete response within 0\.7 s$/);
  });

  test.each([
    ["a reset before the first byte", { kind: "reset" } as const],
    ["a reset in the body", { kind: "reset", after: 20 } as const],
    ["a body that ends early", { kind: "cut", after: 20, framing: "length" } as const],
    ["chunks without an end", { kind: "cut", after: 20, framing: "chunked" } as const],
  ])("D58: %s is a failure of the network, and asked again", async (_what, fault) => {
    await using world = await opened();
    world.standIn.fault("api", fault, "forever");
    expect(await failure(world.api.fetchTasks(world.ids, { signal: idle, tries: 2 }))).toMatchObject({
      followUp: "retry",
      code: "network",
      tries: 2,
    });
  });

  it("D58: a cut body of unknown length is not accepted as complete", async () => {
    await using world = await opened();
    world.standIn.fault("api", { kind: "cut", after: 60, framing: "none" }, "forever");
    expect(await failure(world.api.fetchTasks(world.ids, { signal: idle, tries: 1 }))).toMatchObject({
      followUp: "retry",
    });
  });

  test.each([
    ["http://127.0.0.1:1", /127\.0\.0\.1:1: the connection was refused/],
    ["https://nowhere.invalid", /nowhere\.invalid: its name cannot be looked up/],
  ])("D63: %s cannot be reached, and the message explains why", async (apiUrl, reason) => {
    await using api = openApi({ apiUrl, token: TOKEN, userAgent: "x", rate: 0, random: () => 0 });
    const error = await failure(api.fetchTasks(["a"], { signal: idle }));
    expect(error).toMatchObject({ followUp: "retry", status: null, code: "network", tries: 5 });
    expect(error.message).toMatch(reason);
  });
});

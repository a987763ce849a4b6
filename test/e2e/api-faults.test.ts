import { describe, expect, test, vi } from "vitest";
import { PASS, type Fault } from "../stand-in/faults/faults.ts";
import { makeLibrary } from "../stand-in/make-record.ts";
import { startStandIn } from "../stand-in/stand-in.ts";
import { rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { watchMemory } from "../helpers/memory.ts";
import { makeWorld, TOKEN, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000, maxConcurrency: 10 });

const tooMany = (retryAfter: string | string[]): Fault => ({ kind: "status", status: 429, retryAfter });

/** Milliseconds between the first question and the next. */
function pause({ standIn }: World): number {
  const [first, second] = standIn.apiRequests();
  return (second?.at ?? NaN) - (first?.at ?? NaN);
}

function mirrored({ home }: World): number {
  return Number(rowsOf(home, "select count(*) as count from tasks")[0]?.["count"]);
}

describe.concurrent("D44: 429 with Retry-After", () => {
  test.for<[string, string | string[], number]>([
    ["2", "2", 1950],
    ["0", "0", 0],
    ["-5, which is none", "-5", 0],
    ["abc, which is none", "abc", 0],
    ["two headers, of which the longer counts", ["1", "2"], 1950],
  ])("D44: %s is waited for, then all goes on", async ([, value, least]) => {
    await using world = await makeWorld({ tasks: 2 });
    world.standIn.fault("api", tooMany(value));
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    expect(pause(world)).toBeGreaterThanOrEqual(least);
    expect(world.problems()).toEqual([]);
  });

  test("D44: a date is waited for, then all goes on", async () => {
    await using world = await makeWorld({ tasks: 2 });
    const until = Math.ceil(Date.now() / 1000) * 1000 + 3000;
    world.standIn.fault("api", tooMany(new Date(until).toUTCString()));
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    expect(world.standIn.apiRequests()).toHaveLength(2);
    expect(world.standIn.apiRequests()[1]?.at).toBeGreaterThanOrEqual(until - 50);
    expect(world.problems()).toEqual([]);
  });

  test("D44: 999999 ends the run with 5, and nothing is asked for a day at most", async () => {
    await using world = await makeWorld({ tasks: 60 });
    world.standIn.fault("api", [PASS, tooMany("999999")], "forever");
    const end = expectCode(await world.mirror("sync", "--no-assets", "--json"), 5);
    expect(end.json).toMatchObject({
      outcome: "failed",
      tasks: { new: 50 },
      error: { exit: 5, message: expect.stringContaining("no request for a day or longer") as unknown },
    });
    expect(world.standIn.apiRequests()).toHaveLength(2);
    expect(
      rowsOf(world.home, "select 1 from tracked_tasks where next_check_at > ?", Date.now() + 80_000_000),
    ).toHaveLength(10);
    expect(world.problems()).toEqual([]);
  });
});

test.concurrent(
  "D46: 30 % of 500, 502, 503, 504, resets and cut bodies: exit 0, at most twice the requests, each task once",
  async () => {
    await using world = await makeWorld({ tasks: 100 });
    const statuses = [500, 502, 503, 504].map((status): Fault => ({ kind: "status", status }));
    world.standIn.faultAtRandom({
      match: "api",
      rate: 0.3,
      seed: 11,
      steps: [...statuses, { kind: "reset" }, { kind: "cut", after: 0.5 }],
    });
    expectCode(await world.mirror("sync", "--no-assets", "--batch-size", "10"), 0);
    expect(world.standIn.apiRequests().length).toBeGreaterThan(10);
    expect(world.standIn.apiRequests().length).toBeLessThanOrEqual(20);
    expect(rowsOf(world.home, "select count(*) as count from task_documents where version = 1")).toEqual([
      { count: 100 },
    ]);
    expect(world.problems()).toEqual([]);
  },
);

describe.concurrent("D47: a token that is refused on the way", () => {
  test.for(["invalid_token", "token_expired"])(
    "D47: %s at the third batch of ten: 6, what came before is kept, its files are fetched",
    async (code) => {
      await using world = await makeWorld({ tasks: 50 });
      world.standIn.fault("api", [PASS, PASS, { kind: "status", status: 401, code }], "forever");
      const end = expectCode(await world.mirror("sync", "--batch-size", "5", "--json"), 6);
      expect(end.json).toMatchObject({
        outcome: "failed",
        error: { code, exit: 6, hint: expect.stringContaining("ACEDATACLOUD_API_TOKEN") as unknown },
      });
      expect(world.standIn.apiRequests().length).toBeLessThanOrEqual(6);
      expect(mirrored(world)).toBe(10);
      expect(rowsOf(world.home, "select 1 from assets where state = 'stored'")).toHaveLength(20);
      expect(end.stdout + end.stderr).not.toContain(TOKEN.slice(0, 12));
      expect(world.problems()).toEqual([]);
    },
  );
});

describe.concurrent("D48: refusals", () => {
  const REFUSALS: [number, string][] = [
    [402, "payment_required"],
    [402, "used_up"],
    [403, "used_up"],
    [403, "disabled"],
    [403, "forbidden"],
    [400, "token_mismatched"],
    [401, "token_mismatched"],
    [400, "no_token"],
    [404, "no_api"],
    [501, "api_not_implemented"],
    [405, "method_not_allowed"],
  ];
  test.for(REFUSALS)("D48: %i %s ends with 6 after one request and pays nothing", async ([status, code]) => {
    await using world = await makeWorld({ tasks: 2 });
    world.standIn.fault(
      "api",
      { kind: "status", status, code, headers: [["PAYMENT-REQUIRED", "eyJ4NDAyVmVyc2lvbiI6Mn0="]] },
      "forever",
    );
    const end = expectCode(await world.mirror("sync", "--json"), 6);
    expect(end.json).toMatchObject({
      error: { code, exit: 6, message: expect.stringMatching(`${status} ${code}.*trace 2cf86e86`) as unknown },
    });
    expect((end.json as { error: { hint: string } }).error.hint).toBeTruthy();
    expect(world.standIn.apiRequests()).toHaveLength(1);
    expect(world.problems()).toEqual([]);
  });
});

describe.concurrent("D49: answers that are none", () => {
  const BODIES: [string, Fault | Fault[], RegExp][] = [
    [
      "an error as a string with 200",
      { kind: "status", status: 200, style: "error-string", message: "backend away" },
      /200.*backend away/,
    ],
    ["an error of null", { kind: "status", status: 200, style: "error-null" }, /200/],
    ["a detail", { kind: "status", status: 200, style: "detail", message: "Not here." }, /200.*Not here/],
    ["HTML with 200", { kind: "junk", what: "html" }, /200.*<!doctype html>/],
    ["HTML with 502", { kind: "status", status: 502, style: "html" }, /502/],
    ["an empty 200", { kind: "empty" }, /200.*an empty body/],
    ["cut JSON", { kind: "cut-json" }, /200/],
    ["a bare {} for a batch", { kind: "body", body: "{}" }, /200/],
    ["null", { kind: "body", body: "null" }, /200/],
    ["latin-1", { kind: "latin1" }, /UTF-8/],
    ["gzip that nobody asked for, cut", { kind: "encoded", cut: 0.5 }, /./],
  ];
  test.for(BODIES)('D49: %s: never "0 tasks, ok"', async ([, fault, says]) => {
    await using world = await makeWorld({ library: cafe });
    world.standIn.fault("api", [fault], "forever");
    const end = await world.mirror("sync", "--json");
    expect([3, 5]).toContain(end.code);
    expect(end.json).toMatchObject({ error: { exit: end.code, message: expect.stringMatching(says) as unknown } });
    expect((end.json as { error: { message: string } }).error.message.length).toBeLessThan(400);
    expect(mirrored(world)).toBe(0);
    expect(world.problems()).toEqual([]);
    expect(await world.mirror("status", "--max-age", "1d")).toMatchObject({ code: 3 });
  });

  test.for<[string, Fault]>([
    ["a BOM", { kind: "bom" }],
    ["a wrong Content-Type", { kind: "content-type", value: "text/html" }],
    ["no Content-Type", { kind: "content-type", value: undefined }],
  ])("D49: %s changes nothing", async ([, fault]) => {
    await using world = await makeWorld({ library: cafe });
    world.standIn.fault("api", fault, "forever");
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    expect(mirrored(world)).toBe(2);
    expect(world.problems()).toEqual([]);
  });
});

describe.concurrent("D55: answers without measure", () => {
  test.for<[string, Fault]>([
    ["300 MB", { kind: "huge", bytes: 300_000_000 }],
    ["300 MB, announced", { kind: "huge", bytes: 300_000_000, declared: true }],
    ["arrays 100,000 deep", { kind: "deep", depth: 100_000 }],
    ["arrays 65 deep", { kind: "deep", depth: 65 }],
    ["100,000 items", { kind: "many-items", count: 100_000 }],
    ["a string of 50 MB", { kind: "body", body: `{"items":[{"id":"${"x".repeat(50_000_000)}"}],"count":1}` }],
  ])("D55: %s", async ([, fault]) => {
    await using world = await makeWorld({ tasks: 2 });
    world.standIn.fault("api", fault, "forever");
    const child = world.start(["sync", "--json"]);
    const peak = watchMemory(child.pid);
    const end = await child.done;
    expect(peak()).toBeLessThan(300e6);
    expect([3, 5]).toContain(end.code);
    expect(mirrored(world)).toBe(0);
    expect(world.problems()).toEqual([]);
  });
});

describe.concurrent("D60: redirects of the API", () => {
  test.for([301, 302, 303, 307, 308])(
    "D60: %i is not followed, and the token is sent to nobody else",
    async (status) => {
      await using thief = await startStandIn();
      await using world = await makeWorld({ tasks: 2 });
      world.standIn.fault("api", { kind: "redirect", to: `${thief.url}/producer/tasks`, status }, "forever");
      const end = expectCode(await world.mirror("sync", "--json"), 5);
      expect(end.json).toMatchObject({
        error: { message: expect.stringContaining(`points to ${thief.url}`) as unknown },
      });
      expect(world.standIn.apiRequests()).toHaveLength(1);
      expect(thief.connections()).toBe(0);
      expect(mirrored(world)).toBe(0);
      expect(world.problems()).toEqual([]);
    },
  );
});

test.concurrent(
  "33: a page in front of the API ends the run with 5, is asked once, and wanted files are fetched all the same",
  async () => {
    await using world = await makeWorld({ tasks: 3 });
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    const page = "<!DOCTYPE html><title>Attention Required! | Cloudflare</title>";
    world.standIn.fault("api", { kind: "body", body: page, type: "text/html", status: 403 }, "forever");
    world.standIn.reset();
    const end = expectCode(await world.mirror("sync", "--refresh", "--json"), 5);
    expect(end.json).toMatchObject({
      assets: { stored: 6 },
      error: { code: "in_front", message: expect.stringMatching(/^Cloudflare/) as unknown },
    });
    expect(end.stderr).not.toContain("this account");
    expect(world.standIn.apiRequests()).toHaveLength(1);
  },
);

describe.concurrent("D58, D63: nobody there", () => {
  test.for<[string, string]>([
    ["a closed port", "http://127.0.0.1:9"],
    ["a name that does not exist", "https://producer.invalid"],
    ["a network that cannot be reached", "https://[100::1]"],
  ])("D63: %s: 5 within 30 s", async ([, url]) => {
    await using world = await makeWorld({ tasks: 60 });
    const end = expectCode(await world.mirrorWith({ env: { PRODUCER_MIRROR_API_URL: url } }, "sync", "--json"), 5);
    expect(end.json).toMatchObject({
      outcome: "failed",
      error: { exit: 5, message: expect.stringMatching(/cannot reach the API at .* after 5 tries/) as unknown },
    });
    expect(await world.mirror("status", "--max-age", "1d")).toMatchObject({ code: 3 });
    expect(world.standIn.requests).toHaveLength(0);
    expectCode(await world.mirror("sync", "--no-assets"), 0);
  });

  test.for<[string, Fault]>([
    ["a reset before the answer", { kind: "reset" }],
    ["a reset inside the body", { kind: "reset", after: 0.5 }],
    ["a half-closed body", { kind: "cut", after: 0.5 }],
    ["a half-closed body without a length", { kind: "cut", after: 0.5, framing: "none" }],
  ])("D58: %s is asked again", async ([, fault]) => {
    await using world = await makeWorld({ tasks: 3 });
    world.standIn.fault("api", [fault, fault]);
    expectCode(await world.mirror("sync", "--no-assets"), 0);
    expect(world.standIn.apiRequests()).toHaveLength(3);
    expect(mirrored(world)).toBe(3);
    expect(world.problems()).toEqual([]);
  });
});

/** Two songs with letters beyond ASCII. */
function cafe(assetBase: string) {
  return makeLibrary({ tasks: 2, assetBase, overrides: { clip: { title: "Café 夜" } } });
}

import { describe, expect, it, test } from "vitest";
import { toApiError } from "../../src/api/read-error.ts";
import type { Fault } from "../stand-in/faults/faults.ts";
import { failure, idle, opened, TOKEN } from "./opened.ts";

const TRACE = "2cf86e86-22a4-46e1-ac2f-032c0f2a4e89";

/** Status and code by the API's page and by its gateway's own table, and what follows. */
const CODES = [
  [400, "token_mismatched", "refused"],
  [400, "api_not_implemented", "refused"],
  [400, "disabled", "refused"],
  [400, "bad_request", "split"],
  [400, "no_token", "refused"],
  [401, "invalid_token", "refused"],
  [401, "token_expired", "refused"],
  [401, "token_mismatched", "refused"],
  [401, "something_new", "refused"],
  [402, "payment_required", "refused"],
  [402, "used_up", "refused"],
  [403, "used_up", "refused"],
  [403, "disabled", "refused"],
  [403, "forbidden", "refused"],
  [404, "no_api", "refused"],
  [404, "task_not_found", "absent"],
  [405, "bad_request", "refused"],
  [408, "timeout", "retry"],
  [409, "conflict", "refused"],
  [413, "too_large", "split"],
  [422, "bad_request", "refused"],
  [429, "too_many_requests", "pause"],
  [429, "used_up", "refused"],
  [500, "api_error", "retry"],
  [500, "invalid_token", "refused"],
  [502, "upstream_error", "retry"],
  [503, "api_error", "retry"],
  [504, "timeout", "retry"],
  [200, "invalid_token", "refused"],
  [200, "bad_request", "split"],
  [200, "too_many_requests", "pause"],
  [200, "api_error", "retry"],
  [302, "moved", "retry"],
] as const;

describe("D48: codes", () => {
  test.each(CODES)("%i %s: %s", (status, code, followUp) => {
    for (const body of [
      { error: { code, message: "so it is" }, trace_id: TRACE },
      { success: false, error: { code, message: "so it is" }, trace_id: TRACE },
    ]) {
      const error = toApiError(status, JSON.stringify(body), body, null);
      expect(error).toMatchObject({ followUp, status, code, traceId: TRACE });
      expect(error.message).toBe(`the API answered ${status} ${code}: "so it is" (trace ${TRACE})`);
      expect(error.hint !== undefined).toBe(followUp === "refused");
    }
  });

  it("D48: says what to do about each refusal", () => {
    const hint = (status: number, code: string) => toApiError(status, "", { error: { code, message: "" } }, null).hint;
    expect(hint(400, "api_not_implemented")).toContain("does not offer /producer/tasks");
    expect(hint(403, "used_up")).toContain("balance");
    expect(hint(402, "payment_required")).toContain("balance");
    expect(hint(401, "something_new")).toContain("ACEDATACLOUD_API_TOKEN");
    expect(hint(403, "something_new")).toContain("this account");
    for (const status of [405, 409, 418]) expect(hint(status, "something_new")).toContain("PRODUCER_MIRROR_API_URL");
    expect(
      new Set(
        [
          "invalid_token",
          "token_expired",
          "no_token",
          "token_mismatched",
          "used_up",
          "disabled",
          "forbidden",
          "no_api",
        ].map((code) => hint(400, code)),
      ).size,
    ).toBe(8);
  });

  it("K128: quotes nothing that a terminal would obey, and no more than 200 characters", () => {
    const body = {
      error: { code: "api\u001b[2J_error", message: `\u001b]0;x\u0007\u202e${"long ".repeat(200)}` },
      trace_id: "\u009b1m",
    };
    const { message } = toApiError(500, "", body, null);
    // oxlint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(message.length).toBeLessThan(350);
  });

  test.each([
    [500, 121, "pause"],
    [500, 120, "retry"],
    [429, 999_999, "pause"],
    [401, 999_999, "refused"],
  ] as const)("D44: %i with a Retry-After of %i: %s", (status, seconds, followUp) => {
    expect(toApiError(status, "", {}, seconds)).toMatchObject({ followUp, retryAfterSeconds: seconds });
  });
});

describe("D49: bodies", () => {
  test.each([
    ["error-string", '500 api_error: "fetch failed"'],
    ["error-null", "500 api_error"],
    ["detail", '500 api_error: "fetch failed"'],
    ["html", '500 api_error: "<html><body><h1>500</h1>'],
    ["text", '500 api_error: "fetch failed"'],
    ["empty", '500 api_error: "an empty body"'],
    ["gateway", `500 api_error: "fetch failed" (trace ${TRACE})`],
    ["worker", `500 api_error: "fetch failed" (trace ${TRACE})`],
  ] as const)("an error written as %s is expected, and asked again", async (style, expected) => {
    await using world = await opened();
    world.standIn.fault("api", { kind: "status", status: 500, style }, "forever");
    const error = await failure(world.api.fetchTasks(world.ids, { signal: idle }));
    expect(error.message).toContain(`the API answered ${expected}`);
    expect(error).toMatchObject({ followUp: "retry", status: 500, tries: 5 });
    expect(world.api.requests).toBe(5);
  });

  const ok = (body: string | Buffer): Fault => ({ kind: "body", body });
  test.each<[string, Fault]>([
    ["HTML", { kind: "junk", what: "html" } as const],
    ["an empty body", { kind: "empty" } as const],
    ["cut JSON", { kind: "cut-json" } as const],
    ["text that is no UTF-8", ok(Buffer.from('{"items":[{"id":"\xe9"}]}', "latin1"))],
    ["gzip that is cut short", { kind: "encoded", cut: 0.5 } as const],
    ["a list", ok("[]")],
    ["null", ok("null")],
    ["nothing known, where several were asked for", ok("{}")],
    ["an error with status 200", ok('{"success":false,"error":{"code":"api_error","message":"fetch failed"}}')],
    ["a bare error with status 200", ok('{"error":"fetch failed"}')],
    ["success: false alone", ok('{"success":false}')],
    ["items that are no list", ok('{"items":{},"count":0}')],
    ["more after the end", ok('{"items":[]}{"items":[]}')],
    ["a key that is no JSON", ok('{"it\\qems":[]}')],
    ["too many items", { kind: "many-items", count: 5000 } as const],
  ])("%s with status 200 is no answer, and asked again", async (_what, fault) => {
    await using world = await opened();
    world.standIn.fault("api", fault, "forever");
    expect(await failure(world.api.fetchTasks(world.ids, { signal: idle }))).toMatchObject({
      followUp: "retry",
      status: 200,
      tries: 5,
    });
    world.standIn.clearFaults();
    world.standIn.fault("api", fault);
    expect(await world.api.fetchTasks(world.ids, { signal: idle })).toHaveLength(4);
  });

  test.each([
    ["a byte order mark", { kind: "bom" } as const],
    ["gzip that nobody asked for", { kind: "encoded" } as const],
    ["another content type", { kind: "content-type", value: "text/html" } as const],
    ["no content type", { kind: "content-type", value: undefined } as const],
  ])("%s is overlooked", async (_what, fault) => {
    await using world = await opened();
    world.standIn.fault("api", fault);
    expect(await world.api.fetchTasks(world.ids, { signal: idle })).toHaveLength(4);
  });

  it("D49: an empty batch is an answer", async () => {
    await using world = await opened();
    world.standIn.fault("api", ok('{"items":[],"count":0}'));
    expect(await world.api.fetchTasks(world.ids, { signal: idle })).toEqual([]);
  });

  it("D55: more than 20 MB are not read, announced or not", async () => {
    await using world = await opened();
    for (const declared of [true, false]) {
      world.standIn.fault("api", { kind: "huge", bytes: 40 * 1024 * 1024, declared });
      const before = process.memoryUsage().rss;
      const error = await failure(world.api.fetchTasks(world.ids, { signal: idle }));
      expect(error).toMatchObject({ followUp: "split", code: "too_large" });
      expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
    }
  });

  it("D55: a bomb of gzip is given up at 20 MB", async () => {
    await using world = await opened();
    world.standIn.fault("api", { kind: "encoded", bombBytes: 200 * 1024 * 1024 });
    const before = process.memoryUsage().rss;
    expect(await failure(world.api.fetchTasks(world.ids, { signal: idle }))).toMatchObject({ code: "too_large" });
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });

  it("D55: an item that is too deep is unreadable, the others are not", async () => {
    await using world = await opened();
    const deep = `{"id":"${world.ids[0]}","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    world.standIn.fault("api", ok(`{"items":[${deep},{"id":"${world.ids[1]}"}]}`));
    const [first, second] = await world.api.fetchTasks(world.ids, { signal: idle });
    expect(first?.reading).toEqual({ id: world.ids[0], unreadable: expect.any(String) as string });
    expect(second?.reading).toHaveProperty("record");
  });

  test.each([200, 400, 401, 500])(
    "I14: a token that the service repeats with status %i is not answered",
    async (status) => {
      await using world = await opened();
      const body = JSON.stringify({ error: { code: "api_error", message: `bad token ${TOKEN}` }, trace_id: TOKEN });
      world.standIn.fault("api", { kind: "body", body, status }, "forever");
      const error = await failure(world.api.fetchTasks(world.ids, { signal: idle }));
      expect(JSON.stringify([error.message, error.traceId, error.hint])).not.toContain(TOKEN);
      expect(error.message).toContain("***");
    },
  );
});

import { expect, it } from "vitest";
import { ApiError } from "../../src/api/api-error.ts";
import { withLimit, type LimitedSend } from "../../src/api/limit.ts";
import type { TaskRequest } from "../../src/api/request.ts";
import { withRetry } from "../../src/api/retry.ts";
import { idle } from "./opened.ts";

const request: TaskRequest = { path: "/producer/tasks", headers: {}, body: "" };

it.each<[string, ApiError["followUp"], number | null, number[]]>([
  ["429", "pause", 0, [0]],
  ["429 without a Retry-After", "pause", null, [expect.any(Number) as number]],
  ["503 with a Retry-After", "retry", 0, [0]],
  ["503 without one", "retry", null, []],
])("all requests pause after %s, or none", async (_what, followUp, retryAfterSeconds, expected) => {
  const pauses: number[] = [];
  let left = 1;
  const send: LimitedSend = Object.assign(
    async () => {
      if (left-- > 0) throw new ApiError("x", { followUp, status: 503, code: "c", retryAfterSeconds });
      return Promise.resolve("{}");
    },
    { pause: (ms: number) => void pauses.push(ms) },
  );
  await withRetry(send, { random: () => 0 })(request, (body) => body, { signal: idle });
  expect(pauses).toEqual(expected);
});

it("a pause ends when the longest of them does, whichever came last", async () => {
  const order: string[] = [];
  const send = withLimit(async () => Promise.resolve(String(order.push("request"))), 0);
  send.pause(100);
  send.pause(1);
  const sent = send(request, idle);
  await new Promise((resolve) => setTimeout(resolve, 30, order.push("not yet")));
  order.push("still not");
  await sent;
  expect(order).toEqual(["not yet", "still not", "request"]);
});

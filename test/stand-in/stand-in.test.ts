import { expect, test } from "vitest";
import { sendRequest, callApi, HEADERS } from "./http-client.ts";
import { makeLibrary, taskIdOf } from "./make-record.ts";
import { startStandIn } from "./stand-in.ts";

const idsTo = (end: number) => Array.from({ length: end }, (_, n) => taskIdOf(n));
const library = (assetBase: string) => makeLibrary({ tasks: 40, assetBase });

test("records every request, and lists what a mirror may not do", async () => {
  await using own = await startStandIn({ library });
  await callApi(own.url, { action: "retrieve_batch", ids: idsTo(50), limit: 50 });
  expect(own.violations).toEqual([]);
  expect(own.requests).toMatchObject([{ server: "api", method: "POST", url: "/producer/tasks", ids: { length: 50 } }]);
  expect(own.requests[0]?.rawHeaders).toContain("Bearer a-token");

  own.reset();
  await callApi(own.url, { action: "delete", id: taskIdOf(0) });
  await callApi(own.url, { id: "x" }, { ...HEADERS, "x-record-exempt": "true", accept: "*/*" });
  await callApi(own.url, { id: "x" }, {});
  await callApi(own.url, { action: "retrieve_batch", ids: idsTo(51) });
  await sendRequest(`${own.url}/producer/wav`, { method: "POST", headers: HEADERS, body: "{}" });
  await sendRequest(`${own.assetUrl}/x.m4a`, { headers: { authorization: "Bearer a-token" } });
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

test("sends the Date that is set", async () => {
  const date = "Fri, 01 Jan 2100 00:00:00 GMT";
  await using own = await startStandIn({ library, date });
  expect((await callApi(own.url, { id: "x" })).rawHeaders.filter((one) => one === date)).toHaveLength(1);
});

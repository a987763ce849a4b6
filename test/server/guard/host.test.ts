import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sendRaw, serveWorld, statusOf, type Served } from "../served.ts";

let served: Served;
beforeAll(async () => (served = await serveWorld({}, { allowedHosts: ["nas.local", "music.example:8443"] })));
afterAll(() => served[Symbol.asyncDispose]());

const get = (host: string[], path = "/healthz", version = "1.1") =>
  sendRaw(
    served.port,
    [`GET ${path} HTTP/${version}`, ...host.map((one) => `Host: ${one}`), "Connection: close", "", ""].join("\r\n"),
  ).then(statusOf);

describe("I111: only requests that name this server are answered", () => {
  test.each([["127.0.0.1"], ["localhost"], ["LOCALHOST"], ["[::1]"]])(
    "%s with the port is this server",
    async (host) => {
      expect(await get([`${host}:${served.port}`])).toBe(200);
    },
  );

  test.each([["nas.local"], ["nas.local:99"], ["music.example:8443"]])("%s is allowed by a setting", async (host) => {
    expect(await get([host])).toBe(200);
  });

  test.each([
    ["evil.com"],
    ["127.0.0.1.evil.com"],
    ["evil.com:PORT"],
    ["127.0.0.1"],
    ["127.0.0.1:1"],
    ["localhost.:PORT"],
    ["music.example"],
    ["nas.local.evil.com"],
    ["127.0.0.1:PORT@evil.com"],
    ["user@127.0.0.1:PORT"],
    ["127.0.0.1:PORT, evil.com"],
    [""],
  ])("%j is not", async (host) => {
    for (const path of ["/healthz", "/api/clips", "/producer/tasks", "/media/x/audio", "/"])
      expect(await get([host.replace("PORT", String(served.port))], path)).toBe(421);
  });

  test("two Host headers, none, and an absolute address are refused", async () => {
    const own = `127.0.0.1:${served.port}`;
    expect(await get([own, own])).toBe(421);
    expect(await get([own, "evil.com"])).toBe(421);
    expect(await get([], "/healthz", "1.0")).toBe(421);
    expect(await get([], "/healthz")).toBe(421);
    expect(await get([own], `http://evil.com/healthz`)).toBe(400);
    expect(await get([own], `http://${own}/healthz`)).toBe(400);
  });
});

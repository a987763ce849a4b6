import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeKeys } from "../../../src/server/keys/key-file.ts";
import { serveHome, serveWorld, type Served } from "../served.ts";

let served: Served;
const KEY = "phone-key-0123456789abcdef";
beforeAll(async () => {
  served = await serveWorld({ requireKey: true }, { serveKey: "env-key-0123456789abcdef" });
  writeKeys(served.world.home, [{ name: "phone", key: KEY, addedAt: new Date().toISOString() }]);
});
afterAll(() => served[Symbol.asyncDispose]());

const status = async (path: string, headers: Record<string, string> = {}) =>
  (await fetch(served.url + path, { headers })).status;
const basic = (name: string, key: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${key}`).toString("base64")}`,
});

describe("a key is a way in", () => {
  test("as Bearer, as Basic, in the address; without one there is no way in", async () => {
    expect(await status("/api/status")).toBe(401);
    expect(await status("/api/status", { authorization: `Bearer ${KEY}` })).toBe(200);
    expect(await status("/api/status", { authorization: "Bearer env-key-0123456789abcdef" })).toBe(200);
    expect(await status("/api/status", basic("phone", KEY))).toBe(200);
    expect(await status("/api/status", basic("env", KEY))).toBe(401);
    expect(await status(`/key/${KEY}/api/status`, { authorization: "Bearer token-of-the-api" })).toBe(200);
    expect(await status("/healthz")).toBe(200);
  });

  test("a key that is removed or added counts at once", async () => {
    writeKeys(served.world.home, []);
    expect(await status("/api/status", { authorization: `Bearer ${KEY}` })).toBe(401);
    writeKeys(served.world.home, [{ name: "phone", key: KEY, addedAt: "" }]);
    expect(await status("/api/status", { authorization: `Bearer ${KEY}` })).toBe(200);
  });

  test("ten wrong ones in a minute, and the address is refused; a right one still comes in", async () => {
    for (let tries = 0; tries < 12; tries++) await status("/api/status", { authorization: "Bearer wrong" });
    const refused = await fetch(`${served.url}/api/status`, { headers: { authorization: "Bearer wrong" } });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(await status("/api/status", { authorization: `Bearer ${KEY}` })).toBe(200);
  });

  test.each(["0.0.0.0", "::", "192.0.2.1", "nas.local"])("I116: %s is refused while there is no key", async (host) => {
    writeKeys(served.world.home, []);
    const listen = { host, port: 0 };
    await expect(serveHome(served.world.home, {}, { listen })).rejects.toMatchObject({ exit: 2, code: "no_key" });
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeKeys } from "../../../src/server/keys/key-file.ts";
import { serveWorld, type Served } from "../served.ts";

const KEY = "browser-key-0123456789abcdef";
const BROWSER = { name: "browser", key: KEY, addedAt: "" };
let served: Served;
beforeAll(async () => {
  served = await serveWorld({ requireKey: true });
  writeKeys(served.world.home, [BROWSER]);
});
afterAll(() => served[Symbol.asyncDispose]());

type Sent = { headers?: Record<string, string>; body?: string; path?: string; method?: string };
const post = ({ headers = {}, body = JSON.stringify({ key: KEY }), path = "/login", method = "POST" }: Sent = {}) =>
  fetch(served.url + path, {
    method,
    headers: { "content-type": "application/json", origin: served.url, ...headers },
    redirect: "manual",
    ...(method === "POST" && { body }),
  });
const cookieOf = (answer: Response) => answer.headers.get("set-cookie") ?? "";
const status = async (cookie: string) =>
  (await fetch(`${served.url}/api/status`, { headers: { cookie: cookie.split(";")[0] ?? "" } })).status;

describe("the login of the page", () => {
  test("a right key gives a cookie that opens the data, does not contain the key, and ends with it", async () => {
    const answer = await post();
    expect(answer.status).toBe(204);
    const cookie = cookieOf(answer);
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(KEY);
    expect(await status(cookie)).toBe(200);
    writeKeys(served.world.home, []);
    // As a page does that asks for many pictures.
    for (let n = 0; n < 12; n++) expect(await status(cookie)).toBe(401);
    writeKeys(served.world.home, [{ ...BROWSER, key: "another-key-of-this-name" }]);
    expect(await status(cookie)).toBe(401);
    writeKeys(served.world.home, [BROWSER]);
  });

  test("a form is answered by the page; logout takes the cookie away", async () => {
    const form = await post({
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ key: KEY }).toString(),
    });
    expect([form.status, form.headers.get("location")]).toEqual([303, "/"]);
    expect(await status(cookieOf(form))).toBe(200);
    const out = await post({ path: "/logout", headers: { cookie: cookieOf(form).split(";")[0] ?? "" } });
    expect(cookieOf(out)).toMatch(/^producer_mirror=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  test("I112: only a page of this server logs in and out", async () => {
    for (const path of ["/login", "/logout"]) {
      for (const headers of [
        { origin: "http://evil.example" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
        { "sec-fetch-site": "none" },
      ]) {
        const answer = await post({ path, headers });
        expect([headers, answer.status, cookieOf(answer)]).toEqual([headers, 403, ""]);
      }
      expect((await post({ path, method: "GET" })).status).toBe(404);
      expect((await fetch(served.url + path, { method: "POST", body: JSON.stringify({ key: KEY }) })).status).toBe(403);
    }
  });

  test("the cookie is Secure when a proxy speaks https to the browser", async () => {
    expect(cookieOf(await post({ headers: { "x-forwarded-proto": "https" } }))).toContain("; Secure;");
    const origin = served.url.replace("http:", "https:");
    expect(cookieOf(await post({ headers: { origin } }))).toContain("; Secure;");
  });

  test.each([
    ["{}", 400],
    ["", 400],
    ["null", 400],
    ['{"key":1}', 400],
    [`{"key":"${"x".repeat(5000)}"}`, 413],
  ])("%j: %d", async (body, expected) => {
    expect((await post({ body })).status).toBe(expected);
  });

  test("the page's own files are open, its data is not; wrong keys are counted, a right one still comes in", async () => {
    expect((await fetch(`${served.url}/`)).status).toBe(200);
    expect((await fetch(`${served.url}/api/status`)).status).toBe(401);
    // One more has been wrong before: the cookie of the key that was removed.
    const tries: number[] = [];
    for (let n = 0; n < 12; n++) tries.push((await post({ body: '{"key":"wrong"}' })).status);
    expect(tries).toEqual([...Array<number>(9).fill(401), 429, 429, 429]);
    expect((await post()).status).toBe(204);
  });
});

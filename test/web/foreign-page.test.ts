import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveWorld, type Served } from "../server/served.ts";
import { startBrowser } from "./browser.ts";

const KEY = "env-key-0123456789abcdef";
let served: Served;
let browser: Browser;
let site: Server;
beforeAll(async () => {
  served = await serveWorld({}, { serveKey: KEY });
  browser = await startBrowser();
  site = createServer((_request, response) => response.setHeader("Content-Type", "text/html").end("<h1>a page</h1>"));
  await once(site.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  await browser.close();
  site.close();
  await served[Symbol.asyncDispose]();
});

/** What the page of another site finds out, by everything that a page can do. Runs in the browser. */
async function attack({ url, key }: { url: string; key: string }): Promise<string[]> {
  const got: string[] = [];
  const wait = (what: string, start: (done: (is: boolean) => void) => void) =>
    new Promise<void>((resolve) => start((is) => (is && got.push(what), resolve())));
  const element = (name: string, path: string, good: string) =>
    wait(`${name} ${path}`, (done) => {
      const made = Object.assign(document.createElement(name), { src: url + path });
      made.addEventListener(good, () => done(true));
      made.addEventListener("error", () => done(false));
      document.body.append(made);
      if (made instanceof HTMLMediaElement) made.load();
    });
  const read = (method: string, path: string, init: RequestInit = {}) =>
    fetch(url + path, { method, credentials: "include", ...init }).then(
      (answer) => void (answer.type !== "opaque" && got.push(`${method} ${path}: ${answer.status}`)),
      () => {},
    );
  for (const path of ["/", "/api/clips", "/api/status", "/healthz", "/readyz"]) {
    await read("GET", path);
    await read("GET", path, { mode: "no-cors" });
    await element("img", path, "load");
    await element("script", `${path}?callback=alert`, "load");
    await element("audio", path, "canplay");
  }
  await read("POST", "/api/sync", { mode: "no-cors" });
  await read("POST", "/login", { mode: "no-cors", body: new URLSearchParams({ key }) });
  await read("PUT", "/api/clips/x/star");
  await read("POST", "/api/verify", { headers: { "Content-Type": "application/json" }, body: "{}" });
  await read("GET", "/api/clips", { headers: { Authorization: `Bearer ${key}` } });
  await wait("websocket", (done) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/api/events`);
    socket.addEventListener("open", () => done(true));
    socket.addEventListener("error", () => done(false));
  });
  await wait("events", (done) => {
    const events = new EventSource(`${url}/api/events`, { withCredentials: true });
    events.addEventListener("open", () => done(true));
    events.addEventListener("error", () => (events.close(), done(false)));
  });
  for (const [action, target] of [
    ["/api/sync", "sync"],
    ["/login", "login"],
  ] as const) {
    const frame = Object.assign(document.createElement("iframe"), { name: target });
    const form = Object.assign(document.createElement("form"), { action: url + action, method: "post", target });
    form.append(Object.assign(document.createElement("input"), { name: "key", value: key }));
    document.body.append(frame, form);
    const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
    form.submit();
    await loaded;
  }
  const frame = Object.assign(document.createElement("iframe"), { src: `${url}/` });
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  document.body.append(frame);
  await loaded;
  return got;
}

describe("I112: a page of somebody else in the same browser", () => {
  test.each(["localhost", "127.0.0.1"])("at %s it can neither read, write, play nor start anything", async (host) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const statuses: [string, number][] = [];
    let asked = 0;
    page.on("request", (request) => void (request.url().startsWith(served.url) && asked++));
    page.on("response", (response) => {
      if (response.url().startsWith(served.url)) statuses.push([response.url(), response.status()]);
    });
    await page.goto(`http://${host}:${(site.address() as AddressInfo).port}/`);
    expect(await page.evaluate(attack, { url: served.url, key: KEY })).toEqual([]);
    expect(asked).toBeGreaterThan(20);
    expect(statuses.length).toBeGreaterThan(0);
    expect(statuses.filter(([, status]) => status !== 403)).toEqual([]);
    expect((await context.cookies()).map(({ name }) => name)).toEqual([]);
    await context.close();
  });

  test("a link that a person follows shows the library", async () => {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
    await page.evaluate(
      (url) => document.body.append(Object.assign(document.createElement("a"), { href: url, id: "to" })),
      served.url,
    );
    await page.evaluate(() => document.getElementById("to")?.click());
    await page.waitForURL(`${served.url}/`);
    await page.close();
  });
});

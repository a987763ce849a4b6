import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mayBrowse } from "../../helpers/needs.ts";
import { serveWorld, type Served } from "../../server/served.ts";
import { startBrowser } from "./browser.ts";

const KEY = "env-key-0123456789abcdef";
let served: Served;
let browser: Browser;
let site: Server;
beforeAll(async () => {
  if (!mayBrowse()) return;
  served = await serveWorld({}, { serveKey: KEY });
  browser = await startBrowser();
  site = createServer((_request, response) => response.setHeader("Content-Type", "text/html").end("<h1>a page</h1>"));
  await once(site.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  await browser?.close();
  site?.close();
  await served?.[Symbol.asyncDispose]();
});

/** What the page of another site finds out, by everything that a page can do; a text, since it runs in the browser. */
const ATTACK = `async (url, key) => {
  const got = [];
  const wait = (what, start) =>
    new Promise((resolve) => start((is) => { if (is) got.push(what); resolve(); }));
  const make = (name, fields) => Object.assign(document.createElement(name), fields);
  const element = (name, path, good) =>
    wait(name + " " + path, (done) => {
      const made = make(name, { src: url + path });
      made.addEventListener(good, () => done(true));
      made.addEventListener("error", () => done(false));
      document.body.append(made);
    });
  const read = (method, path, init = {}) =>
    fetch(url + path, { method, credentials: "include", ...init }).then(
      (answer) => { if (answer.type !== "opaque") got.push(method + " " + path + ": " + answer.status); },
      () => {},
    );
  for (const path of ["/", "/api/clips", "/api/status", "/healthz", "/readyz", "/metrics", "/feed.xml"]) {
    await read("GET", path);
    await read("GET", path, { mode: "no-cors" });
    await element("img", path, "load");
    await element("script", path + "?callback=alert", "load");
    await element("audio", path, "canplay");
  }
  await read("POST", "/api/sync", { mode: "no-cors" });
  await read("POST", "/login", { mode: "no-cors", body: new URLSearchParams({ key }) });
  await read("PUT", "/api/clips/x/star");
  await read("POST", "/api/verify", { headers: { "Content-Type": "application/json" }, body: "{}" });
  await read("GET", "/api/clips", { headers: { Authorization: "Bearer " + key } });
  await wait("websocket", (done) => {
    const socket = new WebSocket(url.replace("http", "ws") + "/api/events");
    socket.addEventListener("open", () => done(true));
    socket.addEventListener("error", () => done(false));
  });
  await wait("events", (done) => {
    const events = new EventSource(url + "/api/events", { withCredentials: true });
    events.addEventListener("open", () => done(true));
    events.addEventListener("error", () => { events.close(); done(false); });
  });
  const loaded = (frame) => new Promise((resolve) => frame.addEventListener("load", resolve));
  for (const target of ["/api/sync", "/login"]) {
    const frame = make("iframe", { name: target });
    const form = make("form", { action: url + target, method: "post", target });
    form.append(make("input", { name: "key", value: key }));
    document.body.append(frame, form);
    form.submit();
    await loaded(frame);
  }
  const frame = make("iframe", { src: url + "/" });
  document.body.append(frame);
  await loaded(frame);
  return got;
}`;

describe.skipIf(!mayBrowse())("I112: a page of somebody else in the same browser", () => {
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
    expect(await page.evaluate(`(${ATTACK})("${served.url}", "${KEY}")`)).toEqual([]);
    expect(asked).toBeGreaterThan(20);
    expect(statuses.length).toBeGreaterThan(0);
    expect(statuses.filter(([, status]) => status !== 403)).toEqual([]);
    expect((await context.cookies()).map(({ name }) => name)).toEqual([]);
    await context.close();
  });

  test("a link that a person follows shows the library", async () => {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`);
    await page.setContent(`<a href="${served.url}/">songs</a>`);
    await page.locator("a").click();
    await page.waitForURL(`${served.url}/`);
    expect(await page.locator("body").textContent()).not.toBe("");
    await page.close();
  });
});

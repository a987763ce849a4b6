import { afterAll, beforeAll, expect, test } from "vitest";
import { serveWorld, type Served } from "../served.ts";

const KEY = "env-key-0123456789abcdef";
let served: Served;
beforeAll(async () => (served = await serveWorld({}, { serveKey: KEY }, { tasks: 4 })));
afterAll(() => served[Symbol.asyncDispose]());

const get = async (path: string) => {
  const answer = await fetch(served.url + path);
  return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
};
const enclosures = (text: string) => [...text.matchAll(/<enclosure url="([^"]+)" length="(\d+)"/g)];

test("the feed has the songs of the archive, and each of its files is there with its length", async () => {
  const { status, type, text } = await get("/feed.xml");
  expect([status, type]).toEqual([200, "application/rss+xml; charset=utf-8"]);
  const files = enclosures(text);
  expect(files.length).toBeGreaterThan(3);
  for (const [, url = "", length] of files) {
    expect(url.startsWith(`${served.url}/media/`)).toBe(true);
    expect((await fetch(url)).headers.get("content-length")).toBe(length);
  }
  for (const id of served.world.ids) expect(text).not.toContain(id);
});

test("a key in its address is in the addresses of its files, and the filters of lists apply", async () => {
  const { text } = await get(`/key/${KEY}/feed.xml?limit=1&sort=created`);
  const [file, ...others] = enclosures(text);
  expect(others).toEqual([]);
  expect(file?.[1]).toContain(`${served.url}/key/${KEY}/media/`);
  expect(text).toContain(`href="${served.url}/key/${KEY}/feed.xml?limit=1&amp;sort=created"`);
  expect((await fetch(file?.[1] ?? "")).status).toBe(200);
  expect((await get("/feed.xml?model=nosuch")).text).not.toContain("<item>");
  expect((await get("/feed.xml?limt=1")).status).toBe(400);
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { expectCode } from "../helpers/expect-code.ts";
import { readFeed } from "../helpers/read-feed.ts";
import { makeWorld, TOKEN, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let world: World;
const BASE = "https://me.example/songs/";

beforeAll(async () => {
  world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
});
afterAll(() => world[Symbol.asyncDispose]());

/** A web server that shows a folder. */
async function serve(folder: string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(request.url ?? ""));
    if (existsSync(path)) response.end(readFileSync(path));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, [Symbol.asyncDispose]: close };
}

test("a phone finds every song and cover of an exported folder where the feed says", async () => {
  const folder = join(world.folder, "public");
  const file = join(folder, "feed.xml");
  expectCode(await world.mirror("export", "songs", folder, "--tags"), 0);
  await using server = await serve(folder);
  const args = ["export", "feed", file, "--base-url", server.url, "--title", "Mine", "--json"];
  const done = expectCode(await world.mirror(...args), 0);
  expect(done.json).toEqual({ file, items: 3, left: 0, bytes: statSync(file).size, written: true });
  const feed = readFeed(Buffer.from(await (await fetch(`${server.url}feed.xml`)).arrayBuffer()));
  expect(feed).toMatchObject({ title: "Mine", atom: { links: [{ href: `${server.url}feed.xml` }] } });
  expect(feed.items).toHaveLength(3);
  for (const { enclosures = [], itunes } of feed.items ?? []) {
    const [song] = enclosures;
    const bytes = Buffer.from(await (await fetch(String(song?.url))).arrayBuffer());
    expect([song?.length, song?.type, bytes.toString("latin1", 4, 8)]).toEqual([bytes.length, "audio/mp4", "ftyp"]);
    expect((await fetch(String(itunes?.image))).status).toBe(200);
  }
  const text = readFileSync(file, "utf8");
  for (const id of [...world.ids, TOKEN]) expect(text).not.toContain(id);
  expect(expectCode(await world.mirror(...args), 0).json).toMatchObject({ written: false });
  // The feed is none of what `export songs` made: it stays.
  expectCode(await world.mirror("export", "songs", folder, "--tags"), 0);
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("says what it would do, and what it did, in words", async () => {
  const file = join(world.folder, "feed.xml");
  const dry = expectCode(await world.mirror("export", "feed", file, "--base-url", BASE, "-n"), 0);
  expect(dry.stdout).toContain(`would write ${file}: 3 songs`);
  expect(existsSync(file)).toBe(false);
  const made = expectCode(await world.mirror("export", "feed", file, "--base-url", BASE, "--limit", "2"), 0);
  expect(made.stdout).toMatch(new RegExp(`^${world.home}\n${file}: 2 songs, [\\d.]+ kB\n$`));
  expect(readdirSync(world.folder).filter((name) => name.endsWith("part"))).toEqual([]);
});

test.each([
  [],
  ["--base-url", "me.example"],
  ["--base-url", "https://me:secret@me.example/"],
  ["--base-url", BASE, "--language", "deutsch!"],
  ["--base-url", BASE, "--image", "cover.jpg"],
  ["--base-url", BASE, "--songs", "nowhere"],
  ["--base-url", BASE, "--has", "sound"],
])("ends with 2 and writes nothing: %s %s %s %s", async (...args) => {
  const file = join(world.folder, "refused.xml");
  const end = expectCode(await world.mirror("export", "feed", file, "--json", ...args), 2);
  expect(end.json).toMatchObject({ error: { exit: 2 } });
  expect(end.stderr).not.toContain("secret");
  expect(existsSync(file)).toBe(false);
});

test("leaves a file of somebody else alone", async () => {
  const file = join(world.folder, "mine.xml");
  writeFileSync(file, "mine");
  expectCode(await world.mirror("export", "feed", file, "--base-url", BASE), 2);
  expect(readFileSync(file, "utf8")).toBe("mine");
});

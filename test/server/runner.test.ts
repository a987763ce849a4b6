import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { configOf } from "../app/runner/running.ts";
import { makeWorld, type World } from "../helpers/world.ts";
import { writeKeys } from "../../src/server/keys/key-file.ts";
import { serveHome } from "./served.ts";
import type { RunningServer } from "../../src/server/serve.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
let server: RunningServer;
const KEY = "phone-key-0123456789abcdef";
const bearer = { authorization: `Bearer ${KEY}` };

beforeAll(async () => {
  world = await makeWorld({ tasks: 2 });
  writeKeys(world.home, [{ name: "phone", key: KEY, addedAt: "" }]);
  const { note: _note, ...config } = { ...configOf(world), note: undefined };
  server = await serveHome(world.home, {}, { ...config, listen: { host: "127.0.0.1", port: 0 } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const post = (path: string, headers: Record<string, string> = bearer) =>
  fetch(server.url + path, { method: "POST", headers });

type Read = { id: string; event: string; data: Record<string, unknown> };

/** Reads events until one has this name. */
async function readUntil(name: string, headers: Record<string, string> = {}): Promise<Read[]> {
  const stop = new AbortController();
  const response = await fetch(`${server.url}/api/events`, { headers: { ...bearer, ...headers }, signal: stop.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  let text = "";
  const events = () =>
    [...text.matchAll(/(?:id: (.*)\n)?event: (.*)\ndata: (.*)\n\n/g)].map(([, id = "", event = "", data = ""]) => ({
      id,
      event,
      data: JSON.parse(data) as Record<string, unknown>,
    }));
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (events().some(({ event }) => event === name)) break;
  }
  stop.abort();
  return events();
}

test("a sync begins with 202, a second one is 409, and its events are read live and again by the last id", async () => {
  world.standIn.fault("api", { kind: "status", status: 503 }, "once");
  const reading = readUntil("run.complete", { "last-event-id": "none" });
  const first = await post("/api/sync");
  expect([first.status, await first.json()]).toMatchObject([202, { began: "sync" }]);
  const second = await post("/api/sync");
  expect([second.status, await second.json()]).toMatchObject([409, { error: { code: "at_work" } }]);
  const events = await reading;
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(["run.began", "run.planned", "run.saved", "run.stored"]),
  );
  expect(events.at(-1)?.data).toMatchObject({
    event: "run.complete",
    by: "sync",
    tasks: { new: 2 },
    assets: { stored: 4 },
  });
  const began = events.find(({ event }) => event === "run.began");
  const again = await readUntil("run.complete", { "last-event-id": began?.id ?? "" });
  expect(again.map(({ id }) => id)).toEqual(events.map(({ id }) => id).filter((id) => id !== began?.id && id !== ""));
  expect((await readUntil("run.complete", { "last-event-id": "0-0" }))[0]?.event).toBe("missed");
  expect(world.problems()).toEqual([]);
});

test("a verify begins beside it and ends with its counts; an unknown mode is 400", async () => {
  expect((await post("/api/verify?mode=slow")).status).toBe(400);
  const reading = readUntil("verify.complete");
  await vi.waitFor(async () => expect((await post("/api/verify?mode=full")).status).toBe(202));
  expect((await reading).at(-1)?.data).toMatchObject({ mode: "full", checked: 4, missing: 0, corrupt: 0 });
});

test("only a page of ours or a key may start one", async () => {
  expect((await post("/api/sync", {})).status).toBe(403);
  expect((await post("/api/sync", { origin: "http://evil.example" })).status).toBe(403);
  expect((await fetch(`${server.url}/api/sync`)).status).toBe(404);
});

test("the stream of events ends when its key is removed", async () => {
  const response = await fetch(`${server.url}/api/events`, { headers: bearer });
  writeKeys(world.home, []);
  // The connection of a removed key is cut.
  await response.text().catch(() => "cut");
  writeKeys(world.home, [{ name: "phone", key: KEY, addedAt: "" }]);
  expect((await fetch(`${server.url}/api/status`)).status).toBe(200);
});

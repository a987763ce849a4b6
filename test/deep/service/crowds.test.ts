import { once } from "node:events";
import { Agent, get as httpGet, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { sha256 } from "../../helpers/folder-tree.ts";
import { startServe, type ServedProcess } from "./served-process.ts";

vi.setConfig({ testTimeout: 600_000 });

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

type Ask = { path: string; body?: string };
type Got = { status: number; headers: IncomingMessage["headers"]; body: Buffer };

/** One request over a connection of its own. */
async function ask(base: string, { path, body }: Ask): Promise<Got> {
  const options = { method: body === undefined ? "GET" : "POST", agent: false as const };
  const asked = httpRequest(base + path, options).end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
}

test("a thousand requests at once while a sync writes: each is served whole or asked to come again, and nothing is lost", async () => {
  await using world = await makeWorld({ tasks: 60 });
  const [first = "", ...others] = world.ids;
  expectCode(await world.mirror("untrack", ...others), 0);
  expectCode(await world.mirror("sync"), 0);
  const [song] = rowsOf(world.home, "select clip_id, sha256, bytes from assets where kind = 'audio'");
  expectCode(await world.mirror("track", ...others), 0);
  await using serve = await startServe(world);
  const kinds: Ask[] = [
    { path: "/api/clips?limit=50" },
    { path: "/api/search?q=night" },
    { path: "/api/status" },
    { path: "/healthz" },
    { path: `/media/${String(song?.["clip_id"])}/audio` },
    { path: "/producer/tasks", body: JSON.stringify({ action: "retrieve", id: first }) },
    { path: "/producer/tasks", body: JSON.stringify({ action: "retrieve_batch" }) },
    { path: "/metrics" },
  ];
  const document = world.standIn.records.fetch(first);
  const sync = world.start(["sync"]);
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async (_, n) => {
      const kind = kinds[n % kinds.length] as Ask;
      const { status, headers, body } = await ask(serve.url, kind);
      if (status === 503) return headers["retry-after"] === undefined ? "no Retry-After" : "later";
      if (kind.path.endsWith("/audio") && sha256(body) !== song?.["sha256"]) return "other bytes";
      if (kind.body?.includes('"retrieve"') && body.toString() !== document) return "another record";
      return status;
    }),
  );
  expectCode(await sync.done, 0);
  expect(answers.filter((answer) => answer !== 200 && answer !== "later")).toEqual([]);
  expect(answers.filter((answer) => answer === 200).length).toBeGreaterThan(500);
  expectCode(await world.mirror("verify", "--full"), 0);
  expect(rowsOf(world.home, "select count(*) as n from assets where state = 'stored'")).toEqual([{ n: 120 }]);
  expect((await ask(serve.url, { path: "/healthz" })).status).toBe(200);
});

/** Opens a connection, sends this, and gathers what comes until the server ends it. */
function slow(base: string, first: string, then?: string): { socket: Socket; ended: Promise<string> } {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  open.push(socket);
  let answer = "";
  if (first !== "") socket.write(first);
  const more = then === undefined ? undefined : setInterval(() => socket.writable && socket.write(then), 1000);
  socket.setEncoding("latin1").on("data", (part: string) => (answer += part));
  socket.on("error", () => {});
  const ended = once(socket, "close").then(() => {
    clearInterval(more);
    return answer;
  });
  return { socket, ended };
}

async function whileHeld(base: string, held: { ended: Promise<string> }[], path: string): Promise<string[]> {
  let done = 0;
  const all = Promise.all(held.map(({ ended }) => ended.finally(() => done++)));
  let served = 0;
  while (done < held.length) {
    const got = await ask(base, { path });
    expect(got.status).toBe(200);
    served++;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(served).toBeGreaterThan(3);
  return all;
}

describe("H104: slow senders", () => {
  let world: World;
  const serving = async (): Promise<ServedProcess> => {
    world = await makeWorld({ tasks: 1 });
    expectCode(await world.mirror("sync"), 0);
    return startServe(world);
  };
  afterEach(() => world[Symbol.asyncDispose]());

  test("500 that send a header a second are ended with 408, and others are answered meanwhile", async () => {
    await using serve = await serving();
    const { host } = new URL(serve.url);
    const held = Array.from({ length: 500 }, () =>
      slow(serve.url, `GET / HTTP/1.1\r\nHost: ${host}\r\n`, "X-A: b\r\n"),
    );
    const answers = await whileHeld(serve.url, held, "/api/clips");
    expect(new Set(answers.map((answer) => answer.split("\r\n")[0]))).toEqual(
      new Set(["HTTP/1.1 408 Request Timeout"]),
    );
  });

  test("500 that send a byte of their body a second are ended, and others are answered meanwhile", async () => {
    await using serve = await serving();
    const { host } = new URL(serve.url);
    const head = `POST /producer/tasks HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\n`;
    const held = Array.from({ length: 500 }, () => slow(serve.url, head, "x"));
    const answers = await whileHeld(serve.url, held, "/api/clips");
    expect(answers.filter((answer) => answer !== "" && !answer.startsWith("HTTP/1.1 408"))).toEqual([]);
  });

  test("2,000 that send nothing are ended, more are turned away, and then others are served again", async () => {
    await using serve = await serving();
    let ended = 0;
    const send = async () => {
      const one = slow(serve.url, "");
      void one.ended.then(() => ended++);
      if (one.socket.connecting) await once(one.socket, "connect").catch(() => {});
    };
    // In waves: what is too much for the system's queue would believe itself connected for ever.
    for (let wave = 0; wave < 21; wave++) await Promise.all(Array.from({ length: 100 }, send));
    await expect.poll(() => ended, { timeout: 120_000 }).toBeGreaterThan(2000);
    expect((await ask(serve.url, { path: "/api/clips" })).status).toBe(200);
  });

  test("a player that takes no more bytes holds nothing up, and is let go when it leaves", async () => {
    await using serve = await serving();
    const [song] = rowsOf(world.home, "select clip_id from assets where kind = 'audio'");
    const agent = new Agent({ keepAlive: true, maxSockets: 300 });
    const path = `/media/${String(song?.["clip_id"])}/audio`;
    const paused = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const asked = httpGet(serve.url + path, { agent });
        const [answer] = (await once(asked, "response")) as [IncomingMessage];
        return answer.pause();
      }),
    );
    for (let n = 0; n < 20; n++) expect((await ask(serve.url, { path })).status).toBe(200);
    for (const answer of paused) answer.destroy();
    agent.destroy();
    expect((await ask(serve.url, { path: "/api/status" })).status).toBe(200);
  });
});

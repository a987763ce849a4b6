import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { afterEach, beforeAll, afterAll, describe, expect, test } from "vitest";
import { callUpstream, TIMEOUT_MS } from "../../../src/server/pass-on/upstream.ts";
import { writeKeys } from "../../../src/server/keys/key-file.ts";
import { makeRecord, taskIdOf } from "../../stand-in/make-record.ts";
import { TOKEN } from "../../helpers/world.ts";
import { serveHome, serveWorld, type Served } from "../served.ts";
import type { RunningServer } from "../../../src/server/serve.ts";

type Received = { method: string; url: string; raw: string; body: string; headers: IncomingMessage["headers"] };
type Reply = (request: IncomingMessage, response: ServerResponse) => void;

const KEY = "phone-key-0123456789abcdef";
const CALLER = "Bearer token-of-the-caller";
const NEW = JSON.stringify(makeRecord(99));
const NEW_ID = taskIdOf(99);

/** Is where the API would be: notes each byte that reaches it. */
const received: Received[] = [];
let connections = 0;
let reply: Reply = (_request, response) => void response.end(NEW);
const upstream = createServer((request, response) => {
  void bodyOf(request)
    .then((body) => {
      const { method = "", url = "", headers } = request;
      received.push({ method, url, headers, body, raw: request.rawHeaders.join("\n") });
      reply(request, response);
    })
    .catch(() => {});
}).on("connection", () => connections++);

/** Parts of bodies, as they come. */
const arrived: string[] = [];
async function bodyOf(request: IncomingMessage): Promise<string> {
  const from = arrived.length;
  for await (const chunk of request.setEncoding("utf8") as AsyncIterable<string>) arrived.push(chunk);
  return arrived.slice(from).join("");
}

const apiUrl = () => `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;

let served: Served;
let all: RunningServer;
let silent: RunningServer;
beforeAll(async () => {
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const settings = { apiUrl: apiUrl(), token: TOKEN };
  served = await serveWorld({ passOn: "reads" }, settings, { tasks: 3 });
  const { home } = served.world;
  writeKeys(home, [{ name: "phone", key: KEY, addedAt: "" }]);
  all = await serveHome(home, { passOn: "all" }, settings);
  silent = await serveHome(home, {}, settings);
});
afterAll(async () => {
  for (const server of [served, all, silent]) await server[Symbol.asyncDispose]();
  upstream.closeAllConnections();
  upstream.close();
});
afterEach(() => {
  const sent = received.map(({ raw, body }) => raw + body).join("\n");
  if (sent.includes(TOKEN) || sent.includes(KEY)) throw new Error(`a secret of ours went upstream: ${sent}`);
  received.length = 0;
  arrived.length = 0;
  connections = 0;
  reply = (_request, response) => void response.end(NEW);
});

const post = (base: string, path: string, body: unknown, headers: Record<string, string> = { authorization: CALLER }) =>
  fetch(base + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const tasks = (body: unknown, headers?: Record<string, string>) => post(served.url, "/producer/tasks", body, headers);
const stored = async (id: string) => (await post(silent.url, "/producer/tasks", { id })).text();

test("without the flag not a byte goes upstream, whatever is asked", async () => {
  const asked = ["/producer/tasks", "/producer/audios", "/producer/lyrics?x=1", "/producer"];
  for (const path of asked)
    for (const body of [
      { id: "nosuch" },
      { action: "delete", id: served.world.ids[0] },
      { action: "retrieve_batch", ids: ["x"] },
    ])
      await (await post(silent.url, path, body)).arrayBuffer();
  expect(connections).toBe(0);
});

describe("reads", () => {
  test("what is here and settled is answered here, and so are listings and refusals", async () => {
    const [id = ""] = served.world.ids;
    expect(await (await tasks({ id }, {})).text()).toBe(served.world.standIn.records.fetch(id));
    expect((await tasks({ action: "retrieve_batch", ids: served.world.ids }, {})).status).toBe(200);
    expect((await tasks({ action: "retrieve_batch" }, {})).status).toBe(200);
    expect((await tasks({ action: "delete", id })).status).toBe(400);
    expect((await post(served.url, "/producer/audios", {})).status).toBe(404);
    expect(connections).toBe(0);
  });

  test("what is not here is asked once, with the caller's token and body; its id is tracked and its record saved", async () => {
    const body = `{ "id": "${NEW_ID}" }`;
    const answer = await tasks(body, { authorization: CALLER, "x-record-exempt": "true" });
    expect(await answer.text()).toBe(NEW);
    expect(received).toMatchObject([
      { method: "POST", url: "/producer/tasks", body, headers: { authorization: CALLER, "x-record-exempt": "true" } },
    ]);
    await expect.poll(() => stored(NEW_ID), { timeout: 20_000 }).toBe(NEW);
    received.length = 0;
    expect(await (await tasks(body)).text()).toBe(NEW);
    expect(received).toEqual([]);
  });

  test("of several only those that are not here; the answer has all of them, the newest first", async () => {
    const [id = ""] = served.world.ids;
    const other = JSON.stringify(makeRecord(77));
    reply = (_request, response) => void response.end(`{"items":[${other}],"count":1}`);
    const ids = [id, taskIdOf(77), "nosuch"];
    const answer = (await (await tasks({ action: "retrieve_batch", ids })).json()) as {
      items: { created_at: number }[];
    };
    expect(received.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { action: "retrieve_batch", ids: [taskIdOf(77), "nosuch"], limit: 2 },
    ]);
    const both = [JSON.parse(other), JSON.parse(served.world.standIn.records.fetch(id) ?? "")] as {
      created_at: number;
    }[];
    expect(answer).toEqual({ items: both.sort((a, b) => b.created_at - a.created_at), count: 2 });
  });

  test("an open task is asked for; the archive stays where the API has nothing or cannot be reached", async () => {
    const open = JSON.stringify({ ...makeRecord(88), response: null, finished_at: null });
    reply = (_request, response) => void response.end(open);
    const id = taskIdOf(88);
    expect(await (await tasks({ id })).text()).toBe(open);
    await expect.poll(() => stored(id), { timeout: 20_000 }).toBe(open);
    reply = (_request, response) => void response.end("{}");
    expect(await (await tasks({ id })).text()).toBe(open);
    reply = (request) => void request.socket.destroy();
    expect(await (await tasks({ id })).text()).toBe(open);
    expect((await tasks({ id: "nosuch" })).status).toBe(502);
    reply = (_request, response) => void response.writeHead(401).end('{"error":{"code":"invalid_token"}}');
    expect(await (await tasks({ id: "nosuch" })).text()).toBe('{"error":{"code":"invalid_token"}}');
    expect(received).toHaveLength(5);
  });

  test("without a token of the caller's nothing is passed on: 401; a key of ours is none", async () => {
    for (const headers of [{}, { authorization: `Bearer ${KEY}` }])
      expect((await tasks({ id: "nosuch" }, headers)).status).toBe(401);
    for (const headers of [{}, { authorization: `Bearer ${KEY}` }])
      expect((await post(all.url, "/producer/audios", {}, headers)).status).toBe(401);
    expect(connections).toBe(0);
  });
});

describe("all", () => {
  const audios = (body: unknown, headers?: Record<string, string>) =>
    post(all.url, "/producer/audios?a=1", body, headers);

  test("a call goes as it came but for what is ours, and its answer comes back as it is", async () => {
    const id = taskIdOf(55);
    const result = JSON.stringify({
      success: true,
      task_id: id,
      trace_id: id,
      data: (makeRecord(55).response as { data: unknown }).data,
    });
    reply = (_request, response) =>
      void response
        .writeHead(201, {
          "content-type": "application/json",
          "x-own": "1",
          "set-cookie": "a=b",
          "access-control-allow-origin": "*",
        })
        .end(result);
    const cookie = `a=1; producer_mirror=${KEY}; b=2`;
    const body = `{"prompt":"\u00e9 1.0"}`;
    const answer = await audios(body, {
      authorization: CALLER,
      "x-mine": "2",
      cookie,
      referer: `${all.url}/key/${KEY}/x`,
    });
    expect([answer.status, await answer.text()]).toEqual([201, result]);
    expect(answer.headers.get("x-own")).toBe("1");
    for (const name of ["set-cookie", "access-control-allow-origin"]) expect(answer.headers.get(name)).toBeNull();
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    const [{ headers, ...call } = { headers: {} }] = received;
    expect(call).toMatchObject({ method: "POST", url: "/producer/audios?a=1", body });
    expect(headers).toMatchObject({ authorization: CALLER, "x-mine": "2", cookie: "a=1; b=2" });
    await expect.poll(async () => (await fetch(`${silent.url}/api/tasks/${id}`)).status, { timeout: 20_000 }).toBe(200);
  });

  test("other actions and methods go too, and nothing that leads elsewhere", async () => {
    await audios({});
    await post(all.url, "/producer/tasks", { action: "delete", id: "x" });
    await fetch(`${all.url}/producer/tasks`, { headers: { authorization: CALLER } });
    await fetch(`${all.url}/key/${KEY}/producer/lyrics`, {
      method: "POST",
      body: "{}",
      headers: { authorization: CALLER },
    });
    const calls = ["POST /producer/audios?a=1", "POST /producer/tasks", "GET /producer/tasks", "POST /producer/lyrics"];
    expect(received.map(({ method, url }) => `${method} ${url}`)).toEqual(calls);
    const { port } = new URL(all.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.end(
      `POST /producer/../api/v1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: x\r\nConnection: close\r\n\r\n`,
    );
    expect(await textOf(socket)).toMatch(/^HTTP\/1.1 40[34]/);
    expect(received).toHaveLength(4);
  });

  test.each<[string, Reply, number | null]>([
    ["500", (_request, response) => void response.writeHead(500).end("{}"), 500],
    ["429", (_request, response) => void response.writeHead(429, { "retry-after": "0" }).end("{}"), 429],
    ["302", (_request, response) => void response.writeHead(302, { location: "/x" }).end(), 302],
    ["a connection that ends", (request) => void request.socket.destroy(), 502],
    ["an answer that is cut", (request, response) => void response.write("{", () => request.socket.destroy()), null],
  ])("%s is one call, never another", async (_name, how, status) => {
    reply = how;
    const answer = await fetch(`${all.url}/producer/audios`, {
      method: "POST",
      redirect: "manual",
      body: "{}",
      headers: { authorization: CALLER },
    });
    const whole = await answer.text().then(
      () => answer.status,
      () => null,
    );
    expect(whole).toBe(status);
    expect(received).toHaveLength(1);
  });

  test("an answer streams while it is made, and a caller that leaves ends the call", async () => {
    let asked: IncomingMessage | undefined;
    reply = (request, response) => {
      asked = request;
      response.write("first");
    };
    const leave = new AbortController();
    const answer = await fetch(`${all.url}/producer/audios`, {
      method: "POST",
      body: "{}",
      headers: { authorization: CALLER },
      signal: leave.signal,
    });
    const { value } = (await answer.body?.getReader().read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toBe("first");
    leave.abort();
    await expect.poll(() => asked?.socket.destroyed, { timeout: 20_000 }).toBe(true);
    expect(received).toHaveLength(1);
  });

  test("an answer that is an error is passed on, and nothing of it is kept", async () => {
    reply = (_request, response) => void response.writeHead(500).end(JSON.stringify(makeRecord(44)));
    expect((await audios({})).status).toBe(500);
    reply = (_request, response) => void response.end(JSON.stringify(makeRecord(45)));
    expect((await audios({})).status).toBe(200);
    // Answers are saved one after the other: the first would be here by now.
    const tracked = async (n: number) => (await fetch(`${silent.url}/api/tasks/${taskIdOf(n)}`)).status;
    await expect.poll(() => tracked(45), { timeout: 20_000 }).toBe(200);
    expect(await tracked(44)).toBe(404);
  });

  test("a call that hangs upstream is one call, and is ended with the server", async () => {
    const { home } = served.world;
    const other = await serveHome(home, { passOn: "all" }, { apiUrl: apiUrl(), token: TOKEN });
    let asked: IncomingMessage | undefined;
    reply = (request) => void (asked = request);
    const call = post(other.url, "/producer/audios", {}).then(
      (answer) => answer.status,
      () => "cut",
    );
    await expect.poll(() => asked, { timeout: 20_000 }).toBeDefined();
    await other[Symbol.asyncDispose]();
    expect(await call).toBe("cut");
    await expect.poll(() => asked?.socket.destroyed, { timeout: 20_000 }).toBe(true);
    expect(received).toHaveLength(1);
  });

  test("a body streams up while it is sent", async () => {
    const caller = httpRequest(`${all.url}/producer/audios`, { method: "POST", headers: { authorization: CALLER } });
    caller.write("first");
    await expect.poll(() => arrived, { timeout: 20_000 }).toEqual(["first"]);
    expect(received).toEqual([]);
    caller.end(" last");
    const [answer] = (await once(caller, "response")) as [IncomingMessage];
    expect(await textOf(answer)).toBe(NEW);
    expect(received.map(({ body }) => body)).toEqual(["first last"]);
  });
});

describe("an API that takes too long", () => {
  const call = (body = Buffer.from("{}")) =>
    callUpstream(
      { apiUrl: apiUrl(), timeoutMs: 300 },
      { method: "POST", path: "/producer/audios", headers: {}, body, signal: new AbortController().signal },
    );

  test("is 504 before its answer, after one call", async () => {
    reply = () => {};
    await expect(call()).rejects.toMatchObject({ status: 504, code: "timeout" });
    expect(received).toHaveLength(1);
  });

  test("in the middle of its answer ends it as cut", async () => {
    reply = (_request, response) => void response.write("{");
    await expect(textOf(await call())).rejects.toMatchObject({ status: 504 });
    expect(received).toHaveLength(1);
  });

  test("is given as long as a synchronous generation takes", () => {
    expect(TIMEOUT_MS).toBe(30 * 60_000);
  });
});

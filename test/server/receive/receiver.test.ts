import { statSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { RunnerEvent } from "../../../src/app/runner/runner-types.ts";
import { MirrorError } from "../../../src/lib/errors.ts";
import { startReceiver, type Receiver } from "../../../src/server/receive/receiver.ts";
import { currentSecret, rotateSecret } from "../../../src/server/receive/secret-file.ts";
import { testAddress } from "../../../src/server/receive/test-address.ts";
import { startRemoteRunner, type RemoteRunner } from "../../../src/server/runner/remote-runner.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { makeRecord, taskIdOf } from "../../stand-in/make-record.ts";
import { configOf } from "../../app/runner/running.ts";
import { sendRaw, statusOf } from "../served.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
let runner: RemoteRunner;
let receiver: Receiver;
const events: RunnerEvent[] = [];
const notes: string[] = [];

beforeAll(async () => {
  world = await makeWorld({ tasks: 3 });
  const { note: _note, ...settings } = { ...configOf(world), note: undefined };
  const config = { ...settings, receiveListen: { host: "127.0.0.1", port: 0 }, publicUrl: "https://songs.example" };
  runner = await startRemoteRunner(config, {
    options: { name: "receive", schedule: undefined, bounds: {} },
    emit: (event) => events.push(event),
    settings: () => config,
  });
  receiver = await startReceiver(config, runner, (line) => notes.push(line));
});
afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await runner[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const path = () => `/callbacks/${currentSecret(world.home, 0).secret}`;
const send = async (body: string | Buffer, to = path(), headers: Record<string, string> = {}) =>
  (await fetch(receiver.url + to, { method: "POST", body: body as string, headers })).status;
const bodyOf = (n: number, url = "https://evil.example/x.m4a") =>
  JSON.stringify({
    success: true,
    task_id: taskIdOf(n),
    data: [{ id: "11111111-2222-4333-8444-555555555555", title: "forged", audio_url: url, state: "succeeded" }],
  });
const questions = () => events.filter((event) => event.type === "ran" && event.job === "question").length;

test("H102: a callback of a known id is saved before it is answered, asked for at once, and none of its addresses is fetched", async () => {
  const sentinel = `${world.standIn.assetUrl}/forged-sentinel.m4a`;
  expect(await send(bodyOf(0, sentinel))).toBe(200);
  expect(rowsOf(world.home, "select kind, document from task_documents where version = 1")).toEqual([
    { kind: "result", document: bodyOf(0, sentinel) },
  ]);
  await vi.waitFor(() => expect(questions()).toBe(1), { timeout: 30_000 });
  expect(rowsOf(world.home, `select state from tasks where id = '${taskIdOf(0)}'`)).toEqual([{ state: "succeeded" }]);
  expect(rowsOf(world.home, "select count(*) as forged from clips where title = 'forged'")).toEqual([{ forged: 0 }]);
  expect(world.standIn.requests.filter(({ url }) => url.includes("forged"))).toEqual([]);
  expectCode(await world.mirror("verify", "--full"), 0);
});

test("H101: the same callback a hundred times is one version and at most a few questions", async () => {
  const before = world.standIn.apiRequests().length;
  const answers = await Promise.all(Array.from({ length: 100 }, () => send(bodyOf(1))));
  expect(new Set(answers)).toEqual(new Set([200]));
  await vi.waitFor(() => expect(questions()).toBeGreaterThan(1), { timeout: 30_000 });
  const versions = `select count(*) as n from task_documents where kind = 'result' and task_id = '${taskIdOf(1)}'`;
  expect(rowsOf(world.home, versions)).toEqual([{ n: 1 }]);
  expect(world.standIn.apiRequests().length - before).toBeLessThanOrEqual(3);
});

test("H102: an id that nobody tracks is dropped, and leaves nothing", async () => {
  expect(await send(bodyOf(77))).toBe(200);
  expect(rowsOf(world.home, `select 1 from tracked_tasks where task_id = '${taskIdOf(77)}'`)).toEqual([]);
  expect(notes.at(-1)).toContain("dropped");
});

test("H100: what is not the secret is 404 without a body, like every other path", async () => {
  const { secret } = currentSecret(world.home, 0);
  const wrong = ["", "x", secret.slice(0, -1), `${secret}x`, secret.toUpperCase(), "pmcb_é", `${secret}/`];
  for (const one of wrong) expect(await send(bodyOf(2), `/callbacks/${one}`)).toBe(404);
  const answers = await Promise.all(
    ["/", "/healthz", `/callbacks`, `/callbacks/${secret.slice(0, -1)}`].map(async (to) => {
      const response = await fetch(receiver.url + to, { method: "POST", body: "{}" });
      return [
        response.status,
        await response.text(),
        Object.fromEntries([...response.headers].filter(([name]) => name !== "date")),
      ];
    }),
  );
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(notes.join("\n")).not.toContain(secret);
});

test("H103, H105: bodies that are too large, encoded or no callback are refused, and it goes on", async () => {
  expect(await send("x".repeat(1_000_001))).toBe(413);
  expect(await send(bodyOf(2), path(), { "content-encoding": "gzip" })).toBe(415);
  const bad = [
    "",
    "null",
    "[]",
    "{",
    "7",
    "{}",
    '{"task_id":7}',
    '{"task_id":"x"}',
    "[".repeat(100_000),
    `{"a":${"[".repeat(50_000)}`,
  ];
  for (const body of bad) expect(await send(body)).toBe(400);
  expect(await send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))).toBe(400);
  const chunked = `POST ${path()} HTTP/1.1\r\nHost: 127.0.0.1:${port()}\r\nTransfer-Encoding: chunked\r\n\r\n${`fffff\r\n${"x".repeat(0xfffff)}\r\n`.repeat(2)}`;
  expect(statusOf(await sendRaw(port(), chunked).catch(() => "HTTP/1.1 413"))).toBe(413);
  expect(await send(bodyOf(2))).toBe(200);
});

test("H106: other methods, hosts and forms are refused without a body", async () => {
  const ask = (line: string, host: string) =>
    sendRaw(port(), `${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  for (const method of ["GET", "PUT", "OPTIONS", "TRACE", "DELETE"])
    expect(statusOf(await ask(`${method} ${path()}`, `127.0.0.1:${port()}`))).toBe(404);
  expect(statusOf(await ask(`POST /${path()}`, `127.0.0.1:${port()}`))).toBe(404);
  expect(statusOf(await ask(`POST ${path()}`, "evil.example"))).toBe(421);
  expect(statusOf(await ask(`POST ${path()}`, "songs.example"))).toBe(400);
});

test("H110: after a rotation the old secret is valid too, and after a second one no longer", async () => {
  const old = path();
  rotateSecret(world.home, Date.now());
  expect([await send(bodyOf(2), old), await send(bodyOf(2))]).toEqual([200, 200]);
  rotateSecret(world.home, Date.now());
  expect([await send(bodyOf(2), old), await send(bodyOf(2))]).toEqual([404, 200]);
  const file = join(world.home, "receive.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toContain("pmcb_");
});

test("the test of an address passes here, and says where it stops elsewhere", async () => {
  const { secret } = currentSecret(world.home, 0);
  expect(await testAddress(receiver.url, secret)).toBeUndefined();
  expect((await testAddress(world.standIn.url, secret))?.message).toContain("answered");
  world.standIn.reset();
  expect((await testAddress("http://127.0.0.1:9", secret))?.message).toMatch(/nothing listens|cannot be reached/);
  expect((await testAddress(receiver.url, `pmcb_${"x".repeat(32)}`))?.hint).toContain("secret");
});

describe("H108: what is not saved is never answered with 2xx", () => {
  test.for([
    ["the archive is busy", () => Promise.reject(new MirrorError("database_busy", 7, "busy"))],
    ["the disk is full", () => Promise.reject(new MirrorError("disk_full", 7, "no space left"))],
    ["it takes too long", () => new Promise<never>(() => {})],
  ] as const)("H108: %s: 503, and when to come again", async ([, take]) => {
    const config = { ...configOf(world), receiveListen: { host: "127.0.0.1", port: 0 } };
    await using own = await startReceiver(config, { take });
    const response = await fetch(own.url + path(), { method: "POST", body: bodyOf(2) });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "30"]);
  });

  test("H107: when too many wait, the rest is asked to come again, and what was answered with 2xx is there", async () => {
    const waiting: (() => void)[] = [];
    const take = () => new Promise<"taken">((resolve) => waiting.push(() => resolve("taken")));
    const config = { ...configOf(world), receiveListen: { host: "127.0.0.1", port: 0 } };
    await using own = await startReceiver(config, { take });
    const answers = Array.from({ length: 260 }, () => fetch(own.url + path(), { method: "POST", body: bodyOf(2) }));
    const early = await Promise.race(answers);
    expect([early.status, early.headers.get("retry-after")]).toEqual([503, "5"]);
    await vi.waitFor(() => expect(waiting.length).toBeGreaterThanOrEqual(200));
    const release = setInterval(() => waiting.splice(0).forEach((go) => go()), 10);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    clearInterval(release);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(200);
  });
});

test("H109: callbacks that came while the receiver was down are made up for by the next sync", async () => {
  world.standIn.records.set(taskIdOf(5), makeRecord(5, {}, { assetBase: world.standIn.assetUrl }));
  await world.mirror("track", taskIdOf(5));
  expectCode(await world.mirror("sync"), 0);
  expect(rowsOf(world.home, `select state from tracked_tasks where task_id = '${taskIdOf(5)}'`)).toEqual([
    { state: "succeeded" },
  ]);
  expect(world.problems()).toEqual([]);
});

function port(): number {
  return Number(new URL(receiver.url).port);
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { expectCode } from "../helpers/expect-code.ts";
import { rowsOf } from "../helpers/archive-copy.ts";
import { makeWorld, TOKEN } from "../helpers/world.ts";
import { call, connect } from "../mcp/connected.ts";
import { serveHome } from "./served.ts";
import { taskIdOf } from "../stand-in/make-record.ts";

vi.setConfig({ testTimeout: 60_000 });

test("one process keeps the archive up to date, takes callbacks and answers, and its log holds no secret", async () => {
  await using world = await makeWorld({ tasks: 2, tracked: false });
  expectCode(await world.mirror("track", taskIdOf(0)), 0);
  const any = ["--listen", "127.0.0.1:0", "--receive-listen", "127.0.0.1:0", "--public-url", "https://songs.example"];
  const serve = world.start(["serve", "--watch", "--receive", "--track-new", "--json", ...any]);
  await vi.waitFor(() => expect(serve.output().stdout).toContain("\n"), { timeout: 30_000 });
  const { listening } = JSON.parse(serve.output().stdout) as { listening: { serve: string; receive: string } };
  await vi.waitFor(async () => expect((await fetch(`${listening.serve}/readyz`)).status).toBe(200), {
    timeout: 30_000,
  });
  const url = (await world.mirror("receive", "--url", "--public-url", "https://songs.example")).stdout.trim();
  expect(url).toMatch(/^https:\/\/songs\.example\/callbacks\/pmcb_/);
  const body = JSON.stringify({ task_id: taskIdOf(1), success: true, data: [] });
  const sent = await fetch(url.replace("https://songs.example", listening.receive), { method: "POST", body });
  expect(sent.status).toBe(200);
  const settled = "select count(*) as n from tracked_tasks where state = 'succeeded'";
  await vi.waitFor(() => expect(rowsOf(world.home, settled)).toEqual([{ n: 2 }]), { timeout: 30_000 });
  const second = await world.mirrorWith({}, "serve", "--watch", "--listen", "127.0.0.1:0");
  expectCode(second, 8);
  serve.kill("SIGTERM");
  const { code, stdout, stderr } = await serve.done;
  expect(code).toBe(143);
  const written = stdout + stderr + readFileSync(join(world.home, "lock.db"), "latin1");
  for (const secret of [TOKEN, url.split("/").at(-1) ?? ""]) expect(written).not.toContain(secret);
  expect(world.problems()).toEqual([]);
});

test("where ids come by themselves, no id has to be tracked first: the archive is made, and a callback brings a song", async () => {
  await using world = await makeWorld({ tasks: 2, tracked: false });
  expectCode(await world.mirrorWith({}, "serve", "--watch", "--receive", "--listen", "127.0.0.1:0"), 2);
  const open = await world.mirrorWith({}, "serve", "--pass-on", "reads", "--listen", "0.0.0.0:0");
  expect(expectCode(open, 2).stderr).toContain("there is no key");
  expect(existsSync(world.home)).toBe(false);
  const flags = ["--watch", "--receive", "--track-new", "--receive-listen", "127.0.0.1:0", "--pass-on", "reads"];
  const serve = world.start(["serve", "--json", "--listen", "127.0.0.1:0", ...flags]);
  await vi.waitFor(() => expect(serve.output().stdout).toContain("\n"), { timeout: 60_000 });
  const { listening } = JSON.parse(serve.output().stdout) as { listening: { serve: string; receive: string } };
  const url = (await world.mirror("receive", "--url", "--public-url", listening.receive)).stdout.trim();
  const body = JSON.stringify({ task_id: taskIdOf(1), success: true, data: [] });
  expect((await fetch(url, { method: "POST", body })).status).toBe(200);
  const stored = "select count(*) as n from assets where state = 'stored'";
  await vi.waitFor(() => expect(rowsOf(world.home, stored)).toEqual([{ n: 2 }]), { timeout: 60_000 });
  serve.kill("SIGTERM");
  expect((await serve.done).code).toBe(143);
  expect(world.problems()).toEqual([]);
});

test("an address with our secret is shown without it: show, its JSON, history, exports, the replay and assistants", async () => {
  await using world = await makeWorld({ tasks: 1 });
  const url = (await world.mirror("receive", "--url", "--public-url", "https://songs.example")).stdout.trim();
  const [secret = ""] = url.split("/").slice(-1);
  const id = taskIdOf(0);
  const record = world.standIn.records.get(id) as { request: object };
  for (const address of [url, `${url}?again`]) {
    world.standIn.records.set(id, { ...record, request: { ...record.request, callback_url: address } });
    expectCode(await world.mirror("sync", "--refresh"), 0);
  }
  expect(rowsOf(world.home, "select callback_url from tasks")).toEqual([{ callback_url: `${url}?again` }]);
  for (const args of [
    ["show", id],
    ["show", id, "--json"],
    ["show", id, "--raw"],
    ["show", id, "--curl"],
    ["history", id, "--json"],
  ]) {
    const { stdout } = await world.mirror(...args);
    expect(stdout).not.toBe("");
    expect(stdout).not.toContain(secret);
  }
  await using server = await serveHome(world.home);
  for (const asked of [{ id }, { action: "retrieve_batch", ids: [id] }, { action: "retrieve_batch" }]) {
    const body = JSON.stringify(asked);
    const text = await (await fetch(`${server.url}/producer/tasks`, { method: "POST", body })).text();
    expect(text).toContain("/callbacks/(hidden)");
    expect(text).not.toContain(secret);
  }
  expect(await (await fetch(`${server.url}/api/tasks/${id}`)).text()).not.toContain(secret);
  await using assistant = await connect(world.home, "2026");
  for (const [tool, args] of [
    ["producer_get_task", { task_id: id }],
    ["producer_get_tasks_batch", { task_ids: [id] }],
  ] as const) {
    const { text } = await call(assistant, tool, args);
    expect(text).toContain("/callbacks/(hidden)");
    expect(text).not.toContain(secret);
  }
  const tables = join(world.folder, "tables");
  expectCode(await world.mirror("export", "tables", tables, "--raw", "--only", "tasks,task_documents"), 0);
  const exported = ["tasks", "task_documents"]
    .map((name) => readFileSync(join(tables, `${name}.csv`), "utf8"))
    .join("");
  expect(exported).toContain("/callbacks/(hidden)");
  expect(exported).not.toContain(secret);
});

test("receive without a public URL, with two actions, and a test that reaches nothing: one line each", async () => {
  await using world = await makeWorld({ tasks: 1 });
  expectCode(await world.mirror("receive", "--url"), 2);
  expectCode(await world.mirror("receive", "--url", "--test"), 2);
  expectCode(await world.mirror("receive", "--log", "xml"), 2);
  const tested = await world.mirror(
    "receive",
    "--test",
    "--public-url",
    "http://127.0.0.1:9",
    "--receive-listen",
    "127.0.0.1:9",
  );
  expectCode(tested, 5);
  expect(tested.stderr).toContain("127.0.0.1:9");
});

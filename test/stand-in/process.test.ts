import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { callApi, fetchBatch } from "./http-client.ts";
import { taskIdOf } from "./make-record.ts";

const PROGRAM = join(import.meta.dirname, "./stand-in-process.ts");
type Child = ChildProcessByStdio<Writable, Readable, null>;
const children: Child[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(...args: string[]) {
  const child: Child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => JSON.parse((await lines.next()).value as string) as Record<string, unknown>;
  const send = (command: unknown) => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    return line();
  };
  return { child, line, send };
}

test("prints its address, runs commands, and ends when stdin closes", async () => {
  const { child, line, send } = start("--tasks", "30", "--ids");
  const { url, tasks, ids, pid } = (await line()) as { url: string; tasks: number; ids: string[]; pid: number };
  expect([tasks, ids.length, pid]).toEqual([30, 30, child.pid]);
  expect((await fetchBatch(url, { ids, limit: 50 })).items).toHaveLength(30);

  expect(await send({ fault: "api", steps: [{ kind: "status", status: 503 }] })).toEqual({ ok: true });
  expect((await callApi(url, { id: taskIdOf(0) })).status).toBe(503);
  expect(await send({ fault: "no such matcher", steps: [] })).toHaveProperty("error");
  expect(await send({ report: true })).toMatchObject({ api: 2, assets: 0, violations: [], faultsLeft: 0 });

  child.stdin.end();
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("accepts faults as a flag and ends on SIGTERM, even while a request hangs", async () => {
  const faults = [{ fault: { id: taskIdOf(1) }, steps: [{ kind: "hang" }], repeat: "forever" }];
  const { child, line } = start("--tasks", "3", "--faults", JSON.stringify(faults));
  const { url } = (await line()) as { url: string };
  const hanging = callApi(url, { id: taskIdOf(1) }).catch(() => "cut");
  expect((await callApi(url, { id: taskIdOf(0) })).status).toBe(200);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await hanging).toBe("cut");
});

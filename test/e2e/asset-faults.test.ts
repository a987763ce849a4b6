import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Fault } from "../stand-in/faults/faults.ts";
import { clipIdOf, makeRecord } from "../stand-in/make-record.ts";
import { rowsOf, type Row } from "../helpers/archive-copy.ts";
import { listTree } from "../helpers/folder-tree.ts";
import { watchMemory } from "../helpers/memory.ts";
import type { Ended } from "../helpers/program.ts";
import { startSentinel, type Sentinel } from "../helpers/sentinel.ts";
import { makeWorld, type World } from "../helpers/world.ts";
import { CASES, ODDITIES, type Kind, type Odd } from "./asset-cases.ts";
import { expectCode } from "../helpers/expect-code.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SONGS = CASES.length + ODDITIES.length;

let sentinel: Sentinel;
let world: World;
let first: Ended;
let rss: number;

beforeAll(async () => {
  sentinel = await startSentinel();
  world = await makeWorld({
    tasks: SONGS,
    env: { PRODUCER_MIRROR_IDLE_TIMEOUT: "1", PRODUCER_MIRROR_CONCURRENCY: "32" },
  });
  for (const [n, { kind, fault }] of CASES.entries()) {
    world.standIn.fault(new RegExp(`/${kind}/${clipIdOf(n)}`), [withLink(fault)], "forever");
  }
  for (const [n, odd] of ODDITIES.entries()) prepare(CASES.length + n, odd);
  const child = world.start(["sync", "--json"]);
  const watched = watchMemory(child.pid);
  first = await child.done;
  rss = watched();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await sentinel.close();
});

function fileOf(n: number, kind: Kind): Row | undefined {
  return rowsOf(world.home, "select * from assets where clip_id = ? and kind = ?", clipIdOf(n), kind)[0];
}

test("exit 3, the counts say what failed, and nothing bad has a final name", () => {
  expectCode(first, 3);
  expect(first.json).toMatchObject({
    outcome: "incomplete",
    assets: { stored: 2 * SONGS - CASES.length, failed: CASES.length, gone: 0 },
    error: { exit: 3 },
  });
  expect(world.problems()).toEqual([]);
});

test.for(CASES.map((one, n) => [one.title, n, one] as const))("%s is not taken", ([, n, { kind, says }]) => {
  const row = fileOf(n, kind);
  expect(row).toMatchObject({ state: "failed", path: null, sha256: null, stored_at: null });
  expect(row?.["last_error"]).toMatch(says);
  expect(row?.["next_attempt_at"]).toBeTypeOf("number");
  expect(fileOf(n, kind === "audio" ? "image" : "audio")).toMatchObject({ state: "stored" });
});

test.for(ODDITIES.map((one, n) => [one.title, CASES.length + n, one] as const))(
  "%s is taken",
  ([, n, { kind, ending, row }]) => {
    expect(fileOf(n, kind)).toMatchObject({
      state: "stored",
      path: expect.stringMatching(`${ending}$`) as unknown,
      ...row,
    });
  },
);

test("E74: nobody follows the addresses inside a body", () => {
  expect(sentinel.connections()).toBe(0);
});

test("E69, E76: no bomb and no endless body costs memory or disk", () => {
  expect(rss).toBeLessThan(300e6);
  const kept = listTree(join(world.home, "assets")).filter((found) => found.path.includes(".part"));
  expect(kept.reduce((sum, found) => sum + found.bytes, 0)).toBeLessThan(25e6);
});

test("once the server is well again, the next sync heals all of it", async () => {
  world.standIn.clearFaults();
  const again = await world.mirror("sync", "--json");
  expectCode(again, 0);
  expect(again.json).toMatchObject({
    outcome: "complete",
    assets: { stored: CASES.length, failed: 0 },
    tasks: { asked: 0 },
  });
  expect(world.problems()).toEqual([]);
  expect(listTree(join(world.home, "assets")).filter((found) => found.path.includes(".part"))).toEqual([]);
});

function prepare(n: number, { kind, fault, holds }: Odd): void {
  const url = rowUrl(n, kind);
  if (fault) world.standIn.fault(new RegExp(`/${kind}/${clipIdOf(n)}`), [fault], "forever");
  const body = world.standIn.assets.get(new URL(url).pathname)?.body;
  if (holds && body) world.standIn.assets.set(new URL(url).pathname, holds(body));
}

function rowUrl(n: number, kind: Kind): string {
  const record = makeRecord(n, {}, { assetBase: world.standIn.assetUrl }) as unknown as {
    response: { data: Record<string, string>[] };
  };
  return record.response.data[0]?.[`${kind}_url`] ?? "";
}

/** The address inside a body is one that a careless reader would visit. */
function withLink(fault: Fault | Fault[]): Fault | Fault[] {
  if (Array.isArray(fault)) return fault;
  return fault.kind === "junk" ? { ...fault, link: `http://127.0.0.1:${sentinel.port}/secret` } : fault;
}

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { listTree } from "../../helpers/folder-tree.ts";
import { isAlive } from "../../helpers/is-alive.ts";
import { nightly } from "../../helpers/nightly.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const TASKS = 40;
const SIGNALS = nightly(8, 14);

/** Files come slowly enough that a signal meets requests, downloads and writes alike. */
async function slowWorld(): Promise<World> {
  const world = await makeWorld({ tasks: TASKS });
  world.standIn.fault("api", { kind: "delay", ms: 60 }, "forever");
  world.standIn.faultAtRandom({
    match: "assets",
    rate: 0.5,
    seed: 3,
    steps: [
      { kind: "delay", ms: 80 },
      { kind: "slow", bytesPerSecond: 100_000 },
    ],
  });
  return world;
}

test(`L137: SIGTERM and SIGINT at any time: 143 or 130 within 5 s, a report, and the next sync completes (seed ${SEED})`, async () => {
  await using world = await slowWorld();
  const random = seededRandom(SEED);
  const tracked = join(world.folder, "tracked");
  execFileSync("cp", ["-a", world.home, tracked]);
  const words = ["sync", "--batch-size", "4", "--json"];
  const measured = expectCode(await world.mirror(...words), 0);
  let interrupted = 0;
  for (let round = 0; round < SIGNALS || interrupted < SIGNALS - 2; round++) {
    const [name, code] = round % 2 === 0 ? (["SIGTERM", 143] as const) : (["SIGINT", 130] as const);
    execFileSync("rm", ["-rf", world.home]);
    execFileSync("cp", ["-a", tracked, world.home]);
    const child = world.start(words);
    while (
      !existsSync(join(world.home, "lock.json")) &&
      !(await Promise.race([child.done.then(() => true), sleep(5)]))
    );
    await Promise.race([sleep(random() * (measured.ms - 150)), child.done]);
    child.kill(name);
    const end = await child.done;
    // Node takes its handlers off while it ends: a signal in that moment finds everything done and reported.
    const isTooLate = end.signal === name && (end.json as { outcome?: string } | undefined)?.outcome === "complete";
    if (end.code === 0 || isTooLate) continue;
    interrupted++;
    expectCode(end, code);
    expect(end.json).toMatchObject({ error: { exit: code } });
    expect(world.problems()).toEqual([]);
    const runs = rowsOf(world.home, "select outcome, exit_code from sync_runs");
    expect(runs.filter((run) => run["outcome"] !== "interrupted" || run["exit_code"] !== code)).toEqual([]);
  }
  const last = expectCode(await world.mirror("sync", "--json"), 0);
  expect(last.json).toMatchObject({ outcome: "complete" });
  expect(rowsOf(world.home, "select 1 from assets where state = 'stored'")).toHaveLength(2 * TASKS);
  expect(world.problems()).toEqual([]);
});

test.concurrent("L137: what was finished before the signal is kept and counted in the report", async () => {
  await using world = await makeWorld({ tasks: 4 });
  world.standIn.fault(/\.jpg/, { kind: "hang" }, "forever");
  const child = world.start(["sync", "--json"]);
  while (songsOnDisk(world) < 4) await sleep(20);
  await sleep(500);
  child.kill("SIGINT");
  const end = expectCode(await child.done, 130);
  expect(end.json).toMatchObject({
    outcome: "interrupted",
    tasks: { new: 4 },
    assets: { stored: 4, failed: 0 },
    error: { code: "interrupted", exit: 130 },
  });
  expect(world.problems()).toEqual([]);
  const human = world.start(["sync"]);
  const asked = world.standIn.assetRequests().length;
  while (world.standIn.assetRequests().length === asked) await sleep(20);
  human.kill("SIGTERM");
  expect(expectCode(await human.done, 143).stdout).toMatch(/4 songs|0 songs safe[\s\S]*interrupted/);
});

function songsOnDisk({ home }: World): number {
  const assets = join(home, "assets");
  return existsSync(assets) ? listTree(assets).filter((found) => found.path.endsWith(".m4a")).length : 0;
}

test.concurrent("L138: the first Ctrl-C says that a second ends at once, and it does", async () => {
  await using world = await makeWorld({ tasks: 30 });
  world.standIn.fault("api", { kind: "hang" }, "forever");
  const child = world.start(["sync"]);
  while (world.standIn.apiRequests().length === 0) await sleep(10);
  // Stopped, so that both signals are there when it looks: the second one meets the first in hand.
  child.kill("SIGSTOP");
  child.kill("SIGINT");
  child.kill("SIGCONT");
  while (!child.output().stderr.includes("Ctrl-C") && child.child.exitCode === null) await sleep(5);
  expect(child.output().stderr).toMatch(/Ctrl-C again ends at once/);
  child.kill("SIGINT");
  expectCode(await child.done, 130);
  expect(world.problems()).toEqual([]);
  world.standIn.clearFaults();
  expectCode(await world.mirror("sync"), 0);
  expect(world.problems()).toEqual([]);
});

test.concurrent("watch ends with 143, at rest and at work", async () => {
  await using world = await makeWorld({ tasks: 2 });
  const idle = world.start(["watch", "--json"]);
  while (!idle.output().stdout.includes("outcome")) await sleep(20);
  idle.kill("SIGTERM");
  expectCode(await idle.done, 143);
  world.standIn.fault("api", { kind: "hang" }, "forever");
  expectCode(await world.mirror("track", "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad"), 0);
  const busy = world.start(["watch"]);
  const asked = world.standIn.apiRequests().length;
  while (world.standIn.apiRequests().length === asked) await sleep(20);
  busy.kill("SIGINT");
  expectCode(await busy.done, 130);
  expect(world.problems()).toEqual([]);
});

test.concurrent.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("L137: a query at %s ends with %i, and its process with it", async (name, code) => {
  await using world = await makeWorld({ tasks: 1 });
  const endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select count(*) from n";
  const child = world.start(["sql", endless, "--timeout", "1m", "--json"]);
  const children = `/proc/${child.pid}/task/${child.pid}/children`;
  const query = () => Number(existsSync(children) ? readFileSync(children, "utf8").trim() : 0);
  while (query() === 0) await sleep(10);
  const pid = query();
  await sleep(300);
  expect(isAlive(pid)).toBe(true);
  child.kill(name);
  expect(expectCode(await child.done, code).json).toMatchObject({ error: { exit: code } });
  expect(isAlive(pid)).toBe(false);
});

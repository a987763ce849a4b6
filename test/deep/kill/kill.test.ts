import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { listTree } from "../../helpers/folder-tree.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { examine } from "../../helpers/oracle/oracle.ts";
import { startProgram, type Ended } from "../../helpers/program.ts";
import { nightly } from "../../helpers/nightly.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { remoteBytes, startRemoteStandIn, type RemoteStandIn } from "../../helpers/stand-in-process.ts";
import { environment, makeWorld, TOKEN } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });

const TASKS = 200;
const HOMES = nightly(3, 40);
const KILLS_EACH = 5;

let folder: string;
let service: RemoteStandIn;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mirror-kill-"));
  service = await startRemoteStandIn("--tasks", String(TASKS), "--token", TOKEN);
  env = environment({ folder, home: join(folder, "tracked"), url: service.url, assetHost: service.assetHost });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function sync(home: string) {
  return startProgram(["sync", "--json"], { cwd: folder, env: { ...env, PRODUCER_MIRROR_HOME: home } });
}

function problems(home: string): string[] {
  return examine({ home, bytesOf: (url) => remoteBytes(url) });
}

/** Kills the child after a while; false when it had ended before. */
async function killAfter(child: ReturnType<typeof sync>, ms: number): Promise<boolean> {
  await Promise.race([sleep(ms), child.done]);
  child.kill("SIGKILL");
  return (await child.done).signal === "SIGKILL";
}

function copyOf(home: string, name: string): string {
  const copy = join(folder, name);
  execFileSync("cp", ["-a", home, copy]);
  return copy;
}

test(`A1: SIGKILL at any moment of a sync of ${TASKS} tasks leaves nothing that the next run does not repair (seed ${SEED})`, async () => {
  console.log(`A1: seed ${SEED}`);
  const random = seededRandom(SEED);
  const tracked = join(folder, "tracked");
  const ids = startProgram(["track", "-"], { cwd: folder, env, input: service.ids.join("\n") });
  expect(await ids.done).toMatchObject({ code: 0 });
  const whole = copyOf(tracked, "whole");
  const measured = await sync(whole).done;
  expectCode(measured, 0);
  expect(problems(whole)).toEqual([]);

  let kills = 0;
  for (let round = 0; round < HOMES || kills < HOMES * KILLS_EACH; round++) {
    const home = copyOf(tracked, `home-${round}`);
    let left = measured.ms;
    for (let kill = 0; kill < KILLS_EACH; kill++) {
      const at = random() * left;
      if (!(await killAfter(sync(home), at))) break;
      kills++;
      const moment = { seed: SEED, round, kill, at };
      expect({ ...moment, problems: problems(home) }).toEqual({ ...moment, problems: [] });
      left = Math.max(300, left - at);
    }
    expectWhole(await sync(home).done, home);
    await rm(home, { recursive: true });
  }
  console.log(`A1: ${kills} kills`);
  expect(kills).toBeGreaterThanOrEqual(HOMES * KILLS_EACH);
  expect((await service.report()).violations).toEqual([]);
});

/** Exit 0, every file there and byte for byte, and nothing left over. */
function expectWhole(end: Ended, home: string): void {
  expectCode(end, 0);
  expect(end.json).toMatchObject({ outcome: "complete" });
  expect(problems(home)).toEqual([]);
  expect(rowsOf(home, "select state, count(*) as count from assets group by state")).toEqual([
    { state: "stored", count: 2 * TASKS },
  ]);
  expect(rowsOf(home, "select count(*) as count from tasks where state = 'succeeded'")).toEqual([{ count: TASKS }]);
  const files = listTree(join(home, "assets"))
    .filter((found) => found.type === "file")
    .map((found) => found.path);
  expect(files.filter((path) => path.includes(".part"))).toEqual([]);
  expect(files).toHaveLength(2 * TASKS + 1);
}

test(`A1: SIGKILL while a batch is being saved keeps all of it or nothing (seed ${SEED})`, async () => {
  const random = seededRandom(SEED + 1);
  await using world = await makeWorld({ tasks: TASKS });
  const tracked = join(folder, "to-save");
  execFileSync("cp", ["-a", world.home, tracked]);
  let met = 0;
  for (let round = 0; round < 24; round++) {
    await rm(world.home, { recursive: true });
    execFileSync("cp", ["-a", tracked, world.home]);
    world.standIn.reset();
    const child = world.start(["sync", "--no-assets"]);
    while (world.standIn.apiRequests().length === 0 && child.child.exitCode === null) await sleep(1);
    if (await killAfter(child, 10 + random() * 50)) met++;
    const moment = { seed: SEED, round };
    expect({ ...moment, problems: world.problems() }).toEqual({ ...moment, problems: [] });
    expect(Number(rowsOf(world.home, "select count(*) as count from tasks")[0]?.["count"]) % 50).toBe(0);
  }
  expect(met).toBeGreaterThan(12);
});

test(`A1: SIGKILL of the very first track leaves no half archive (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const start = (home: string) =>
    startProgram(["track", "--json", ...service.ids.slice(0, 5)], {
      cwd: folder,
      env: { ...env, PRODUCER_MIRROR_HOME: home },
    });
  const measured = await start(join(folder, "first")).done;
  for (let round = 0; round < 8; round++) {
    const home = join(folder, `first-${round}`);
    await killAfter(start(home), (0.3 + 0.7 * random()) * measured.ms);
    expect(problems(home)).toEqual([]);
    const again = await start(home).done;
    expectCode(again, 0);
    expect(rowsOf(home, "select count(*) as count from tracked_tasks")).toEqual([{ count: 5 }]);
    expect(problems(home)).toEqual([]);
    expect(
      listTree(home)
        .map((found) => found.path)
        .filter((path) => path.includes(".new")),
    ).toEqual([]);
  }
});

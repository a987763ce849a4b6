import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { openForReading } from "../../../src/app/archive.ts";
import { loadConfig } from "../../../src/config.ts";
import { editArchive, rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree } from "../../helpers/folder-tree.ts";
import type { Ended } from "../../helpers/program.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Each answer takes a while, so that a run can be met at work. */
function slowDown({ standIn }: World, ms: number): void {
  standIn.fault("api", { kind: "delay", ms }, "forever");
}

async function untilAsked({ standIn }: World): Promise<void> {
  while (standIn.apiRequests().length === 0) await sleep(10);
}

function expectLocked(end: Ended, pid: number): void {
  expectCode(end, 8);
  expect(end.json).toMatchObject({
    error: {
      code: "locked",
      exit: 8,
      message: expect.stringMatching(new RegExp(`pid ${pid} on .*since \\d{4}-\\d\\d-\\d\\dT`)) as unknown,
    },
  });
}

test("C31: 2 to 6 syncs at once: one runs, the others end with 8 and name it, each task is asked once", async () => {
  for (const many of [2, 4, 6]) {
    await using world = await makeWorld({ tasks: 4 });
    slowDown(world, 1000);
    const runs = Array.from({ length: many }, () => world.start(["sync", "--json"]));
    await untilAsked(world);
    const ends = await Promise.all(runs.map((run) => run.done));
    for (const end of ends) if (end.code !== 0) expectCode(end, 8);
    const winner = ends.findIndex((end) => end.code === 0);
    expect(ends.map((end) => end.code).toSorted((one, other) => Number(one) - Number(other))).toEqual([
      0,
      ...Array<number>(many - 1).fill(8),
    ]);
    for (const end of ends) if (end.code === 8) expectLocked(end, runs[winner]?.pid ?? 0);
    expect(world.standIn.apiRequests().flatMap((request) => request.ids)).toHaveLength(4);
    expect(rowsOf(world.home, "select outcome from sync_runs")).toEqual([{ outcome: "complete" }]);
    expect(world.problems()).toEqual([]);
  }
});

test("C31: whoever comes second ends while the first still runs", async () => {
  await using world = await makeWorld({ tasks: 4 });
  slowDown(world, 4000);
  const first = world.start(["sync"]);
  await untilAsked(world);
  expectCode(await world.mirror("status"), 0);
  expectLocked(await world.mirror("sync", "--json"), first.pid);
  expect(first.child.exitCode).toBeNull();
  expectCode(await first.done, 0);
});

test("C32: SIGKILL of the holder frees the lock at once; a note that names a living process is no lock", async () => {
  await using world = await makeWorld({ tasks: 3 });
  world.standIn.fault("api", { kind: "hang" });
  const first = world.start(["sync"]);
  await untilAsked(world);
  first.kill("SIGKILL");
  await first.done;
  const note = { pid: process.pid, host: "here", command: "sync", since: new Date().toISOString() };
  writeFileSync(join(world.home, "lock.json"), JSON.stringify(note), { mode: 0o600 });
  const next = expectCode(await world.mirror("sync", "--json"), 0);
  expect(next.stderr).not.toMatch(/lock|stale/i);
  expect(world.problems()).toEqual([]);
});

test("C33: 200 reads while syncs run: none is refused, none sees half a task", async () => {
  await using world = await makeWorld({ tasks: 100 });
  slowDown(world, 100);
  let running = true;
  const sync = async () => {
    const ends: Ended[] = [];
    for (let round = 0; running; round++) {
      ends.push(await world.mirror("sync", "--refresh", "--batch-size", "5", "--json"));
      for (const id of world.ids.slice(0, 50)) editRecord(world, id, round);
    }
    return ends;
  };
  const syncing = sync();
  await untilAsked(world);
  const commands = await Promise.all([readByCommand(world), readByCommand(world)]);
  const torn = await readAsCommandsDo(world, 200 - commands.flat().length);
  running = false;
  for (const end of [...commands.flat(), ...(await syncing)]) expectCode(end, 0);
  expect(torn).toEqual([]);
  expect(commands.flat().filter((end) => /BUSY|busy|locked/.test(end.stderr))).toEqual([]);
  expect(world.problems()).toEqual([]);
});

async function readByCommand(world: World): Promise<Ended[]> {
  const ends: Ended[] = [];
  for (let round = 0; round < 5; round++) {
    for (const words of [["clips"], ["status"], ["tasks"], ["search", "rain"]])
      ends.push(await world.mirror(...words, "--json"));
  }
  return ends;
}

/** Opens the archive again each time, as every reading command does; gives the reads that saw half a task. */
async function readAsCommandsDo({ home, folder }: World, times: number): Promise<unknown[]> {
  const config = loadConfig({ home }, {}, folder);
  const torn: unknown[] = [];
  for (let n = 0; n < times; n++) {
    using archive = await openForReading(config);
    const half = archive.db.$client.prepare(
      "select id from tasks t where state = 'succeeded' and (select count(*) from task_clips join clips on clips.id = clip_id where task_clips.task_id = t.id) <> 1 or (select count(*) from assets where task_id = t.id) <> 2",
    );
    torn.push(...half.all());
    await sleep(15);
  }
  return torn;
}

/** A change upstream, so that a refresh has something to write. */
function editRecord({ standIn }: World, id: string, round: number): void {
  const record = JSON.parse(JSON.stringify(standIn.records.get(id))) as { response: { data: { title: string }[] } };
  for (const clip of record.response.data) clip.title = `round ${round}`;
  standIn.records.set(id, record);
}

const EVERY_COMMAND = [
  ["sync"],
  ["sync", "-n"],
  ["status"],
  ["clips"],
  ["tasks"],
  ["search", "rain"],
  ["stats"],
  ["sql", "select 1"],
  ["show", "x"],
  ["track", "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad"],
  ["untrack", "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad"],
  ["import", "record.json"],
  ["tag", "x", "+calm"],
  ["watch"],
];

test("C37: an archive of a newer version: every command ends with 9, and nothing in it changes", async () => {
  await using world = await makeWorld({ tasks: 1 });
  expectCode(await world.mirror("sync"), 0);
  writeFileSync(join(world.folder, "record.json"), JSON.stringify(world.standIn.records.get(world.ids[0] ?? "")));
  const [version] = rowsOf(world.home, "pragma user_version");
  editArchive(world.home, `pragma user_version = ${Number(version?.["user_version"]) + 1}`);
  const before = digestTree(world.home, (path) => path.startsWith("lock"));
  const asked = world.standIn.requests.length;
  for (const words of EVERY_COMMAND) {
    const end = expectCode(await world.mirror(...words), 9);
    expect(end.stderr).toMatch(/newer producer-mirror/);
    expect(digestTree(world.home, (path) => /^lock|-(wal|shm)$/.test(path))).toEqual(before);
  }
  expect(world.standIn.requests.length).toBe(asked);
});

test("L140: watch and sync at once, and two watches: the second ends with 8, reading goes on", async () => {
  await using world = await makeWorld({ tasks: 3 });
  slowDown(world, 3000);
  const watch = world.start(["watch", "--cron", "*/15 * * * *", "--json"]);
  await untilAsked(world);
  expectLocked(await world.mirror("sync", "--json"), watch.pid);
  expectCode(await world.mirror("watch", "--json"), 8);
  expectCode(await world.mirror("status"), 0);
  while (!watch.output().stdout.includes("complete")) await sleep(50);
  expectCode(await world.mirror("sync", "--refresh"), 0);
  watch.kill("SIGTERM");
  const end = expectCode(await watch.done, 143);
  expect(
    end.stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { outcome?: string }).outcome),
  ).toContain("complete");
  expect(world.problems()).toEqual([]);
});

test("L140: a watch that is started during a sync ends with 8", async () => {
  await using world = await makeWorld({ tasks: 3 });
  slowDown(world, 2000);
  const sync = world.start(["sync"]);
  await untilAsked(world);
  expectLocked(await world.mirror("watch", "--json"), sync.pid);
  expect(await sync.done).toMatchObject({ code: 0 });
});

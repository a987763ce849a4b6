import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { connect } from "../../../src/db/connection.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const STRANGER = "11111111-2222-4333-8444-555555555555";

/** Until a process has the database open, and so waits for the one who writes it. */
async function untilOpen(pid: number, path: string): Promise<void> {
  const folder = `/proc/${pid}/fd`;
  const target = (name: string) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      return "";
    }
  };
  while (!readdirSync(folder).some((name) => target(name) === path)) await sleep(5);
}

test("what waits to be written while a restore puts another archive in place is written there, or stops the restore", async () => {
  await using world = await makeWorld({ tasks: 2 });
  expectCode(await world.mirror("sync"), 0);
  const copy = join(world.home, "..", "copy");
  expectCode(await world.mirror("backup", copy), 0);
  const [task] = rowsOf(world.home, "select task_id as id from tracked_tasks order by 1") as [{ id: string }];
  const ends = [];
  for (const [query, ...words] of [
    ["select count(*) as found from clip_tags", "tag", task.id, "+calm"],
    [`select count(*) as found from tracked_tasks where task_id = '${STRANGER}'`, "track", STRANGER],
    ["select count(*) as found from tracked_tasks where untracked_at is not null", "untrack", task.id],
  ] as [string, ...string[]][]) {
    expectCode(await world.mirror("backup", copy, "--keep", "1"), 0);
    const path = join(world.home, "archive.db");
    const { $client: busy } = connect(path);
    busy.exec("begin immediate");
    const run = world.start([...words, "--json"]);
    await untilOpen(run.pid, path);
    const restore = world.start(["restore", copy, "--json"]);
    await untilOpen(restore.pid, path);
    await sleep(300);
    busy.exec("commit");
    busy.close();
    expectCode(await run.done, 0);
    const restored = await restore.done;
    // Whichever comes first: the restore, or the change, of which the restore then knows before its end or at it.
    expect(["restored", "changed", "newer_here"]).toContain(
      restored.code === 0 ? "restored" : (restored.json as { error: { code: string } }).error.code,
    );
    expectCode(await world.mirror("verify", "--full"), 0);
    ends.push(rowsOf(world.home, query));
  }
  expect(ends).toEqual([[{ found: 1 }], [{ found: 1 }], [{ found: 1 }]]);
  expect(rowsOf(world.home, "select task_id as id from tracked_tasks where untracked_at is not null")).toEqual([task]);
});

test("what discover found while a restore put another archive in place is not reported as tracked", async () => {
  await using world = await makeWorld({ tasks: 3, tracked: false });
  expectCode(await world.mirror("track", world.ids[0] ?? ""), 0);
  expectCode(await world.mirror("sync"), 0);
  const copy = join(world.home, "..", "copy");
  expectCode(await world.mirror("backup", copy), 0);
  world.standIn.reset();
  world.standIn.fault("api", { kind: "delay", ms: 1500 });
  const run = world.start(["discover", "--json"]);
  await vi.waitUntil(() => world.standIn.requests.length > 0, 10_000);
  run.kill("SIGSTOP");
  expectCode(await world.mirror("restore", copy), 0);
  run.kill("SIGCONT");
  const end = await run.done;
  expectCode(end, 8);
  expect(end.json).toMatchObject({ error: { code: "replaced", exit: 8 } });
  const tracked = "select task_id as id from tracked_tasks order by 1";
  expect(rowsOf(world.home, tracked)).toEqual([{ id: world.ids[0] }]);
  expectCode(await world.mirror("verify", "--full"), 0);
  expectCode(await world.mirror("discover"), 0);
  expect(rowsOf(world.home, tracked)).toHaveLength(3);
});

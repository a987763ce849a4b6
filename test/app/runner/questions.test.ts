import { expect, test, vi } from "vitest";
import { editArchive, rowsOf } from "../../helpers/archive-copy.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { clipIdOf, makeRecord, taskIdOf } from "../../stand-in/make-record.ts";
import { configOf, ended, run } from "./running.ts";

vi.setConfig({ testTimeout: 60_000 });

/** A task that is pending for so many questions, then finished. */
function addSong(world: World, n: number, pendingFor: number): string {
  const id = taskIdOf(n);
  const whole = makeRecord(n, {}, { assetBase: world.standIn.assetUrl });
  const pending = { ...whole, response: null, finished_at: undefined, created_at: Date.now() / 1000 };
  world.standIn.records.set(id, (asked) => (asked < pendingFor ? pending : whole));
  return id;
}

test("a task that is tracked while it runs is asked for until its song is safe, and only new songs are reported", async () => {
  await using world = await makeWorld({ tasks: 2 });
  await using running = await run(world);
  await running.until(({ events }) => ended(events, "tick") === 1);
  expect(running.reported()).toEqual(["run.complete"]);
  const id = addSong(world, 0, 0);
  world.standIn.reset();
  await world.mirror("track", taskIdOf(7), id);
  expect(addSong(world, 7, 1)).toBe(taskIdOf(7));
  await running.until(({ reported }) => reported().includes("song.safe"));
  const [reported] = running.events.flatMap((event) =>
    event.type === "happened" && event.happening.event === "song.safe" ? [event.happening] : [],
  );
  expect(reported).toMatchObject({
    clip: { id: clipIdOf(7), files: { audio: expect.stringContaining(clipIdOf(7)) as string } },
  });
  expect(rowsOf(world.home, "select count(*) as runs from sync_runs")).toEqual([{ runs: 1 }]);
  expect(world.problems()).toEqual([]);
});

test("many ids that are asked for at once are one question, and what has ended is none", async () => {
  await using world = await makeWorld({ tasks: 3 });
  await using running = await run(world, { schedule: undefined });
  world.standIn.reset();
  for (let nth = 0; nth < 100; nth++) running.runner.fetchSoon(world.ids);
  await running.until(({ events }) => ended(events, "question") === 1);
  running.runner.fetchSoon(world.ids);
  await running.runner.stop(new Error("SIGTERM"));
  expect(world.standIn.apiRequests()).toHaveLength(1);
});

test("a new id that the API does not know yet is asked for again soon, and does not count as missing", async () => {
  await using world = await makeWorld({ tasks: 1 });
  await using running = await run(world);
  await running.until(({ events }) => ended(events, "tick") === 1);
  const id = taskIdOf(9);
  await world.mirror("track", id);
  await running.until(({ events }) => ended(events, "question") === 1);
  const row = `select not_seen, state, next_check_at - last_checked_at as wait from tracked_tasks where task_id = '${id}'`;
  expect(rowsOf(world.home, row)).toEqual([{ not_seen: 0, state: "pending", wait: 10_000 }]);
  editArchive(
    world.home,
    `update tracked_tasks set added_at = added_at - 3600000, next_check_at = 0 where task_id = '${id}'`,
  );
  await running.until(({ events }) => ended(events, "question") === 2);
  expect(rowsOf(world.home, row)).toEqual([{ not_seen: 1, state: "pending", wait: 600_000 }]);
});

test("a refused token is not tried again, and another one is, at once", async () => {
  await using world = await makeWorld({ tasks: 1 });
  let token = "old-token-000000000000";
  await using running = await run(world, {}, () => configOf(world, { token }));
  await running.until(({ events }) => ended(events, "tick") === 1);
  expect(running.reported()).toEqual(["run.failed"]);
  token = configOf(world).token ?? "";
  running.runner.fetchSoon(world.ids);
  await running.until(({ events }) => ended(events, "question") === 1);
  expect(world.standIn.apiRequests()).toHaveLength(2);
  expect(rowsOf(world.home, "select state from tracked_tasks")).toEqual([{ state: "succeeded" }]);
});

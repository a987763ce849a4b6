import { expect, test, vi } from "vitest";
import { editArchive, rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const REFUSED = { kind: "status", status: 401, code: "invalid_token", message: "no" } as const;

/** What `watch --json` says in its first runs, one a second; the one that its end interrupts is left out. */
async function watched(world: World, ticks: number): Promise<Record<string, unknown>[]> {
  const watch = world.start(["watch", "--json", "--cron", "* * * * * *"]);
  const lines = () => watch.output().stdout.split("\n").slice(0, -1);
  while (lines().length < ticks && watch.child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  watch.kill("SIGTERM");
  expectCode(await watch.done, 143);
  return lines()
    .slice(0, ticks)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a tick that asks nothing because the token was refused is no good run, also after a restart", async () => {
  await using world = await makeWorld({ tasks: 1 });
  world.standIn.fault("api", REFUSED, "forever");
  const reported = [...(await watched(world, 2)), ...(await watched(world, 1))];
  expect(world.standIn.apiRequests()).toHaveLength(1);
  for (const line of reported)
    expect(line).toMatchObject({ outcome: "failed", error: { exit: 6, code: "invalid_token" } });
  expect(reported[1]).toMatchObject({
    requests: 0,
    error: { message: expect.stringContaining("the next request is after") as unknown },
  });
  expect(
    rowsOf(world.home, "select distinct outcome, exit_code from sync_runs where outcome <> 'interrupted'"),
  ).toEqual([{ outcome: "failed", exit_code: 6 }]);
  expectCode(await world.mirror("status", "--max-age", "2d"), 3);
  world.standIn.clearFaults();
  expectCode(await world.mirror("sync"), 0);
  expectCode(await world.mirror("status", "--max-age", "2d"), 0);
});

test("files that are wanted are fetched while a refused token waits", async () => {
  await using world = await makeWorld({ tasks: 1 });
  expectCode(await world.mirror("sync", "--no-assets"), 0);
  world.standIn.fault("api", REFUSED, "forever");
  world.standIn.fault("assets", { kind: "status", status: 404 }, "each");
  expectCode(await world.mirror("sync", "--refresh"), 6);
  world.standIn.clearFaults();
  const [line] = await watched(world, 1);
  expect(line).toMatchObject({ outcome: "failed", requests: 0 });
  expect(world.problems()).toEqual([]);
});

test("after the wait, which doubles with each refusal, watch asks again", async () => {
  await using world = await makeWorld({ tasks: 1 });
  world.standIn.fault("api", REFUSED, "forever");
  await watched(world, 1);
  const ageLastRefusal = (hours: number) =>
    editArchive(
      world.home,
      `update sync_runs set finished_at = ${Date.now() - hours * 3_600_000 - 1000} where requests > 0`,
    );
  for (const [hours, asked] of [
    [0.99, 1],
    [1, 2],
    [1.99, 2],
    [2, 3],
    [4, 4],
  ] as const) {
    ageLastRefusal(hours);
    await watched(world, 1);
    expect({ hours, asked: world.standIn.apiRequests().length }).toEqual({ hours, asked });
  }
  world.standIn.clearFaults();
  ageLastRefusal(8);
  const [line] = await watched(world, 1);
  expect(line).toMatchObject({ outcome: "complete", assets: { stored: 2 } });
});

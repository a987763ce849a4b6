import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000 });

test("L141: stopped for longer than a download may pause, then continued: all is there in the end", async () => {
  await using world = await makeWorld({ tasks: 6, standIn: { padTo: 300_000 } });
  world.standIn.fault("assets", { kind: "slow", bytesPerSecond: 150_000 }, "each");
  const child = world.start(["sync", "--idle-timeout", "3"]);
  while (world.standIn.assetRequests().length < 6 && child.child.exitCode === null) await sleep(5);
  child.kill("SIGSTOP");
  await sleep(5000);
  child.kill("SIGCONT");
  const end = await child.done;
  expect([0, 3]).toContain(end.code);
  expect(world.problems()).toEqual([]);
  expectCode(await world.mirror("sync"), 0);
  expect(world.problems()).toEqual([]);
});

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { nightly } from "../../helpers/nightly.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { makeWorld } from "../../helpers/world.ts";
import { taskIdOf } from "../../stand-in/make-record.ts";
import { startServe } from "../service/served-process.ts";

vi.setConfig({ testTimeout: 1_800_000 });

const ROUNDS = nightly(6, 60);
const SENDERS = 8;

test(`A6: SIGKILL while callbacks are saved: what was answered with 2xx is in the archive (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  await using world = await makeWorld({ tasks: 5000, tracked: false });
  expectCode(await world.mirror("track", taskIdOf(0)), 0);
  const known = new Set<string>();
  let next = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const serve = await startServe(world, "--receive", "--receive-listen", "127.0.0.1:0", "--track-new");
    const address = await world.mirror("receive", "--url", "--public-url", serve.receiveUrl ?? "");
    const url = expectCode(address, 0).stdout.trim();
    const send = async () => {
      for (;;) {
        const id = taskIdOf(next++);
        const body = JSON.stringify({ task_id: id, success: true, data: [] });
        const status = await fetch(url, { method: "POST", body }).then(
          (response) => response.status,
          () => undefined,
        );
        if (status === undefined) return;
        if (status === 200) known.add(id);
      }
    };
    const before = known.size;
    const senders = Array.from({ length: SENDERS }, send);
    await vi.waitUntil(() => known.size > before, { timeout: 60_000 });
    await sleep(random() * 400);
    serve.running.kill("SIGKILL");
    await Promise.all([serve.running.done, ...senders]);
    const tracked = new Set(rowsOf(world.home, "select task_id from tracked_tasks").map((row) => row["task_id"]));
    expect({ round, lost: [...known].filter((id) => !tracked.has(id)) }).toEqual({ round, lost: [] });
    expectCode(await world.mirror("verify", "--full"), 0);
  }
  const saved = rowsOf(world.home, "select distinct task_id from task_documents where kind in ('result', 'record')");
  expect(saved.length).toBeGreaterThanOrEqual(known.size);
  expect(known.size).toBeGreaterThan(ROUNDS);
});

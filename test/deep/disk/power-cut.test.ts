import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { archiveContents, type Contents } from "../../helpers/archive-contents.ts";
import { withCopy } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { nightly } from "../../helpers/nightly.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const CUTS = nightly(8, 50);

let world: World;
let killed: string;
let whole: Contents;

/** A home as a killed sync leaves it, its write-ahead log full. */
beforeAll(async () => {
  world = await makeWorld({ tasks: 30 });
  const tracked = `${world.home}-tracked`;
  execFileSync("cp", ["-a", world.home, tracked]);
  expectCode(await world.mirror("sync"), 0);
  whole = archiveContents(world.home);
  put(tracked);
  const child = world.start(["sync"]);
  while (world.standIn.assetRequests().length < 90 && child.child.exitCode === null) await sleep(2);
  child.kill("SIGKILL");
  await child.done;
  killed = `${world.home}-killed`;
  execFileSync("cp", ["-a", world.home, killed]);
});
afterAll(() => world[Symbol.asyncDispose]());

function put(from: string): void {
  rmSync(world.home, { recursive: true, force: true });
  execFileSync("cp", ["-a", from, world.home]);
}

function integrity(): unknown {
  return withCopy(world.home, (db) => db.pragma("integrity_check", { simple: true }));
}

describe("what a power cut can take, after a kill", () => {
  test(`A8: the log cut at ${CUTS} random lengths, its last page zeroed: opens, whole, and what lies there is not fetched again (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    for (let round = 0; round < CUTS; round++) {
      put(killed);
      const log = join(world.home, "archive.db-wal");
      const bytes = readFileSync(log);
      const length = Math.floor(random() * bytes.length);
      if (round % 2 === 0) truncateSync(log, length);
      else writeFileSync(log, Buffer.from(bytes).fill(0, Math.max(0, length - 4096), length));
      const moment = { seed: SEED, round, length };
      const lying = new Set(Object.keys(archiveContents(world.home).files).filter((path) => !path.includes(".part")));
      expect({ ...moment, integrity: integrity() }).toEqual({ ...moment, integrity: "ok" });
      world.standIn.reset();
      expectCode(await world.mirror("sync"), 0);
      expect({ ...moment, problems: world.problems() }).toEqual({ ...moment, problems: [] });
      expect({ ...moment, ...archiveContents(world.home) }).toEqual({ ...moment, ...whole });
      const fetched = world.standIn.assetRequests().length;
      expect({ ...moment, fetched }).toEqual({ ...moment, fetched: Object.keys(whole.files).length - lying.size });
    }
  });

  test("B29: without its -shm it opens and loses nothing; without its -wal it is older, and the next sync brings the rest", async () => {
    put(killed);
    const before = withCopy(world.home, (db) =>
      db.prepare("select count(*) from assets where state = 'stored'").pluck().get(),
    );
    rmSync(join(world.home, "archive.db-shm"), { force: true });
    const status = expectCode(await world.mirror("status", "--json"), 0).json as { assets: { stored: number } };
    expect(status.assets.stored).toBe(before);

    put(killed);
    rmSync(join(world.home, "archive.db-wal"), { force: true });
    expect(integrity()).toBe("ok");
    world.standIn.reset();
    expectCode(await world.mirror("sync"), 0);
    expect(world.problems()).toEqual([]);
    expect(archiveContents(world.home)).toEqual(whole);
  });
});

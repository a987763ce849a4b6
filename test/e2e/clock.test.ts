import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { clipIdOf, makeLibrary } from "../stand-in/make-record.ts";
import { rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000 });

const HOUR = 3600_000;
const YEAR = 365 * 24 * HOUR;

/** What a program is started with whose clock jumps by so much while it runs. */
function jumping(world: World, by: number): { env: Record<string, string> } {
  const file = join(world.folder, "clock.mjs");
  writeFileSync(
    file,
    `const Real = Date; let asked = 0;
    const now = () => Real.now() + (asked++ > 8 ? ${by} : 0);
    globalThis.Date = class extends Real {
      constructor(...parts) { if (parts.length > 0) super(...parts); else super(now()); }
      static now() { return now(); }
    };`,
  );
  return { env: { NODE_OPTIONS: `--import ${file}` } };
}

/** What a program is started with whose clock is wrong by so much from its start. */
function wrong(world: World, by: number): { env: Record<string, string> } {
  const { env } = jumping(world, by);
  const file = join(world.folder, "clock.mjs");
  writeFileSync(file, readFileSync(file, "utf8").replace("asked++ > 8", "asked++ >= 0"));
  return { env };
}

test.for([
  ["in 1970", -56 * YEAR],
  ["a year ahead", YEAR],
] as const)("28: one run with the clock %s decides nothing that takes time", async ([, by]) => {
  await using world = await makeWorld({ tasks: 6 });
  const song = () =>
    rowsOf(world.home, "select state, misses from assets where kind = 'audio' and clip_id = ?", clipIdOf(0));
  world.standIn.fault(new RegExp(`/audio/${clipIdOf(0)}`), { kind: "status", status: 404 }, "forever");
  expectCode(await world.mirror("sync"), 3);
  expectCode(await world.mirror("rm", clipIdOf(1)), 0);
  expectCode(await world.mirrorWith(wrong(world, by), "sync"), 3);
  expect(song()).toMatchObject([{ state: "failed" }]);
  expect(expectCode(await world.mirrorWith(wrong(world, by), "status", "--json"), 0).json).toMatchObject({
    tracked: { stale: 0 },
  });
  expectCode(await world.mirror("sync"), 3);
  expect(song()).toMatchObject([{ state: "failed", misses: 3 }]);
  expect(expectCode(await world.mirror("rm", "--undo", clipIdOf(1), "--json"), 0).json).toMatchObject({
    files: 2,
    toFetch: 0,
  });
  expectCode(await world.mirror("status", "--max-age", "2d"), 3);
  // Right again, the file is due by schedule at once, whatever that run has planned for it.
  expectCode(await world.mirrorWith(wrong(world, by), "sync"), 3);
  expect(expectCode(await world.mirror("watch", "--dry-run", "--json"), 0).json).toMatchObject({
    assets: { wanted: 1 },
  });
  world.standIn.clearFaults();
  expectCode(await world.mirror("sync"), 0);
  expect(song()).toMatchObject([{ state: "stored" }]);
});

type Run = { outcome: string; startedAt: string; finishedAt: string };

test("D61: a clock that is set back or ahead in a run: it completes, ends after it began, and the next one goes on", async () => {
  for (const by of [-HOUR, -24 * HOUR, YEAR]) {
    await using world = await makeWorld({ tasks: 3 });
    const run = expectCode(await world.mirrorWith(jumping(world, by), "sync", "--json"), 0).json as Run;
    expect(run.outcome).toBe("complete");
    expect(Date.parse(run.finishedAt)).toBeGreaterThanOrEqual(Date.parse(run.startedAt));
    expectCode(await world.mirrorWith(jumping(world, by), "verify", "--full"), 0);
    expectCode(await world.mirror("sync", "--refresh"), 0);
    expectCode(await world.mirror("status", "--max-age", "1h"), 0);
    expect(world.problems()).toEqual([]);
  }
});

test("D61: a complete run that lies in the future is no proof of a recent one", async () => {
  await using world = await makeWorld({ tasks: 1 });
  expectCode(await world.mirrorWith(wrong(world, YEAR), "sync"), 0);
  expect(expectCode(await world.mirror("status", "--max-age", "2d"), 3).stderr).toContain("in the future");
  const { stdout } = await world.mirror("doctor", "--offline");
  expect(stdout).toMatch(/warn {2}last complete run: 36\d days ahead of this clock/);
  expectCode(await world.mirror("sync"), 0);
  expectCode(await world.mirror("status", "--max-age", "2d"), 0);
});

test("D61: records of the year 2100, and without a date: kept and listed like all others", async () => {
  await using world = await makeWorld({
    library: (assetBase) => {
      const library = makeLibrary({ tasks: 3, assetBase });
      const dates = [4_102_444_800, undefined, 1_759_276_800];
      return {
        ...library,
        value: (n) => {
          const { created_at: _, ...record } = library.value(n) as Record<string, unknown>;
          return dates[n] === undefined ? record : { ...record, created_at: dates[n] };
        },
      };
    },
    standIn: { date: new Date(Date.now() - 24 * HOUR).toUTCString() },
  });
  expectCode(await world.mirror("sync"), 0);
  expect(rowsOf(world.home, "select created_at from tasks where created_at is not null order by 1")).toEqual([
    { created_at: 1_759_276_800_000 },
    { created_at: 4_102_444_800_000 },
  ]);
  expect(expectCode(await world.mirror("clips", "--json"), 0).json).toHaveLength(3);
  expect(expectCode(await world.mirror("tasks", "--json", "--since", "2099-01-01"), 0).json).toHaveLength(1);
  expectCode(await world.mirror("verify", "--full"), 0);
});

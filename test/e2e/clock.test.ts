import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { makeLibrary } from "../stand-in/make-record.ts";
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
    const now = () => Real.now() + (asked++ > 15 ? ${by} : 0);
    globalThis.Date = class extends Real {
      constructor(...parts) { if (parts.length > 0) super(...parts); else super(now()); }
      static now() { return now(); }
    };`,
  );
  return { env: { NODE_OPTIONS: `--import ${file}` } };
}

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
  expectCode(await world.mirrorWith(jumping(world, YEAR), "sync"), 0);
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

import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { expectCode } from "../../helpers/expect-code.ts";
import { SEED } from "../../helpers/seeded.ts";
import { claim } from "./claim.ts";
import { countCalls, mayTrace, NO_STRACE, underInjection, underTrace } from "../calls/injection.ts";
import { movingPoint } from "../calls/moving-point.ts";
import { GROUPS, pathsOf, smallWorld } from "../calls/small-world.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 60_000 });

const STRIDE = 13;

test.for(Object.keys(GROUPS) as (keyof typeof GROUPS)[])(
  `A2: SIGKILL before each system call on the %s of a sync of 3 tasks: sound at once, repaired by the next sync (seed ${SEED})`,
  async (group, ctx) => {
    ctx.skip(!mayTrace(), NO_STRACE);
    await using small = await smallWorld();
    const calls = GROUPS[group];
    const paths = pathsOf(small, group);
    const log = join(small.world.folder, "calls.log");
    small.startOver();
    expectCode(await small.world.mirrorWith(underTrace(log, calls, paths), "sync"), 0);
    const { points, of, reached } = movingPoint(countCalls(log, calls), STRIDE);
    let kills = 0;
    for (const point of points) {
      const moment = { seed: SEED, group, ...point };
      small.startOver();
      const kill = underInjection({ ...point, paths, effect: "signal=SIGKILL" });
      const run = await small.world.mirrorWith(kill, "sync", "--json");
      if (run.signal === "SIGKILL") kills += reached(point);
      else claim(run.code === 0, "ends well when nothing hits it", { ...moment, stderr: run.stderr });
      small.expectSound(moment);
      await small.expectRepaired(moment);
    }
    console.log(`A2: ${group}: killed at ${kills} of ${of} system calls (seed ${SEED})`);
    expect(kills).toBeGreaterThanOrEqual(of / STRIDE / 2);
  },
);

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { archiveContents } from "../../helpers/archive-contents.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { NIGHTLY } from "../../helpers/nightly.ts";
import type { Ended } from "../../helpers/program.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { claim } from "../kill/claim.ts";
import { countCalls, mayTrace, NO_STRACE, underInjection, underTrace } from "./injection.ts";
import { GROUPS, pathsOf, smallWorld } from "./small-world.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 60_000 });

type Group = keyof typeof GROUPS;
type Case = { matrix: string; group: Group; call: string; error: string };

const CASES: Case[] = [
  { matrix: "B15", group: "assets", call: "fsync", error: "EIO" },
  { matrix: "B15", group: "database", call: "fsync", error: "EIO" },
  { matrix: "B15", group: "assets", call: "pwritev", error: "EIO" },
  { matrix: "B13", group: "assets", call: "pwritev", error: "ENOSPC" },
  { matrix: "B13", group: "assets", call: "mkdir", error: "ENOSPC" },
  { matrix: "B13", group: "assets", call: "write", error: "ENOSPC" },
  { matrix: "B15", group: "database", call: "pwrite64", error: "EIO" },
  { matrix: "B14", group: "database", call: "pwrite64", error: "ENOSPC" },
  { matrix: "B14", group: "database", call: "write", error: "ENOSPC" },
  { matrix: "B15", group: "database", call: "write", error: "EIO" },
  { matrix: "B16", group: "assets", call: "rename", error: "EIO" },
  { matrix: "B16", group: "assets", call: "rename", error: "EXDEV" },
];

let small: Awaited<ReturnType<typeof smallWorld>>;
const counts: Partial<Record<Group, Record<string, number>>> = {};

beforeAll(async () => {
  if (!mayTrace()) return;
  small = await smallWorld();
  for (const group of Object.keys(GROUPS) as Group[]) {
    const log = join(small.world.folder, "calls.log");
    small.startOver();
    expectCode(await small.world.mirrorWith(underTrace(log, GROUPS[group], pathsOf(small, group)), "sync"), 0);
    counts[group] = countCalls(log, GROUPS[group]);
  }
});
afterAll(() => small?.[Symbol.asyncDispose]());

describe("I/O errors, moved from call to call", () => {
  test.for(CASES)(
    `$matrix: $error from $call on the $group, once and for ever: reported plainly, no row without its durable file, the next sync repairs (seed ${SEED})`,
    async (given, ctx) => {
      ctx.skip(!mayTrace(), NO_STRACE);
      const paths = pathsOf(small, given.group);
      const count = counts[given.group]?.[given.call] ?? 0;
      let points = 0;
      for (const forever of [false, true]) {
        for (const nth of chosen(count, `${JSON.stringify(given)}${forever}`)) {
          points++;
          const moment = { seed: SEED, ...given, forever, nth };
          small.startOver();
          const inject = underInjection({ ...given, paths, effect: `error=${given.error}`, nth, forever });
          const run = await small.world.mirrorWith(inject, "sync", "--json");
          expectPlain(moment, run);
          small.expectSound(moment);
          expectNoFalseRow(moment, given, run);
          await small.expectRepaired(moment);
        }
      }
      console.log(
        `${given.matrix}: ${given.error} from ${given.call} on the ${given.group}: ${points} of ${2 * count}`,
      );
      expect(points).toBeGreaterThan(0);
    },
  );
});

/** One point of the loop, by the seed; all of them in the nightly mode. */
function chosen(count: number, salt: string): number[] {
  const all = Array.from({ length: count }, (_, n) => n + 1);
  const random = seededRandom(SEED + [...salt].reduce((sum, letter) => sum + letter.charCodeAt(0), 0));
  return NIGHTLY ? all : all.slice(Math.floor(random() * count)).slice(0, 1);
}

/** 7 for what the disk refused, 3 for a file that failed once, 0 where the call did not matter; one plain line. */
function expectPlain(moment: object, run: Ended): void {
  const output = { ...moment, code: run.code, signal: run.signal, stderr: run.stderr };
  claim([0, 3, 7].includes(run.code ?? -1), "ends with another code", output);
  claim(!/SQLITE_|\bat .*\.js:\d|Error:|\bat async/.test(run.stderr), "shows its insides", output);
  if (run.code === 0) return;
  const { error } = run.json as { error: { exit: number; message: string; hint: string } };
  claim(error.exit === run.code, "reports another code", { ...output, ...error });
  claim(/^[^\n]+$/.test(error.message), "says more than a line", { ...output, ...error });
  claim(run.code !== 7 || error.message.includes("/mirror"), "names no path", { ...output, ...error });
}

/** Whoever says 0 has everything; a file that could not be made durable has no row. */
function expectNoFalseRow(moment: object, { group }: Case, run: Ended): void {
  const stored = rowsOf(small.world.home, "select 1 from assets where state = 'stored'").length;
  const all = Object.keys(archiveContents(small.world.home).files).length === small.finals.length;
  claim(run.code !== 0 || all, "says 0 and has not everything", moment);
  claim(run.code === 0 || group !== "assets" || stored < small.finals.length, "has a row for every file", moment);
}

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { archiveContents, type Contents } from "../../helpers/archive-contents.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { listTree } from "../../helpers/folder-tree.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { assetPaths, databasePaths } from "./injection.ts";
import { keepEvidence } from "./moving-point.ts";

/** A world of three songs, whose home can be put back to the moment before its first sync. */
export type SmallWorld = {
  world: World;
  assets: string;
  /** Paths below the assets folder after a sync that nothing disturbed. */
  finals: string[];
  /** Home as it was before its first sync. */
  startOver(): void;
  /** The independent checker finds nothing; else the home is kept and named. */
  expectSound(moment: object): void;
  /** One plain sync repairs all: exit 0, and the archive is the one that an undisturbed sync makes, byte for byte. */
  expectRepaired(moment: object): Promise<void>;
};

/** Calls that change a disk: those of the main thread, and those of the one that writes files. */
export const GROUPS = {
  database: ["pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "rename"],
  assets: [
    "mkdir",
    "chmod",
    "fchmod",
    "write",
    "writev",
    "pwritev",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename",
    "unlink",
  ],
};

export function pathsOf(small: SmallWorld, group: keyof typeof GROUPS): string[] {
  return group === "assets" ? assetPaths(small.assets, small.finals) : databasePaths(small.world.home);
}

/** Songs of more than one write, so that the notes beside a part are written too. */
const PAD = 1_200_000;

export async function smallWorld(): Promise<SmallWorld & AsyncDisposable> {
  const world = await makeWorld({ tasks: 3, standIn: { padTo: PAD } });
  const tracked = `${world.home}-tracked`;
  const assets = join(world.home, "assets");
  execFileSync("cp", ["-a", world.home, tracked]);
  expectCode(await world.mirror("sync"), 0);
  const whole = archiveContents(world.home);
  const startOver = () => {
    rmSync(world.home, { recursive: true, force: true });
    execFileSync("cp", ["-a", tracked, world.home]);
    world.standIn.reset();
  };
  const expectSound = (moment: object) => {
    const problems = world.problems();
    const evidence = problems.length > 0 ? keepEvidence(world.home) : "";
    expect({ ...moment, problems, evidence }).toEqual({ ...moment, problems: [], evidence: "" });
  };
  return {
    world,
    assets,
    finals: Object.keys(whole.files),
    startOver,
    expectSound,
    async expectRepaired(moment) {
      const end = await world.mirror("sync", "--json");
      expect({ ...moment, code: end.code, stderr: end.stderr }).toMatchObject({ ...moment, code: 0 });
      expectSound(moment);
      expectSame(moment, world.home, whole);
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

function expectSame(moment: object, home: string, whole: Contents): void {
  expect({ ...moment, ...archiveContents(home) }).toEqual({ ...moment, ...whole });
  expect({ ...moment, open: rowsOf(home, "select path from assets where state <> 'stored'") }).toEqual({
    ...moment,
    open: [],
  });
  const left = listTree(home).filter((found) => /\.part|\.new$/.test(found.path));
  expect({ ...moment, left: left.map((found) => found.path) }).toEqual({ ...moment, left: [] });
}

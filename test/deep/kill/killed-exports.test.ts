import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { claim } from "./claim.ts";
import { mayTrace, NO_STRACE } from "../calls/injection.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree } from "../../helpers/folder-tree.ts";
import { nightly } from "../../helpers/nightly.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });

const KILLS = nightly(3, 60);
/** Of the flushes and renames the first, the third, … */
const STRIDE = nightly(2, 1);
const STATE = ".producer-mirror-export.json";
const TABLES = ["--only", "clips,songs,assets"];
const FEED = ["--base-url", "https://me.example/songs/"];
/** Files that have no name yet: by their own, or in a folder that has none. */
const UNFINISHED = /part$|\.part\/|\.new$/;
const random = seededRandom(SEED);

type Tree = Record<string, string>;
let world: World;
let location: string;
let originals: Tree;

beforeAll(async () => {
  world = await makeWorld({ tasks: 100 });
  expectCode(await world.mirror("sync"), 0);
  originals = digestTree(join(world.home, "assets"));
});
beforeEach(() => {
  location = join(world.folder, "export");
  rmSync(location, { recursive: true, force: true });
});
afterAll(() => world[Symbol.asyncDispose]());

const songs = (...more: string[]) => ["export", "songs", location, ...more];
const tables = (...more: string[]) => ["export", "tables", location, ...more];
const feed = (...more: string[]) => ["export", "feed", join(location, "feed.xml"), ...FEED, ...more];

/** What a run makes that nothing disturbs, from what `before` made. */
async function undisturbed(run: string[], before?: string[]): Promise<{ old: Tree; wanted: Tree; ms: number }> {
  const old = before ? await made(before) : {};
  const begun = performance.now();
  return { old, wanted: await made(run), ms: performance.now() - begun };
}

async function made(run: string[]): Promise<Tree> {
  expectCode(await world.mirror(...run), 0);
  return digestTree(location);
}

async function startOver(before?: string[]): Promise<void> {
  rmSync(location, { recursive: true, force: true });
  if (before) expectCode(await world.mirror(...before), 0);
}

/** Under a name that is not one of an unfinished file lies the old file or the new one, whole. */
function expectNothingHalf(moment: object, old: Tree, wanted: Tree): void {
  if (!existsSync(location)) return;
  const found = digestTree(location, (path) => UNFINISHED.test(path) || path.startsWith(".producer-mirror-"));
  for (const [path, digest] of Object.entries(found))
    claim([old[path], wanted[path]].includes(digest), "lies there half", { ...moment, path });
}

async function expectRepaired(moment: object, run: string[], wanted: Tree): Promise<void> {
  const end = await world.mirror(...run);
  expect({ ...moment, code: end.code, stderr: end.stderr }).toMatchObject({ ...moment, code: 0 });
  expect({ ...moment, ...digestTree(location) }).toEqual({ ...moment, ...wanted });
  expect(digestTree(join(world.home, "assets"))).toEqual(originals);
}

const RETITLED = ["--tags", "--artist", "Two", "--template", "{album}/{title} {id8}"];

test.for<[string, () => string[], (() => string[])?]>([
  ["export songs", () => songs()],
  ["export songs --tags", () => songs("--tags")],
  ["export songs over one of other names and tags", () => songs(...RETITLED), () => songs("--tags", "--limit", "40")],
])(
  `A5: %s, killed at ${KILLS} random moments: nothing is half, and the next run makes it as if nothing had been (seed ${SEED})`,
  async ([, run, before]) => {
    const { old, wanted, ms } = await undisturbed(run(), before?.());
    let [halfway, length] = [0, ms];
    // Where other work has slowed the run that was timed, the moments are looked for again.
    for (let round = 0; round < KILLS || (halfway === 0 && round < 5 * KILLS); round++) {
      await startOver(before?.());
      const child = world.start(run());
      // Its first third is the start of the program, which touches nothing.
      const after = length * (1 / 3 + random() / 1.5);
      await sleep(after);
      child.kill("SIGKILL");
      await child.done;
      const moment = { seed: SEED, round, after };
      const left = existsSync(location) ? digestTree(location) : old;
      if (isDeepStrictEqual(left, wanted)) length *= 0.85;
      else if (isDeepStrictEqual(left, old)) length *= 1.1;
      else halfway++;
      expectNothingHalf(moment, old, wanted);
      await expectRepaired(moment, run(), wanted);
    }
    console.log(`A5: halfway at ${halfway} of ${KILLS} kills`);
    expect(halfway).toBeGreaterThan(0);
  },
);

test.for<[string, () => string[], (() => string[])?]>([
  ["export tables --format csv", () => tables(...TABLES)],
  [
    "export tables --format parquet over an older one",
    () => tables("--format", "parquet", ...TABLES),
    () => tables("--format", "parquet", ...TABLES, "--raw"),
  ],
  [
    "export tables --format ndjson of a query",
    () => tables("--format", "ndjson", "--sql", "select id, title from clips"),
  ],
  ["export feed", () => feed()],
  ["export feed over an older one", () => feed("--title", "Two"), () => feed("--limit", "3")],
])(
  "A5: %s, killed before its flushes and renames: the old file or the new one, and the next run makes it",
  async ([, run, before], ctx) => {
    ctx.skip(!mayTrace(), NO_STRACE);
    const { old, wanted } = await undisturbed(run(), before?.());
    let kills = 0;
    for (const call of ["fsync", "rename"]) {
      for (let nth = 1, isHit = true; isHit; nth += STRIDE) {
        await startOver(before?.());
        const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${nth}`];
        const wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", ...inject];
        const end = await world.mirrorWith({ wrapper }, ...run());
        isHit = end.signal === "SIGKILL";
        kills += Number(isHit);
        const moment = { call, nth };
        claim(isHit || end.code === 0, "ends well when nothing hits it", { ...moment, stderr: end.stderr });
        expectNothingHalf(moment, old, wanted);
        await expectRepaired(moment, run(), wanted);
      }
    }
    expect(kills).toBeGreaterThanOrEqual(2);
  },
);

test("A5: a killed export of songs leaves what it noted, and no file of its own that it does not know", async () => {
  const child = world.start(songs());
  while (!existsSync(join(location, STATE)) && child.child.exitCode === null) await sleep(1);
  child.kill("SIGKILL");
  await child.done;
  const { files } = JSON.parse(readFileSync(join(location, STATE), "utf8")) as { files: Record<string, unknown> };
  const known = new Set([STATE, ".producer-mirror-export.lock", ...Object.keys(files)]);
  const found = Object.keys(digestTree(location, (path) => UNFINISHED.test(path)));
  expect(found.filter((path) => !known.has(path))).toEqual([]);
  expect(known.size).toBeGreaterThan(150);
});

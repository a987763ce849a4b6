import { execFileSync } from "node:child_process";
import { existsSync, fsyncSync, openSync, closeSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cutPower, isSameDisk, makeImage, mountImage, whyNoDisk, type DiskImage, type DiskKind } from "./disk-image.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree } from "../../helpers/folder-tree.ts";
import { NIGHTLY, nightly } from "../../helpers/nightly.ts";
import { SEED, seededRandom } from "../../helpers/seeded.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { claim } from "../kill/claim.ts";
import { mayTrace, NO_STRACE } from "../calls/injection.ts";
import { stopAtCalls } from "../calls/stop-at-calls.ts";

vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 120_000 });

/** After each of these the disk must hold something else. */
const FLUSHES = "fsync,fdatasync,syncfs";
/** After each of these it may. */
const CHANGES = `${FLUSHES},mkdir,rename,unlink,rmdir`;
const STATE = ".producer-mirror-export.json";
/** Of all the moments of one run, how many a second run goes on from; all are looked at. */
const REPAIRED = nightly(3, 1000);
const random = seededRandom(SEED);

type Tree = Record<string, string>;
type Run = (folder: string) => string[];
let world: World;
let disk: string;
let folder: string;

beforeAll(async () => {
  world = await makeWorld({ tasks: 14 });
  expectCode(await world.mirror("sync"), 0);
  disk = join(world.folder, "disk");
  folder = join(disk, "songs");
});
afterAll(() => world[Symbol.asyncDispose]());

const oldest = (songs: number, ...more: string[]): Run => {
  return (location) => ["export", "songs", location, "--sort", "created", "--limit", String(songs), ...more];
};
const few = oldest(4);
const many = oldest(14, "--tags");
const other = oldest(10, "--tags", "--artist", "Two", "--template", "{album}/{title} {id8}");

/** What a run makes where nothing disturbs it, from what `before` made. */
async function undisturbed(run: Run, before?: Run): Promise<{ old: Tree; wanted: Tree }> {
  const location = join(world.folder, "undisturbed");
  const made = async (one: Run) => {
    expectCode(await world.mirror(...one(location)), 0);
    return digestTree(location);
  };
  try {
    const old = before ? await made(before) : {};
    return { old, wanted: await made(run) };
  } finally {
    rmSync(location, { recursive: true, force: true });
  }
}

/** The disk as a power cut would leave it after each of the run's calls, and last of all after its end. */
async function cutEverywhere(kind: DiskKind, eager: boolean, run: Run, before?: Run): Promise<DiskImage[]> {
  const image = makeImage(kind, join(world.folder, `${kind}.img`));
  const cuts: DiskImage[] = [];
  const look = () => {
    if (eager) commit();
    const last = cuts.at(-1);
    if (last && isSameDisk(last, image)) return;
    cuts.push(cutPower(image, join(world.folder, `cut-${cuts.length}.img`)));
  };
  try {
    using _mounted = mountImage(image, disk);
    if (before) expectCode(await world.mirror(...before(folder)), 0);
    execFileSync("sync", ["-f", disk]);
    expectCode(await stopAtCalls(world, eager ? CHANGES : FLUSHES, look, ...run(folder)), 0);
    look();
    return cuts;
  } finally {
    rmSync(image.file);
  }
}

/** What the kernel may do by itself at any moment: names get onto the disk, but what is in the files only where it has room already. */
function commit(): void {
  const file = openSync(join(disk, "somebody-else"), "a");
  writeSync(file, "x");
  fsyncSync(file);
  closeSync(file);
}

/** Under each name that an export gives lies the old file or the new one, whole. */
function expectNothingHalf(moment: object, old: Tree, wanted: Tree): void {
  const found = digestTree(folder, (path) => path.includes(".producer-mirror-"));
  for (const [path, digest] of Object.entries(found))
    claim([old[path], wanted[path]].includes(digest), "lies there half", { ...moment, path });
}

/** What the state says to be in place is there. A renamed file has both of its names in the state, one of which holds. */
function expectTrueState(moment: object, old: Tree): void {
  const location = join(folder, STATE);
  if (!existsSync(location)) return;
  type Entry = { bytes: number | null; kind: string; owner: string };
  const { files } = JSON.parse(readFileSync(location, "utf8")) as { files: Record<string, Entry> };
  const done = Object.entries(files).filter(([, { bytes }]) => bytes !== null);
  const whose = ({ kind, owner }: Entry) => `${kind} ${owner}`;
  const there = new Set(done.filter(([path]) => existsSync(join(folder, path))).map(([, entry]) => whose(entry)));
  for (const [path, entry] of done)
    claim(there.has(whose(entry)) || path in old, "is in the state and not on the disk", { ...moment, path });
}

type Case = { kind: DiskKind; eager: boolean; when: string; songs: string; run: Run; before?: Run; ordinary: boolean };
const DISKS = [
  { kind: "ext4", eager: false, when: "ext4, which writes only what it must" },
  { kind: "ext4", eager: true, when: "ext4, which writes names before it must" },
  { kind: "btrfs", eager: false, when: "btrfs, which writes only what it must" },
] as const;
const RUNS = [
  { songs: "a few songs", run: few, on: "ext4, which writes names before it must" },
  { songs: "many songs, which are flushed together", run: many, on: "btrfs, which writes only what it must" },
  {
    songs: "songs over ones of other names and tags",
    run: other,
    before: many,
    on: "ext4, which writes only what it must",
  },
];
const CASES: Case[] = DISKS.flatMap((one) =>
  RUNS.map(({ on, ...run }) => ({ ...one, ...run, ordinary: on === one.when })),
);

describe.each(CASES.filter(({ ordinary }) => ordinary || NIGHTLY))(
  "a power cut on $when, while it gets $songs",
  ({ kind, eager, run, before }) => {
    test(`A5: export songs: whenever it comes, nothing is half, and the next run makes it as if nothing had been (seed ${SEED})`, async (ctx) => {
      ctx.skip(!mayTrace(), NO_STRACE);
      const why = whyNoDisk(kind);
      ctx.skip(why !== "", why);
      const { old, wanted } = await undisturbed(run, before);
      const cuts = await cutEverywhere(kind, eager, run, before);
      const repaired = new Set(Array.from({ length: REPAIRED }, () => Math.floor(random() * cuts.length)));
      repaired.add(cuts.length - 1);
      for (const [nth, cut] of cuts.entries()) {
        const moment = { seed: SEED, kind, eager, nth, of: cuts.length };
        using _mounted = mountImage(cut, disk);
        expectNothingHalf(moment, old, wanted);
        expectTrueState(moment, old);
        if (!repaired.has(nth)) continue;
        const { json } = expectCode(await world.mirror(...run(folder), "--json"), 0);
        const { written } = json as { written: number };
        claim(written === 0 || nth < cuts.length - 1, "was not all on the disk at its end", { ...moment, written });
        expect({ ...moment, ...digestTree(folder) }).toEqual({ ...moment, ...wanted });
      }
      for (const { file } of cuts) rmSync(file);
      expect(cuts.length).toBeGreaterThan(3);
    });
  },
);

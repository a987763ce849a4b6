import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findProgram } from "../../../src/backup/off-site/program/find-program.ts";
import { parseLocation, type OpenLocation } from "../../../src/backup/off-site/location.ts";
import { resticRestore } from "../../../src/backup/off-site/restic.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree, listTree } from "../../helpers/folder-tree.ts";
import type { Ended } from "../../helpers/program.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import { fakeProgram } from "../../backup/off-site/program/fake-program.ts";
import { has } from "../../helpers/needs.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

/** A repository of restic with two snapshots, the second with a song more, which is damaged or tampered with. */
let world: World;
let good: string;
let place: string;
let home: string;
/** Holds the songs of the first snapshot, which the second one shares. */
let sharedPack: string;
/** Ids, the first with two songs and the second with three. */
const snapshots: string[] = [];

const filesIn = (folder: string) => listTree(folder).filter(({ type }) => type === "file");
const inPlace = (part: string) => filesIn(join(place, part)).map((file) => file.place);

/** A bit in every 500 bytes: nothing in the file stays whole. */
function spoil(path: string): void {
  chmodSync(path, 0o600);
  const bytes = readFileSync(path);
  for (let at = 250; at < bytes.length; at += 500) bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** A cache of its own each time: restic would else answer from what it has seen before. */
function run(words: string[], password = "a secret word"): Promise<Ended> {
  const env = { RESTIC_PASSWORD: password, XDG_CACHE_HOME: join(world.folder, "cache") };
  return world.mirrorWith({ env }, ...words);
}

/** The location with the restic that comes first on a PATH. */
async function openWith(path: string): Promise<OpenLocation> {
  const { signal } = new AbortController();
  const program = await findProgram("restic", { PATH: path }, signal);
  return { ...parseLocation(`restic:${place}`, world.folder), program, signal, idleMs: 30_000 };
}

const repair = (password?: string) => run(["verify", "--repair", "--from", `restic:${place}`], password);
const songsIn = (folder: string) => filesIn(join(folder, "assets")).filter(({ path }) => path.endsWith(".m4a"));

beforeAll(async () => {
  if (!has("restic")) return;
  world = await makeWorld({ tasks: 3, tracked: false });
  [good, place, home] = [join(world.folder, "good"), join(world.folder, "place"), join(world.folder, "fresh")];
  await addAndBackUp(world.ids.slice(0, 2), "--init");
  const [biggest] = filesIn(join(good, "data")).toSorted((one, other) => other.bytes - one.bytes);
  sharedPack = join("data", biggest?.path ?? "");
  await addAndBackUp(world.ids.slice(2));
  await world.standIn.close();
});

async function addAndBackUp(ids: string[], ...words: string[]): Promise<void> {
  expectCode(await world.mirror("track", ...ids), 0);
  expectCode(await world.mirror("sync"), 0);
  const { json } = expectCode(await run(["backup", "--to", `restic:${good}`, "--json", ...words]), 0);
  snapshots.push((json as { snapshot: string }).snapshot.slice(0, 8));
}

beforeEach(() => {
  if (has("restic")) cpSync(good, place, { recursive: true });
});
afterEach(() =>
  [place, home, join(world.folder, "cache")].forEach((folder) => rmSync(folder, { recursive: true, force: true })),
);
afterAll(() => (has("restic") ? world[Symbol.asyncDispose]() : undefined));

/** What was done to it, the exit code, a word of the message, and how many songs --force makes a home of. */
const TAMPERED: [string, () => void, number, RegExp, number][] = [
  [
    "the songs of the first snapshot spoilt",
    () => spoil(join(place, sharedPack)),
    4,
    /is damaged: "[^"]+" assets.*, and 3 more/,
    1,
  ],
  ["all data spoilt", () => inPlace("data").forEach(spoil), 4, /gives back no archive\.db|damaged/, 0],
  ["no index", () => rmSync(join(place, "index"), { recursive: true }), 4, /gives back no archive\.db/, 0],
  ["a spoilt index", () => inPlace("index").forEach(spoil), 4, /the backup there is damaged/, 0],
  ["no snapshots", () => inPlace("snapshots").forEach((file) => rmSync(file)), 2, /no backup of ours/, 0],
  ["spoilt snapshots", () => inPlace("snapshots").forEach(spoil), 4, /could not load snapshot/, 0],
  [
    "one snapshot spoilt",
    () => spoil(inPlace("snapshots")[0] ?? ""),
    4,
    /name one .* with --generation: [0-9a-f]{8}$/m,
    0,
  ],
  ["no keys", () => inPlace("keys").forEach((file) => rmSync(file)), 6, /no key found/, 0],
  ["no config", () => rmSync(join(place, "config")), 2, /Is there a repository/, 0],
];

describe.skipIf(!has("restic"))("a repository of restic that was damaged (skipped without restic)", () => {
  it.each(TAMPERED)("%s: restore says so in words, and --force brings back what is whole", async (...row) => {
    const [, tamper, code, words, songs] = row;
    tamper();
    // Where nothing can come back, --force is no other case.
    for (const force of songs > 0 ? [[], ["--force"]] : [["--force"]]) {
      const end = await run(["restore", `restic:${place}`, "--home", home, ...force]);
      const { stderr, stdout } = expectCode(end, code);
      expect(stderr + stdout).toMatch(words);
      expect(stderr).not.toMatch(/unexpected|SQLITE|\.fetched-/);
      expect(songsIn(home)).toHaveLength(force.length > 0 ? songs : 0);
      expect(readdirSync(world.folder).filter((name) => name.startsWith("fresh."))).toEqual([]);
    }
  });

  it("a lost song is repaired from what is whole, and one that the place has lost too is said to be so", async () => {
    const songs = songsIn(world.home).map((file) => ({ ...file, bytes: readFileSync(file.place) }));
    spoil(join(place, sharedPack));
    for (const song of songs) rmSync(song.place);
    const end = await repair();
    expectCode(end, 4);
    expect(songsIn(world.home)).toHaveLength(1);
    for (const song of songs) if (!existsSync(song.place)) writeFileSync(song.place, song.bytes, { mode: 0o600 });
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("a snapshot that can be read is restored when it is named, beside one that cannot", async () => {
    const [spoilt, whole] = inPlace("snapshots");
    spoil(spoilt ?? "");
    const id = basename(whole ?? "").slice(0, 8);
    const songsOf = new Map(snapshots.map((name, index) => [name, index + 2]));
    expectCode(await run(["restore", `restic:${place}`, "--generation", id, "--home", home]), 0);
    expectCode(await world.mirror("verify", "--full", "--home", home), 0);
    expect(songsIn(home)).toHaveLength(songsOf.get(id) ?? 0);
  });

  it("a wrong password is 6 whatever is asked for, and the archive stays as it is", async () => {
    const [song] = songsIn(world.home);
    const bytes = readFileSync(song?.place ?? "");
    rmSync(song?.place ?? "");
    const before = digestTree(join(world.home, "journal"));
    for (const end of [
      await run(["restore", `restic:${place}`, "--home", home], "another"),
      await run(["backup", "--to", `restic:${place}`], "another"),
      await repair("another"),
    ]) {
      expect(expectCode(end, 6).stderr).toMatch(/RESTIC_PASSWORD/);
      expect(end.stderr).not.toContain("another");
    }
    expect(existsSync(home)).toBe(false);
    expect(digestTree(join(world.home, "journal"))).toEqual(before);
    writeFileSync(song?.place ?? "", bytes, { mode: 0o600 });
  });

  it.each([
    ["dial tcp 10.0.0.1:443: connect: connection refused", 5, "place_unreachable"],
    ["write /x: no space left on device", 7, "disk_full"],
  ])("%s, before a hundred files that failed for it, is not taken for damage", async (obstacle, exit, code) => {
    const script = [
      `echo 'ignoring error for /a.m4a: ${obstacle}' >&2`,
      "for each in $(seq 100); do echo 'ignoring error for /x: UtimesNano: no such file or directory' >&2; done",
      "echo 'Fatal: There were 101 errors' >&2",
      "exit 1",
    ];
    const { path } = fakeProgram(world.folder, "restic", script.join("\n"));
    const location = await openWith(path);
    await expect(resticRestore(location, "1".repeat(64), join(world.folder, "never"))).rejects.toMatchObject({
      exit,
      code,
    });
  });
});

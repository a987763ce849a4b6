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

/** A restic repository with two snapshots, the second with one more song, which is damaged in each test. */
let world: World;
let good: string;
let repository: string;
let home: string;
/** The pack with the songs of the first snapshot, which the second one shares. */
let sharedPack: string;
/** Ids, the first with two songs and the second with three. */
const snapshots: string[] = [];

const filesIn = (folder: string) => listTree(folder).filter(({ type }) => type === "file");
const repositoryFiles = (part: string) => filesIn(join(repository, part)).map((file) => file.fullPath);

/** Flips a bit in every 500 bytes, so that nothing in the file stays whole. */
function spoil(path: string): void {
  chmodSync(path, 0o600);
  const bytes = readFileSync(path);
  for (let at = 250; at < bytes.length; at += 500) bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** With a new cache each time: restic would otherwise answer from it. */
function run(words: string[], password = "a secret word"): Promise<Ended> {
  const env = { RESTIC_PASSWORD: password, XDG_CACHE_HOME: join(world.folder, "cache") };
  return world.mirrorWith({ env }, ...words);
}

/** The location with the restic that comes first on a PATH. */
async function openWith(path: string): Promise<OpenLocation> {
  const { signal } = new AbortController();
  const program = await findProgram("restic", { PATH: path }, signal);
  return { ...parseLocation(`restic:${repository}`, world.folder), program, signal, idleMs: 30_000 };
}

const repair = (password?: string) => run(["verify", "--repair", "--from", `restic:${repository}`], password);
const songsIn = (folder: string) => filesIn(join(folder, "assets")).filter(({ path }) => path.endsWith(".m4a"));

beforeAll(async () => {
  if (!has("restic")) return;
  world = await makeWorld({ tasks: 3, tracked: false });
  [good, repository, home] = [
    join(world.folder, "good"),
    join(world.folder, "repository"),
    join(world.folder, "fresh"),
  ];
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
  if (has("restic")) cpSync(good, repository, { recursive: true });
});
afterEach(() =>
  [repository, home, join(world.folder, "cache")].forEach((folder) => rmSync(folder, { recursive: true, force: true })),
);
afterAll(() => (has("restic") ? world[Symbol.asyncDispose]() : undefined));

/** What was done to it, the exit code, a part of the message, and how many songs --force restores. */
const TAMPERED: [string, () => void, number, RegExp, number][] = [
  [
    "the songs of the first snapshot spoilt",
    () => spoil(join(repository, sharedPack)),
    4,
    /is damaged: "[^"]+" assets.*, and 3 more/,
    1,
  ],
  ["all data spoilt", () => repositoryFiles("data").forEach(spoil), 4, /gives back no archive\.db|damaged/, 0],
  ["no index", () => rmSync(join(repository, "index"), { recursive: true }), 4, /gives back no archive\.db/, 0],
  ["a spoilt index", () => repositoryFiles("index").forEach(spoil), 4, /the backup there is damaged/, 0],
  ["no snapshots", () => repositoryFiles("snapshots").forEach((file) => rmSync(file)), 2, /no backup of ours/, 0],
  ["spoilt snapshots", () => repositoryFiles("snapshots").forEach(spoil), 4, /could not load snapshot/, 0],
  [
    "one snapshot spoilt",
    () => spoil(repositoryFiles("snapshots")[0] ?? ""),
    4,
    /name one .* with --generation: [0-9a-f]{8}$/m,
    0,
  ],
  ["no keys", () => repositoryFiles("keys").forEach((file) => rmSync(file)), 6, /no key found/, 0],
  ["no config", () => rmSync(join(repository, "config")), 2, /Is there a repository/, 0],
];

describe.skipIf(!has("restic"))("a damaged restic repository (skipped without restic)", () => {
  it.each(TAMPERED)("%s: restore reports it, and --force restores what is whole", async (...row) => {
    const [, tamper, code, words, songs] = row;
    tamper();
    // Where nothing can be restored, --force makes no difference.
    for (const force of songs > 0 ? [[], ["--force"]] : [["--force"]]) {
      const end = await run(["restore", `restic:${repository}`, "--home", home, ...force]);
      const { stderr, stdout } = expectCode(end, code);
      expect(stderr + stdout).toMatch(words);
      expect(stderr).not.toMatch(/unexpected|SQLITE|\.fetched-/);
      expect(songsIn(home)).toHaveLength(force.length > 0 ? songs : 0);
      expect(readdirSync(world.folder).filter((name) => name.startsWith("fresh."))).toEqual([]);
    }
  });

  it("repairs a lost song from what is whole, and reports one that the repository has lost too", async () => {
    const songs = songsIn(world.home).map((file) => ({ ...file, bytes: readFileSync(file.fullPath) }));
    spoil(join(repository, sharedPack));
    for (const song of songs) rmSync(song.fullPath);
    const end = await repair();
    expectCode(end, 4);
    expect(songsIn(world.home)).toHaveLength(1);
    for (const song of songs) if (!existsSync(song.fullPath)) writeFileSync(song.fullPath, song.bytes, { mode: 0o600 });
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("restores a named snapshot although another one cannot be read", async () => {
    const [spoilt, whole] = repositoryFiles("snapshots");
    spoil(spoilt ?? "");
    const id = basename(whole ?? "").slice(0, 8);
    const songsOf = new Map(snapshots.map((name, index) => [name, index + 2]));
    expectCode(await run(["restore", `restic:${repository}`, "--generation", id, "--home", home]), 0);
    expectCode(await world.mirror("verify", "--full", "--home", home), 0);
    expect(songsIn(home)).toHaveLength(songsOf.get(id) ?? 0);
  });

  it("makes every command exit with 6 for a wrong password, and the archive stays as it is", async () => {
    const [song] = songsIn(world.home);
    const bytes = readFileSync(song?.fullPath ?? "");
    rmSync(song?.fullPath ?? "");
    const before = digestTree(join(world.home, "journal"));
    for (const end of [
      await run(["restore", `restic:${repository}`, "--home", home], "another"),
      await run(["backup", "--to", `restic:${repository}`], "another"),
      await repair("another"),
    ]) {
      expect(expectCode(end, 6).stderr).toMatch(/RESTIC_PASSWORD/);
      expect(end.stderr).not.toContain("another");
    }
    expect(existsSync(home)).toBe(false);
    expect(digestTree(join(world.home, "journal"))).toEqual(before);
    writeFileSync(song?.fullPath ?? "", bytes, { mode: 0o600 });
  });

  it.each([
    ["dial tcp 10.0.0.1:443: connect: connection refused", 5, "place_unreachable"],
    ["write /x: no space left on device", 7, "disk_full"],
  ])("%s, followed by a hundred errors, is not reported as damage", async (obstacle, exit, code) => {
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

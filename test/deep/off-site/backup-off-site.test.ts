import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { TransferProgress } from "../../../src/backup/off-site/upload-types.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { listTree } from "../../helpers/folder-tree.ts";
import { PROGRAM } from "../../helpers/program.ts";
import { makeWorld, TOKEN, type World } from "../../helpers/world.ts";
import { fakeProgram } from "../../backup/off-site/program/fake-program.ts";
import { backUp, restore } from "../../backup/off-site/in-process.ts";
import { has } from "../../helpers/needs.ts";

vi.setConfig({ testTimeout: 60_000 });

async function synced(): Promise<World> {
  const world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
  return world;
}

const lastBackup = (world: World) => rowsOf(world.home, "select * from backups order by id desc limit 1")[0];
const copiesAt = (world: World, location: string) =>
  rowsOf(world.home, "select sha256 from copies where location = ?", location).length;
const filesOf = (world: World) =>
  rowsOf(world.home, "select distinct sha256 from assets where state = 'stored'").length;

describe.each(["restic", "rclone"] as const)("the real %s (skipped where it is not installed)", (program) => {
  it.skipIf(!has(program))("a lost home is restored and verified without the service", async () => {
    await using world = await synced();
    const location = `${program}:${world.folder}/off-site`;
    const backup = await backUp(world, location, { init: true });
    expect(backup).toMatchObject({ location, lacking: [], clips: 3 });
    expect(backup.readBack).toBe(backup.files);
    expect(lastBackup(world)).toMatchObject({ location, outcome: "complete", files: backup.files, clips: 3 });
    expect(copiesAt(world, location)).toBe(filesOf(world));
    expect(existsSync(join(world.home, "backup-staging"))).toBe(false);
    const again = await backUp(world, location);
    expect(again).toMatchObject({ lacking: [], files: backup.files, readBack: 0 });
    const before = rowsOf(world.home, "select * from clips");
    await world.standIn.close();
    rmSync(world.home, { recursive: true });
    const report = await restore(world, location);
    expect(report).toMatchObject({ restored: true, damaged: [], from: location });
    expectCode(await world.mirror("verify", "--full"), 0);
    expect(rowsOf(world.home, "select * from clips")).toEqual(before);
    expect(readdirSync(world.folder).filter((name) => /fetched|restoring/.test(name))).toEqual([]);
  });

  it.skipIf(!has(program))(
    "G95: neither the password is an argument nor the token in the environment of the program",
    async () => {
      await using world = await synced();
      const log = join(world.folder, "environment");
      const real = program === "restic" ? "/usr/bin/restic" : "/usr/bin/rclone";
      const fake = fakeProgram(world.folder, program, `env >> '${log}'; exec ${real} "$@"`);
      await backUp(world, `${program}:${world.folder}/off-site`, { init: true, env: { PATH: fake.path } });
      expect(readFileSync(log, "utf8")).not.toContain(TOKEN.slice(0, 12));
      expect(readFileSync(log, "utf8")).not.toContain("PRODUCER_MIRROR");
      expect(fake.calls().flat().join("\n")).not.toMatch(/secret word/);
      const verbs = new Set(fake.calls().map(([verb]) => verb));
      const allowed =
        program === "restic"
          ? ["init", "snapshots", "backup", "ls", "check", "restore"]
          : ["cat", "lsjson", "copy", "hashsum"];
      expect([...verbs].filter((verb) => !allowed.includes(verb ?? ""))).toEqual([]);
    },
  );
});

it.skipIf(!has("rclone"))("G96: under umask 000 the files of rclone and the restored files are private", async () => {
  await using world = await synced();
  const umask = process.umask(0);
  try {
    await backUp(world, `rclone:${world.folder}/off-site`, { init: true });
    rmSync(world.home, { recursive: true });
    await restore(world, `rclone:${world.folder}/off-site`);
  } finally {
    process.umask(umask);
  }
  const files = [join(world.folder, "off-site"), world.home].flatMap((folder) => listTree(folder));
  expect(files.length).toBeGreaterThan(16);
  const open = files.filter(({ fullPath }) => (statSync(fullPath).mode & 0o077) !== 0);
  expect(open.map(({ path }) => path)).toEqual([]);
});

it.skipIf(!has("rclone"))(
  "a song that is removed while files are read is left out, and that is not damage",
  async () => {
    await using world = await synced();
    const location = `rclone:${world.folder}/off-site`;
    const [last] = rowsOf(world.home, "select clip_id as id from assets order by assets.id desc limit 1");
    const onProgress = ({ doing, files }: TransferProgress) => {
      const words = [PROGRAM, "rm", String(last?.["id"]), "--home", world.home];
      if (doing === "reading" && files === 1) execFileSync(process.execPath, words, { env: world.env, stdio: "pipe" });
    };
    expect(await backUp(world, location, { onProgress })).toMatchObject({ lacking: [], files: 4 });
    expect(lastBackup(world)).toMatchObject({ outcome: "complete", files: 4 });
    const [label] = listTree(join(world.folder, "off-site", "snapshots")).filter(({ path }) =>
      path.endsWith("backup.json"),
    );
    expect(JSON.parse(readFileSync(label?.fullPath ?? "", "utf8"))).toMatchObject({
      missing: [{}, {}].map(() => expect.any(String) as unknown),
    });
    rmSync(world.home, { recursive: true });
    expect(await restore(world, location)).toMatchObject({ restored: true, damaged: [] });
  },
);

describe("before anything is uploaded (skipped without rclone)", () => {
  it.skipIf(!has("rclone"))(
    "M148: an empty or foreign assets folder, or one without a tenth of its files, is refused",
    async () => {
      await using world = await synced();
      const location = `rclone:${world.folder}/off-site`;
      await backUp(world, location);
      const before = listTree(join(world.folder, "off-site")).map(({ path }) => path);
      const assets = join(world.home, "assets");
      const [one] = listTree(assets).filter(({ path }) => path.endsWith(".m4a"));
      rmSync(one?.fullPath ?? "");
      await expect(backUp(world, location)).rejects.toMatchObject({ exit: 7, code: "assets_lost" });
      renameSync(assets, `${assets}.away`);
      await expect(backUp(world, location)).rejects.toMatchObject({ exit: 7, code: "assets_not_ours" });
      mkdirSync(assets);
      await expect(backUp(world, location)).rejects.toMatchObject({ exit: 7, code: "assets_not_ours" });
      writeFileSync(join(assets, ".producer-mirror"), "another\n");
      await expect(backUp(world, location)).rejects.toMatchObject({ exit: 7, code: "assets_not_ours" });
      expect(listTree(join(world.folder, "off-site")).map(({ path }) => path)).toEqual(before);
      expect(lastBackup(world)).toMatchObject({ outcome: "complete" });
    },
  );

  it.skipIf(!has("rclone"))("a file that is damaged here is reported and not recorded as copied", async () => {
    await using world = await synced();
    const location = `rclone:${world.folder}/off-site`;
    const [one] = listTree(join(world.home, "assets")).filter(({ path }) => path.endsWith(".m4a"));
    const bytes = readFileSync(one?.fullPath ?? "");
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(one?.fullPath ?? "", bytes);
    const backup = await backUp(world, location);
    expect(backup.lacking).toMatchObject([{ path: one?.path, kind: "audio", title: expect.any(String) as unknown }]);
    expect(lastBackup(world)).toMatchObject({ outcome: "incomplete" });
    expect(copiesAt(world, location)).toBe(filesOf(world) - 1);
  });
});

describe("M145: whatever the program does, the archive stays as before and no copy is recorded", () => {
  const cases: ["restic" | "rclone", string, number][] = [
    ["restic", "exit 1", 1],
    ["restic", "exit 3", 3],
    ["restic", "exit 10", 2],
    ["restic", "exit 11", 5],
    ["restic", "exit 12", 6],
    ["restic", "exit 130", 3],
    ["restic", "exit 77", 1],
    ["restic", "echo garbage; exit 0", 2],
    ["restic", `case $1 in snapshots) echo '[]';; *) exit 3;; esac`, 3],
    ["restic", `case $1 in snapshots) echo '[]';; *) echo garbage;; esac`, 2],
    ["restic", `case $1 in snapshots) echo '[]';; *) sleep 600;; esac`, 5],
    ["rclone", "exit 1", 2],
    ["rclone", "exit 5", 5],
    ["rclone", "exit 7", 6],
    ["rclone", "exit 77", 1],
    ["rclone", "echo garbage; exit 0", 7],
    ["rclone", "sleep 600", 5],
  ];
  let world: World;
  beforeAll(async () => void (world = await synced()));
  afterAll(() => world[Symbol.asyncDispose]());

  it.each(cases)("%s: %s is exit %i", async (program, script, exit) => {
    const fake = fakeProgram(world.folder, program, script);
    const tables = () => rowsOf(world.home, "select * from assets");
    const before = tables();
    const running = backUp(world, `${program}:/nowhere`, { env: { PATH: fake.path }, idleMs: 500 });
    await expect(running).rejects.toMatchObject({ exit });
    expect(tables()).toEqual(before);
    expect(rowsOf(world.home, "select * from copies")).toEqual([]);
    expect(rowsOf(world.home, "select * from backups where outcome = 'complete'")).toEqual([]);
    expect(existsSync(join(world.home, "backup-staging"))).toBe(false);
    expect(world.problems()).toEqual([]);
  });
});

it("M145: without the program no backup begins", async () => {
  await using world = await synced();
  const empty = join(world.folder, "empty");
  mkdirSync(empty);
  await expect(backUp(world, "rclone:/nowhere", { env: { PATH: empty } })).rejects.toMatchObject({
    exit: 2,
    code: "program_missing",
  });
  expect(lastBackup(world)).toBeUndefined();
});

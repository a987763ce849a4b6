import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { storeOf } from "../../../src/app/archive-files.ts";
import { openForWriting } from "../../../src/app/write-archive.ts";
import { loadConfig } from "../../../src/config.ts";
import { backupToFolder, type FolderBackup } from "../../../src/backup/folder/backup-to-folder.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { PROGRAM } from "../../helpers/program.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
let folder: string;

beforeEach(async () => {
  world = await makeWorld({ tasks: 6 });
  folder = join(world.folder, "backups");
  expectCode(await world.mirror("sync"), 0);
});
afterEach(() => world[Symbol.asyncDispose]());

/** A backup during which the song whose files come last is removed. */
async function backupWhile(...rm: string[]): Promise<FolderBackup> {
  const [last] = rowsOf(world.home, "select clip_id as id from assets order by assets.id desc limit 1");
  const config = loadConfig({ home: world.home }, world.env, world.folder);
  using archive = openForWriting(config);
  const onProgress = ({ files }: { files: number }) => {
    const words = [PROGRAM, ...rm, String(last!["id"]), "--home", world.home];
    if (files === 1) execFileSync(process.execPath, words, { env: world.env, stdio: "pipe" });
  };
  const deps = { home: world.home, db: archive.db, store: storeOf(config, archive), version: "0.0.0", now: Date.now };
  return await backupToFolder({ ...deps, signal: new AbortController().signal, onProgress }, folder, {});
}

it("a song that is removed during a backup is not damage: its files are copied from the trash", async () => {
  const made = await backupWhile("rm");
  expect(made).toMatchObject({ files: 12, damaged: [] });
  expect(rowsOf(world.home, "select outcome from backups")).toEqual([{ outcome: "complete" }]);
  expectCode(await world.mirror("backup", folder, "--verify"), 0);
  const home = join(world.folder, "again");
  expectCode(await world.mirror("restore", folder, "--home", home), 0);
  expectCode(await world.mirror("verify", "--full", "--home", home), 0);
});

it("the same where an older backup has its files", async () => {
  expectCode(await world.mirror("backup", folder), 0);
  expect(await backupWhile("rm")).toMatchObject({ files: 12, linked: 12, damaged: [] });
  expectCode(await world.mirror("backup", folder, "--verify"), 0);
});

it("a song that is purged during a backup is left out, and that is not damage", async () => {
  expect(await backupWhile("rm", "--purge", "--yes")).toMatchObject({ files: 10, damaged: [] });
  expectCode(await world.mirror("backup", folder, "--verify"), 0);
});

import { cpSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { storeOf } from "../../../src/app/archive-files.ts";
import { openForWriting } from "../../../src/app/write-archive.ts";
import { loadConfig } from "../../../src/config.ts";
import {
  backupToFolder,
  type BackupDeps,
  type BackupOptions,
  type FolderBackup,
} from "../../../src/backup/folder/backup-to-folder.ts";
import { claimFolder } from "../../../src/backup/folder/claim-folder.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

let world: World;
let folder: string;
/** As on a second machine, after `restore` or a copy by hand. */
let other: string;

beforeEach(async () => {
  world = await makeWorld({ tasks: 6 });
  folder = join(world.folder, "backups");
  other = join(world.folder, "other");
  expectCode(await world.mirror("sync"), 0);
  cpSync(world.home, other, { recursive: true });
  const [row] = rowsOf(world.home, "select value as id from archive_info where key = 'archive_id'");
  await claimFolder(folder, String(row!["id"]), false);
});
afterEach(() => world[Symbol.asyncDispose]());

const NOON = Date.UTC(2026, 10, 29, 12);

async function backup(home: string, options: BackupOptions = {}, more: Partial<BackupDeps> = {}) {
  const config = loadConfig({ home }, world.env, world.folder);
  using archive = openForWriting(config);
  const deps = { home, db: archive.db, store: storeOf(config, archive), version: "0.0.0", now: () => NOON };
  const { signal } = new AbortController();
  return await backupToFolder({ ...deps, signal, onProgress: () => {}, ...more }, folder, options);
}

/** A backup that is stopped after its third file. */
async function stoppedBackup(home: string): Promise<void> {
  const stop = new AbortController();
  const onProgress = ({ files }: { files: number }) => void (files === 3 && stop.abort());
  await expect(backup(home, {}, { signal: stop.signal, onProgress })).rejects.toThrow(/aborted/);
}

const whole = ({ generation }: FolderBackup) => ({ generation, files: 12, damaged: [], rotten: [] });

it("two homes of one archive back up to one folder at the same time, each a whole backup of its own name", async () => {
  const made = await Promise.all([backup(world.home), backup(other)]);
  for (const one of made) expect(one).toMatchObject(whole(one));
  const names = made.map(({ generation }) => generation).toSorted();
  expect(names).toEqual(["20261129T120000Z", "20261129T120001Z"]);
  for (const name of names) expectCode(await world.mirror("backup", join(folder, name), "--verify"), 0);
});

it("an older backup that another home removes meanwhile is not called damaged", async () => {
  const old = await backup(world.home);
  const onProgress = ({ files }: { files: number }) => {
    if (files === 1) renameSync(join(folder, old.generation), join(folder, `${old.generation}.0123abcd.partial`));
  };
  const made = await backup(other, {}, { now: () => NOON + 5000, onProgress });
  expect(made).toMatchObject({ ...whole(made), copied: expect.any(Number) });
  expect(made.copied).toBeGreaterThan(0);
});

it("an unfinished backup is continued by its own home alone, and named to the other one", async () => {
  await stoppedBackup(world.home);
  const left = readdirSync(folder).filter((name) => name.endsWith(".partial"));
  expect(left).toHaveLength(1);
  expect(await backup(other, { keep: 1 })).toMatchObject({ unfinished: left, linked: 0 });
  const { stderr } = expectCode(await world.mirror("backup", folder, "--home", other), 0);
  expect(stderr).toContain(`${left[0]} is unfinished and not of this home`);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(left));
  const made = await backup(world.home, {}, { now: Date.now });
  expect(made).toMatchObject({ ...whole(made), unfinished: [] });
  expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  expectCode(await world.mirror("backup", folder, "--verify"), 0);
});

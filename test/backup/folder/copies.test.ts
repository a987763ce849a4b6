import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkBackup } from "../../../src/backup/check-backup.ts";
import { backupToFolder, type BackupDeps } from "../../../src/backup/folder/backup-to-folder.ts";
import { makeLibrary, songPath, type Library } from "../../archive/library.ts";
import { NOW, rows } from "../../archive/saving.ts";
import { sha256, listTree } from "../../helpers/folder-tree.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";

/** More than are copied at once. */
const SONGS = 8;
const { signal } = new AbortController();

let archive: Library;
let outside: ReturnType<typeof temporaryFolder>;
beforeEach(async () => {
  archive = await makeLibrary(SONGS);
  outside = temporaryFolder();
});
afterEach(() => {
  archive[Symbol.dispose]();
  outside[Symbol.dispose]();
});

/** Each a second later than the last. */
let seconds = 0;
async function backup(name = "backups", more: Partial<BackupDeps> = {}) {
  const folder = join(outside.path, name);
  const now = () => NOW + ++seconds * 1000;
  const deps = { ...archive, version: "0.0.0", now, signal, onProgress: () => {}, ...more };
  const made = await backupToFolder(deps, folder, {});
  return { ...made, path: join(folder, made.generation) };
}

const copies = (folder: string) =>
  rows(archive, `select sha256 from copies where location = '${join(outside.path, folder)}'`).map(
    (row) => row["sha256"],
  );
const songs = (...numbers: number[]) => numbers.map((number) => sha256(`song ${number}`));

describe("the copies that a backup records", () => {
  it("are those in it, and no longer the ones that it lost since the last", async () => {
    const first = await backup();
    await backup("other disk");
    expect(new Set(copies("backups"))).toEqual(new Set(songs(1, 2, 3, 4, 5, 6, 7, 8)));
    for (const root of [archive.store.root, join(first.path, "assets")])
      writeFileSync(join(root, songPath(2)), "rotten");
    expect(await backup()).toMatchObject({ files: 7, damaged: [{ path: songPath(2) }] });
    expect(new Set(copies("backups"))).toEqual(new Set(songs(1, 3, 4, 5, 6, 7, 8)));
    expect(new Set(copies("other disk"))).toEqual(new Set(songs(1, 2, 3, 4, 5, 6, 7, 8)));
  });

  it("stay as they were when a backup does not come to its end", async () => {
    await backup();
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await expect(backup("backups", { signal: stop.signal, onProgress })).rejects.toThrow(/aborted/);
    expect(new Set(copies("backups"))).toEqual(new Set(songs(1, 2, 3, 4, 5, 6, 7, 8)));
  });

  it("66: no song is damaged because the whole folder of the files went away meanwhile", async () => {
    const { root } = archive.store;
    const onProgress = ({ files }: { files: number }) => void (files === 1 && renameSync(root, `${root}-away`));
    await expect(backup("backups", { onProgress })).rejects.toMatchObject({ code: "assets_not_ours", exit: 7 });
    expect(rows(archive, "select outcome from backups")).toEqual([{ outcome: "failed" }]);
    expect(listTree(outside.path).filter(({ path }) => path.endsWith("backup.json"))).toEqual([]);
  });
});

describe("the list of a backup", () => {
  const check = (path: string) => checkBackup(path, { signal, onProgress: () => {} });
  const edit = (path: string, change: (lines: string[]) => string[]) => {
    const list = join(path, "SHA256SUMS");
    writeFileSync(list, `${change(readFileSync(list, "utf8").trimEnd().split("\n")).join("\n")}\n`);
  };

  it("has as many files as backup.json says", async () => {
    const { path } = await backup();
    const { damaged, foreign, good } = await check(path);
    expect({ damaged, foreign }).toEqual({ damaged: [], foreign: [] });
    expect([...good.keys()].filter((name) => name.endsWith(".m4a"))).toHaveLength(SONGS);
  });

  it("is damaged when it lacks one, whether or not the file is there", async () => {
    const { path } = await backup();
    edit(path, (lines) => lines.filter((line) => !line.endsWith(songPath(2))));
    expect((await check(path)).damaged).toMatchObject([
      { path: "SHA256SUMS", reason: `does not list assets/${songPath(2)}` },
    ]);
    rmSync(join(path, "assets", songPath(2)));
    expect((await check(path)).damaged).toMatchObject([
      { path: "SHA256SUMS", reason: "lists 7 files, backup.json says 8" },
    ]);
  });

  it("is damaged when it has one more, whatever that is", async () => {
    const { path } = await backup();
    writeFileSync(join(path, "assets", songPath(9)), "song 9");
    const foreign = [`assets/${songPath(9)}`];
    expect(await check(path)).toMatchObject({ damaged: [], foreign });
    edit(path, (lines) => [...lines, `${sha256("song 9")}  ${foreign[0]}`]);
    expect(await check(path)).toMatchObject({
      damaged: [{ path: "SHA256SUMS", reason: "lists 9 files, backup.json says 8" }],
      foreign: [],
    });
  });
});

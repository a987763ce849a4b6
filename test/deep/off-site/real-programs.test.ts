import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fetchBackup } from "../../../src/backup/off-site/fetch-backup.ts";
import { openOffSiteSource } from "../../../src/backup/off-site/off-site-source.ts";
import type { OpenLocation } from "../../../src/backup/off-site/location.ts";
import { resticInit, resticSnapshots } from "../../../src/backup/off-site/restic.ts";
import type { StagedBackup } from "../../../src/backup/off-site/upload-types.ts";
import { uploadToRclone } from "../../../src/backup/off-site/upload-rclone.ts";
import { uploadToRestic } from "../../../src/backup/off-site/upload-restic.ts";
import { listTree } from "../../helpers/folder-tree.ts";
import { temporaryFolder } from "../../helpers/temporary-archive.ts";
import { fakeProgram } from "../../backup/off-site/program/fake-program.ts";
import { ARCHIVE_ID, openForTest, FIRST, never, put, sha256, stage } from "../../backup/off-site/staged-backup.ts";
import { has } from "../../helpers/needs.ts";

const NAME = "20261123T000500Z";

async function toRestic(folder: string): Promise<OpenLocation> {
  const location = await openForTest(`restic:${folder}/repo`, { HOME: folder, RESTIC_PASSWORD: "secret" });
  await resticInit(location);
  return location;
}

const toRclone = (folder: string): Promise<OpenLocation> => openForTest(`rclone:${folder}/remote`, { HOME: folder });

/** The files of a fetched backup, by path. */
function contents(folder: string): Record<string, string> {
  const files = listTree(folder).filter(({ type }) => type === "file");
  return Object.fromEntries(files.map(({ path, fullPath }) => [path, sha256(readFileSync(fullPath, "utf8"))]));
}

function expectWhole(folder: string, { files }: StagedBackup): void {
  const found = contents(folder);
  expect(Object.keys(found)).toEqual(
    expect.arrayContaining(["archive.db", "backup.json", "SHA256SUMS", "journal/2026-11.ndjson"]),
  );
  for (const file of files) expect(found[`assets/${file.path}`]).toBe(file.sha256);
}

/** Single files are fetched by digest; a file that the backup lacks is left out. */
async function expectCopies(location: OpenLocation, { files }: StagedBackup, folder: string): Promise<void> {
  await using source = await openOffSiteSource(location, ARCHIVE_ID);
  const [one, two] = files;
  const wanted = [one, two, { sha256: "0".repeat(64), bytes: 1, path: "00/0.m4a" }].flatMap((file) => file ?? []);
  const digests = new Set([one?.sha256, two?.sha256]);
  expect(await source.find(wanted, never)).toEqual(digests);
  const fetched = new Map<string, string>();
  mkdirSync(join(folder, "fetched"));
  for await (const { sha256: digest, path } of source.fetch(wanted, join(folder, "fetched"), never))
    fetched.set(digest, sha256(readFileSync(path, "utf8")));
  expect(new Set(fetched.keys())).toEqual(digests);
  for (const [digest, actual] of fetched) expect(actual).toBe(digest);
}

describe.skipIf(!has("restic"))("the real restic (skipped where it is not installed)", () => {
  it("takes a backup, verifies it, and gives back all of it or one file by its digest", async () => {
    using folder = temporaryFolder();
    const [location, staged] = [await toRestic(folder.path), stage(folder.path)];
    const proof = await uploadToRestic(location, staged, FIRST);
    expect(proof).toMatchObject({ verifiedBefore: [], failed: [] });
    expect(proof.readBack).toEqual(expect.arrayContaining(staged.files));
    const into = join(folder.path, "back");
    expect(await fetchBackup(location, { archiveId: ARCHIVE_ID }, into, () => {})).toMatch(
      new RegExp(`^${proof.name}`),
    );
    expectWhole(into, staged);
    await expectCopies(location, staged, folder.path);
  });

  it("reads back only what is new in a second backup, and keeps the first", async () => {
    using folder = temporaryFolder();
    const location = await toRestic(folder.path);
    await uploadToRestic(location, stage(folder.path), FIRST);
    const again = await uploadToRestic(location, stage(folder.path, ["one", "two", "three", "four"]), {
      ...FIRST,
      isVerified: (digest) => digest !== sha256("four".repeat(1000)),
    });
    // stage() writes every file again, so that restic reads them.
    expect(again.readBack).toHaveLength(4);
    expect(await resticSnapshots(location, ARCHIVE_ID)).toHaveLength(2);
    expect(await resticSnapshots(location, "another")).toHaveLength(0);
    const third = await uploadToRestic(
      location,
      { ...stage(folder.path, []), files: again.readBack },
      { ...FIRST, isVerified: () => true },
    );
    expect(third).toMatchObject({ readBack: [], failed: [] });
    expect(third.verifiedBefore).toHaveLength(4);
  });

  it("reports a file that is damaged or gone here, and verifies the others", async () => {
    using folder = temporaryFolder();
    const [location, staged] = [await toRestic(folder.path), stage(folder.path)];
    writeFileSync(join(staged.assetsRoot, "on/one.m4a"), "x".repeat(3000));
    rmSync(join(staged.assetsRoot, "tw/two.m4a"));
    const proof = await uploadToRestic(location, staged, FIRST);
    expect(proof.readBack.map(({ path }) => path)).toEqual(["th/three.m4a"]);
    expect(proof.failed).toEqual([
      { path: "tw/two.m4a", reason: "not in the snapshot" },
      { path: "on/one.m4a", reason: "its bytes differ" },
    ]);
  });

  it("reports a damaged repository before any copy counts", async () => {
    using folder = temporaryFolder();
    const [location, staged] = [await toRestic(folder.path), stage(folder.path)];
    const real = location.program.path;
    const broken = `case $1 in check) echo 'Fatal: repository contains errors' >&2; exit 1;; *) exec ${real} "$@";; esac`;
    const { path } = fakeProgram(folder.path, "restic", broken);
    const through = await openForTest(location.name, { HOME: folder.path, RESTIC_PASSWORD: "secret", PATH: path });
    await expect(uploadToRestic(through, staged, FIRST)).rejects.toMatchObject({ exit: 4, code: "place_damaged" });
  });

  it("fails with exit 6 for a wrong password, and with 2 for a missing repository", async () => {
    using folder = temporaryFolder();
    const location = await toRestic(folder.path);
    const wrong = await openForTest(location.name, { HOME: folder.path, RESTIC_PASSWORD: "other" });
    await expect(resticSnapshots(wrong, undefined)).rejects.toMatchObject({ exit: 6, code: "wrong_password" });
    const absent = await openForTest(`restic:${folder.path}/none`, { HOME: folder.path, RESTIC_PASSWORD: "x" });
    await expect(resticSnapshots(absent, undefined)).rejects.toMatchObject({ exit: 2, code: "no_repository" });
  });
});

describe.skipIf(!has("rclone"))("the real rclone (skipped where it is not installed)", () => {
  it("takes a backup, verifies it, and gives back all of it or one file by its digest", async () => {
    using folder = temporaryFolder();
    const [location, staged] = [await toRclone(folder.path), stage(folder.path)];
    const proof = await uploadToRclone(location, staged, NAME, FIRST);
    expect(proof).toMatchObject({ name: NAME, verifiedBefore: [], failed: [] });
    expect(proof.readBack).toEqual(expect.arrayContaining(staged.files));
    const into = join(folder.path, "back");
    expect(await fetchBackup(location, {}, into, () => {})).toBe(NAME);
    expectWhole(into, staged);
    await expectCopies(location, staged, folder.path);
  });

  it("uploads and reads back only what is new in a second backup; files that are gone here stay there", async () => {
    using folder = temporaryFolder();
    const location = await toRclone(folder.path);
    await uploadToRclone(location, stage(folder.path), NAME, FIRST);
    rmSync(join(folder.path, "mirror/my [music]"), { recursive: true });
    const staged = stage(folder.path, ["three", "four"]);
    const isVerified = (digest: string) => digest !== sha256("four".repeat(1000));
    const again = await uploadToRclone(location, staged, "20261124T000500Z", { ...FIRST, isVerified });
    expect(again.readBack.map(({ path }) => path)).toEqual(["fo/four.m4a"]);
    expect(again.verifiedBefore.map(({ path }) => path)).toEqual(["th/three.m4a"]);
    expect(existsSync(join(folder.path, "remote/assets/on/one.m4a"))).toBe(true);
    expect(readdirSync(join(folder.path, "remote/snapshots"))).toEqual([NAME, "20261124T000500Z"]);
  });

  it("reports an object with other bytes and leaves it as it is; uploads one that was cut short again", async () => {
    using folder = temporaryFolder();
    const [location, staged] = [await toRclone(folder.path), stage(folder.path)];
    const assets = join(folder.path, "remote/assets");
    put(join(assets, "on/one.m4a"), "x".repeat(3000));
    put(join(assets, "tw/two.m4a"), "tw");
    put(join(assets, "th/three.m4a"), "y".repeat(9000));
    const proof = await uploadToRclone(location, staged, NAME, FIRST);
    expect(proof.readBack.map(({ path }) => path)).toEqual(["tw/two.m4a"]);
    expect(proof.failed).toEqual([
      { path: "th/three.m4a", reason: "9000 bytes in the backup, 5000 here" },
      { path: "on/one.m4a", reason: "its bytes differ in the backup" },
    ]);
    expect(readFileSync(join(assets, "on/one.m4a"), "utf8")).toBe("x".repeat(3000));
  });

  it("does not upload a file that is damaged here", async () => {
    using folder = temporaryFolder();
    const [location, staged] = [await toRclone(folder.path), stage(folder.path)];
    writeFileSync(join(staged.assetsRoot, "on/one.m4a"), "x".repeat(3000));
    const proof = await uploadToRclone(location, staged, NAME, FIRST);
    expect(proof.failed).toEqual([{ path: "on/one.m4a", reason: "here: its bytes differ" }]);
    expect(existsSync(join(folder.path, "remote/assets/on/one.m4a"))).toBe(false);
  });

  it("refuses the folder of another archive", async () => {
    using folder = temporaryFolder();
    const [location, staged] = [await toRclone(folder.path), stage(folder.path)];
    put(join(folder.path, "remote/assets/.producer-mirror"), "another\n");
    await expect(uploadToRclone(location, staged, NAME, FIRST)).rejects.toMatchObject({
      exit: 7,
      code: "not_this_archive",
    });
    expect(listTree(join(folder.path, "remote")).filter(({ type }) => type === "file")).toHaveLength(1);
  });

  it("ignores a snapshot without its backup.json", async () => {
    using folder = temporaryFolder();
    const [location, staged] = [await toRclone(folder.path), stage(folder.path)];
    await uploadToRclone(location, staged, NAME, FIRST);
    put(join(folder.path, "remote/snapshots/20991231T000000Z/archive.db"), "half");
    expect(await fetchBackup(location, {}, join(folder.path, "back"), () => {})).toBe(NAME);
    await expect(fetchBackup(location, { snapshot: "2099" }, join(folder.path, "b2"), () => {})).rejects.toMatchObject({
      exit: 2,
      code: "no_backup",
    });
  });
});

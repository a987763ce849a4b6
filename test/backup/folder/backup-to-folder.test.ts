import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { archiveContents } from "../../helpers/archive-contents.ts";
import { editArchive, rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";
import type { Status } from "../../../src/query/stats/status.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
let folder: string;

beforeEach(async () => {
  world = await makeWorld({ tasks: 6 });
  folder = join(world.folder, "backups");
  expectCode(await world.mirror("sync"), 0);
});

afterEach(() => world[Symbol.asyncDispose]());

const generations = () => readdirSync(folder).filter((name) => /^\d{8}T\d{6}Z$/.test(name));
const newest = () => join(folder, generations().at(-1) ?? "none");
const audioIn = (home: string) => {
  const [row] = rowsOf(world.home, "select path from assets where kind = 'audio' order by id limit 1");
  return join(home, "assets", String(row!["path"]));
};

describe("a backup to a folder", () => {
  it("M143: a lost archive is restored without the service, verified and listed, and sync continues", async () => {
    const before = archiveContents(world.home);
    const { stdout } = expectCode(await world.mirror("backup", folder), 0);
    expect(stdout.split("\n")[0]).toBe(world.home);
    expect(stdout).toContain("6 songs, 12 files");
    await world.standIn.close();
    rmSync(world.home, { recursive: true });
    expectCode(await world.mirror("restore", folder), 0);
    expect(archiveContents(world.home)).toEqual(before);
    expect((await world.mirror("status")).stdout).toMatch(/^backup +\S+ · seen now, made .* · all 6 songs$/m);
    expectCode(await world.mirror("verify", "--full"), 0);
    expect(JSON.parse((await world.mirror("clips", "--json")).stdout)).toHaveLength(6);
    expect(statSync(world.home).mode & 0o777).toBe(0o700);
    const env = { PRODUCER_MIRROR_API_URL: "http://127.0.0.1:9" };
    expectCode(await world.mirrorWith({ env }, "sync"), 0);
  });

  it("includes and restores an archive that has no file yet", async () => {
    const home = join(world.folder, "young");
    const [id = ""] = world.ids;
    expectCode(await world.mirror("track", id, "--home", home), 0);
    expectCode(await world.mirror("backup", folder, "--home", home), 0);
    rmSync(home, { recursive: true });
    expectCode(await world.mirror("restore", folder, "--home", home), 0);
    expect(rowsOf(home, "select task_id from tracked_tasks")).toEqual([{ task_id: id }]);
    expectCode(await world.mirror("sync", "--home", home), 0);
  });

  it("3: takes an address for one, whichever way it is named, and makes no folder of that name", async () => {
    const before = readdirSync(world.folder).toSorted();
    const none = { env: { RESTIC_PASSWORD: "", RESTIC_PASSWORD_FILE: "", PATH: "" } };
    for (const words of [["restic:repo"], ["--to", "restic:repo"]]) {
      const end = expectCode(await world.mirrorWith(none, "backup", ...words), 2);
      expect(end.stderr).toMatch(/restic/);
      expect(end.stderr).not.toMatch(/is no folder/);
    }
    const foreign = expectCode(await world.mirror("backup", "sftp:me@host:/songs"), 2);
    expect(foreign.stderr).toContain("sftp: is no address that backup knows");
    expect(readdirSync(world.folder).toSorted()).toEqual(before);
    expectCode(await world.mirror("backup", "./a:folder"), 0);
    expectCode(await world.mirror("backup", "--verify", "./a:folder"), 0);
  });

  it("M150: is read by sha256sum, and a flipped byte is reported with exit 4 and prevents a restore", async () => {
    expectCode(await world.mirror("backup", folder), 0);
    execFileSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: newest() });
    expectCode(await world.mirror("backup", folder, "--verify"), 0);
    const song = audioIn(newest());
    const bytes = readFileSync(song);
    writeFileSync(song, bytes.with(100, bytes[100]! ^ 1));
    const seen = expectCode(await world.mirror("backup", folder, "--verify", "--json"), 4);
    expect(JSON.parse(seen.stdout)).toMatchObject({ damaged: [{ path: song.slice(newest().length + 1) }] });
    const before = archiveContents(world.home);
    expect(expectCode(await world.mirror("restore", folder), 4).stderr).toContain("is damaged");
    expect(archiveContents(world.home)).toEqual(before);
    expectCode(await world.mirror("restore", folder, "--force"), 4);
    expectCode(await world.mirror("sync"), 0);
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("hard-links files of an older backup, never of the archive, and so replaces a file that is damaged here", async () => {
    expectCode(await world.mirror("backup", folder), 0);
    const first = newest();
    const song = audioIn(world.home);
    const good = readFileSync(song);
    writeFileSync(song, good.with(200, good[200]! ^ 1));
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const ended = expectCode(await world.mirror("backup", folder, "--json"), 4);
    expect(JSON.parse(ended.stdout)).toMatchObject({ linked: 12, copied: 0, damaged: [{ kind: "audio" }] });
    const second = newest();
    expect(second).not.toBe(first);
    expect(readFileSync(audioIn(second)).equals(good)).toBe(true);
    expect(statSync(audioIn(second)).ino).toBe(statSync(audioIn(first)).ino);
    expect(statSync(audioIn(first)).ino).not.toBe(statSync(song).ino);
    expectCode(await world.mirror("backup", folder, "--verify"), 0);
  });

  it("accepts no symlink as a file of an older backup, and copies the file instead", async () => {
    expectCode(await world.mirror("backup", folder), 0);
    const outside = join(world.folder, "outside.m4a");
    renameSync(audioIn(newest()), outside);
    symlinkSync(outside, audioIn(newest()));
    for (const quick of [[], ["--quick"]]) {
      const older = newest();
      const { stderr } = expectCode(await world.mirror("backup", folder, ...quick), 0);
      expect(stderr).toContain("an older backup is damaged");
      expect(lstatSync(audioIn(newest())).isFile()).toBe(true);
      rmSync(audioIn(newest()));
      symlinkSync(outside, audioIn(newest()));
      expect(newest()).not.toBe(older);
    }
  });

  it("M149: --keep counts only good backups", async () => {
    for (let at = 0; at < 3; at++) {
      expectCode(await world.mirror("backup", folder), 0);
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    const [oldest = "", middle = "", last = ""] = generations();
    writeFileSync(join(folder, last, "archive.db"), "rotten");
    expectCode(await world.mirror("backup", folder, "--keep", "2"), 0);
    expect(generations()).toHaveLength(3);
    expect(generations()).not.toContain(oldest);
    expect(generations().slice(0, 2)).toEqual([middle, last]);
  });

  it("M149: of ten backups --keep 3 leaves the three newest good ones, even when the clock was set back", async () => {
    expectCode(await world.mirror("backup", folder), 0);
    const first = newest();
    for (let day = 1; day < 10; day++)
      cpSync(first, join(folder, `209901${String(day).padStart(2, "0")}T000000Z`), { recursive: true });
    writeFileSync(join(newest(), "SHA256SUMS"), "rotten");
    const { stdout } = expectCode(await world.mirror("backup", folder, "--keep", "3", "--json"), 0);
    const made = (JSON.parse(stdout) as { generation: string }).generation;
    expect(made).toBe("20990109T000001Z");
    expect(generations()).toEqual(["20990107T000000Z", "20990108T000000Z", "20990109T000000Z", made]);
    expectCode(await world.mirror("backup", folder, "--verify"), 0);
  });

  it("records its copies, and status counts the songs that have fewer than two", async () => {
    const status = async () => JSON.parse((await world.mirror("status", "--json")).stdout) as Record<string, unknown>;
    expect(await status()).toMatchObject({ lastBackup: null, underTwoCopies: 6 });
    expectCode(await world.mirror("backup", folder), 0);
    const digests = rowsOf(world.home, "select distinct sha256 from assets where state = 'stored' order by sha256");
    expect(rowsOf(world.home, "select sha256 from copies where location = ? order by sha256", folder)).toEqual(digests);
    expect(await status()).toMatchObject({ lastBackup: { location: folder, outcome: "complete" }, underTwoCopies: 0 });
    expect((await world.mirror("status")).stdout).toContain("backup");
  });

  it("is looked at again by status and doctor: one that is gone, or of another archive, is no copy", async () => {
    const status = async () => JSON.parse((await world.mirror("status", "--json")).stdout) as Status;
    const lines = async () => (await world.mirror("status")).stdout;
    expect(await lines()).toContain("backup   none yet");
    expectCode(await world.mirror("backup", folder), 0);
    expect((await status()).backups).toMatchObject([
      { location: folder, seen: true, sameDisk: true, songs: 6, ofSongs: 6 },
    ]);
    expect(await lines()).toMatch(
      /seen now, made .*on the same disk as the archive · all 6 songs\n.*two copies, on one disk/,
    );
    for (const spoil of [
      () => renameSync(folder, `${folder}.away`),
      () => renameSync(newest(), join(folder, "elsewhere")),
      () => rmSync(join(newest(), "backup.json")),
      () => rmSync(join(newest(), "archive.db")),
      () => rmSync(join(folder, ".producer-mirror-backup")),
      () => writeFileSync(join(folder, ".producer-mirror-backup"), "another archive\n"),
    ]) {
      expectCode(await world.mirror("backup", folder), 0);
      spoil();
      expect(await status()).toMatchObject({ underTwoCopies: 6, backups: [{ seen: false }] });
      expect(await lines()).toMatch(/not seen since .*held all 6 songs then\n.*6 songs with fewer than two copies/);
      const doctor = (await world.mirror("doctor", "--offline")).stdout;
      expect(doctor).toMatch(/warn {2}newest backup: none is there now/);
      expect(doctor).toMatch(/warn {2}backup: .*: not seen since /);
      for (const left of [folder, `${folder}.away`]) rmSync(left, { recursive: true, force: true });
    }
  });

  it("counts the songs that are here: a purged one is in no number", async () => {
    const [clip] = rowsOf(world.home, "select id from clips limit 1");
    expectCode(await world.mirror("rm", "--purge", "--yes", String(clip?.["id"])), 0);
    const count = async (...args: string[]) => JSON.parse((await world.mirror(...args, "--json")).stdout) as unknown;
    expect(await count("status")).toMatchObject({ clips: 5, removed: 1, here: 5 });
    expect(await count("backup", folder)).toMatchObject({ clips: 5 });
    expect(await count("sql", "select count(*) as songs from songs")).toEqual([{ songs: 5 }]);
    expect(await count("clips")).toHaveLength(5);
    expect(await count("rebuild")).toMatchObject({ clips: 5 });
    expect((await world.mirror("restore", folder, "--home", join(world.folder, "new"))).stdout).toContain(": 5 songs,");
  });

  it.each([
    ["the archive's own folder", (w: World) => w.home],
    ["a folder in it", (w: World) => join(w.home, "backups")],
    ["a folder around it", (w: World) => w.folder],
  ])("refuses %s: exit 2, and makes nothing", async (_name, target) => {
    const before = readdirSync(world.home);
    const { stderr } = expectCode(await world.mirror("backup", target(world)), 2);
    expect(stderr).toMatch(/^error: /);
    expect(readdirSync(world.home)).toEqual(before);
  });

  it("refuses a folder with other content", async () => {
    writeFileSync(join(world.folder, "thing"), "x");
    const other = join(world.folder, "other");
    execFileSync("mkdir", [other]);
    writeFileSync(join(other, "photo.jpg"), "x");
    expectCode(await world.mirror("backup", other), 2);
    expect(readdirSync(other)).toEqual(["photo.jpg"]);
    expectCode(await world.mirror("backup", folder, "-n"), 0);
    expect(existsSync(folder)).toBe(false);
    expectCode(await world.mirror("backup", folder, "--to", "restic:/x"), 2);
    expectCode(await world.mirror("backup"), 2);
  });

  it("M148: is refused when a tenth of the files is gone", async () => {
    expectCode(await world.mirror("backup", folder), 0);
    const paths = rowsOf(world.home, "select path from assets order by id limit 2");
    for (const { path } of paths) rmSync(join(world.home, "assets", String(path)));
    const { stderr } = expectCode(await world.mirror("backup", folder), 7);
    expect(stderr).toContain("2 of 12 stored files are not in");
    expect(generations()).toHaveLength(1);
  });

  it("A4: is whole or absent after a kill, and the next one resumes it", async () => {
    expectCode(await world.mirror("backup", folder), 0);
    for (let at = 0; at < 10; at++) {
      const child = world.start(["backup", folder]);
      setTimeout(() => child.kill("SIGKILL"), 100 + at * 30);
      await child.done;
      for (const name of generations())
        execFileSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: join(folder, name) });
    }
    expectCode(await world.mirror("backup", folder), 0);
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
    expectCode(await world.mirror("backup", folder, "--verify"), 0);
  });

  it.each([
    [["backup", "backups"]],
    [["rebuild"]],
    [["verify", "--full", "--repair"]],
    [["rm", "--purge", "--yes", "all"]],
  ])(
    "L137: %j reports in JSON that it was interrupted, exits with 143, and leaves the archive whole",
    async ([...words]) => {
      const args = words.map((word) => (word === "all" ? world.ids[0]! : word));
      const ends = [];
      const reports = [];
      for (let at = 0; at < 6; at++) {
        const child = world.start([...args, "--json"]);
        setTimeout(() => child.kill("SIGTERM"), 80 + at * 25);
        const end = await child.done;
        ends.push(end.code ?? end.signal);
        if (end.code === 143) reports.push(JSON.parse(end.stdout));
      }
      for (const document of reports) expect(document).toMatchObject({ error: { code: "interrupted", exit: 143 } });
      // Before it listens the signal ends it at once; at its end it is done.
      expect(ends.filter((end) => ![0, 2, 143, "SIGTERM"].includes(end!))).toEqual([]);
      expectCode(await world.mirror("verify", "--full"), 0);
    },
  );

  it("M144: has every file that its rows name when a sync runs at the same time", async () => {
    editArchive(world.home, "update assets set state = 'wanted', path = null, sha256 = null");
    rmSync(join(world.home, "assets"), { recursive: true });
    const running = world.start(["sync", "--adopt-assets"]);
    await new Promise((resolve) => setTimeout(resolve, 250));
    const { code } = await world.mirror("backup", folder);
    expectCode(await running.done, 0);
    expect([0, 7]).toContain(code);
    expectCode(await world.mirror("backup", folder), 0);
    expectCode(await world.mirror("backup", folder, "--verify"), 0);
    const db = rowsOf(newest(), "select path from assets where state = 'stored'");
    expect(db.filter(({ path }) => !existsSync(join(newest(), "assets", String(path))))).toEqual([]);
  });
});

describe("restore", () => {
  it("into a folder of files elsewhere keeps other bytes that were there, also from a repair", async () => {
    expectCode(await world.mirror("backup", folder), 0);
    const assets = join(world.folder, "disk", "songs");
    const elsewhere = { env: { PRODUCER_MIRROR_ASSETS: assets } };
    cpSync(join(world.home, "assets"), assets, { recursive: true });
    const path = audioIn(world.home).slice(join(world.home, "assets/").length);
    writeFileSync(join(assets, path), "as an archive after this backup had it");
    rmSync(world.home, { recursive: true });
    expectCode(await world.mirrorWith(elsewhere, "restore", folder), 0);
    expectCode(await world.mirrorWith(elsewhere, "verify", "--full", "--repair"), 0);
    const beside = readdirSync(join(assets, path, "..")).filter((name) => /\.differs-[0-9a-f]{8}\.m4a$/.test(name));
    expect(beside.map((name) => readFileSync(join(assets, path, "..", name), "utf8"))).toEqual([
      "as an archive after this backup had it",
    ]);
  });

  it("keeps the old home, and replaces a different archive only with --force", async () => {
    expectCode(await world.mirror("backup", folder), 0);
    const { stdout } = expectCode(await world.mirror("restore", folder, "--json"), 0);
    const { before } = JSON.parse(stdout) as { before: string };
    expect(existsSync(join(before, "archive.db"))).toBe(true);
    const other = join(world.folder, "another");
    expectCode(await world.mirror("track", world.ids[0]!, "--home", other), 0);
    expectCode(await world.mirror("restore", folder, "--home", other), 2);
    expectCode(await world.mirror("restore", folder, "--home", other, "--force"), 0);
    expect(JSON.parse((await world.mirror("clips", "--json", "--home", other)).stdout)).toHaveLength(6);
  });

  it("after a kill between the two renames, status names the old home and restore can run again", async () => {
    expectCode(await world.mirror("backup", folder), 0);
    const before = archiveContents(world.home);
    const aside = `${world.home}.before-restore-20261122T200000Z`;
    renameSync(world.home, aside);
    expect(expectCode(await world.mirror("status"), 2).stderr).toContain(`rename ${aside} to ${world.home}`);
    expectCode(await world.mirror("restore", folder), 0);
    expect(archiveContents(world.home)).toEqual(before);
    expect(archiveContents(aside)).toEqual(before);
  });

  it("rejects what is not a backup with exit 2, and only checks with -n", async () => {
    expectCode(await world.mirror("restore", join(world.folder, "nowhere")), 2);
    expectCode(await world.mirror("backup", folder), 0);
    const fresh = join(world.folder, "fresh");
    expectCode(await world.mirror("restore", folder, "-n", "--home", fresh), 0);
    expect(existsSync(fresh)).toBe(false);
    expectCode(await world.mirror("restore", folder, "--generation", "nope", "--home", fresh), 2);
  });
});

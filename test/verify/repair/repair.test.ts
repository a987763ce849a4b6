import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openArchive } from "../../../src/db/archive-file.ts";
import { acquireLock } from "../../../src/db/lock.ts";
import { editArchive, rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;
let paths: string[];

beforeEach(async () => {
  world = await makeWorld({ tasks: 6 });
  expectCode(await world.mirror("sync"), 0);
  paths = rowsOf(world.home, "select path from assets where kind = 'audio' order by id").map(({ path }) =>
    join(world.home, "assets", String(path)),
  );
});

afterEach(() => world[Symbol.asyncDispose]());

type Report = {
  checked: number;
  ok: number;
  repaired: number;
  missing: object[];
  corrupt: { problem: string; title: string }[];
  database: string[];
};

const flip = (path: string) => {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.with(200, bytes[200]! ^ 1));
};
const json = (text: string) => JSON.parse(text) as Report;

describe("verify --repair", () => {
  it("fetches lost and damaged files from upstream, only with their stored digest", async () => {
    const [lost = "", rotten = ""] = paths;
    const good = [lost, rotten].map((path) => readFileSync(path));
    rmSync(lost);
    flip(rotten);
    expectCode(await world.mirror("verify", "--full"), 4);
    const { stdout } = expectCode(await world.mirror("verify", "--full", "--repair", "--json"), 0);
    expect(json(stdout)).toMatchObject({ checked: 12, ok: 12, repaired: 2, missing: [], corrupt: [] });
    expect([lost, rotten].map((path) => readFileSync(path))).toEqual(good);
    expect(world.problems()).toEqual([]);
  });

  it("repairs files even when a row cannot be repaired, and so does sync", async () => {
    const [lost = "", other = ""] = paths;
    editArchive(
      world.home,
      "update assets set path = '../../etc/passwd', sha256 = '00' where kind = 'audio' and id = (select max(id) from assets where kind = 'audio')",
    );
    for (const path of [lost, paths.at(-1)!]) rmSync(path);
    const { stdout } = expectCode(await world.mirror("verify", "--full", "--repair", "--json"), 4);
    expect(json(stdout)).toMatchObject({
      repaired: 1,
      notRepaired: null,
      missing: [],
      database: [expect.stringContaining("its audio differs from its journal in path, sha256")],
    });
    expect(existsSync(lost)).toBe(true);
    rmSync(other);
    expectCode(await world.mirror("verify"), 4);
    expectCode(await world.mirror("sync"), 3);
    expect(existsSync(other)).toBe(true);
  });

  it("removes what was quarantined once the right bytes are back, and says how many; what is still lost keeps its own", async () => {
    const [repaired = "", older = "", lost = ""] = paths;
    const folder = join(world.folder, "backups");
    expectCode(await world.mirror("backup", folder), 0);
    await world.standIn.close();
    writeFileSync(`${older}.bad`, "left by an older version");
    writeFileSync(`${lost}.bad`, "all that there is of it");
    flip(repaired);
    rmSync(lost);
    const repair = ["verify", "--full", "--repair"];
    const dry = expectCode(await world.mirror(...repair, "-n"), 4);
    expect(dry.stdout).toContain("1 quarantined file can be removed: the right bytes are back");
    expect(existsSync(`${older}.bad`)).toBe(true);
    const first = json(expectCode(await world.mirror(...repair, "--json"), 4).stdout);
    expect(first).toMatchObject({ repaired: 0, quarantinedCleared: 1 });
    expect(existsSync(`${lost}.bad`)).toBe(true);
    const { stdout } = expectCode(await world.mirror(...repair, "--from", folder), 0);
    expect(stdout).toContain("2 quarantined files removed: the right bytes are back");
    expect([repaired, older, lost].map((path) => existsSync(`${path}.bad`))).toEqual([false, false, false]);
    expect(expectCode(await world.mirror("verify", "--full"), 0).stdout).not.toContain("extra");
  });

  it("restores them from a backup while upstream is offline, without a token", async () => {
    const folder = join(world.folder, "backups");
    expectCode(await world.mirror("backup", folder), 0);
    await world.standIn.close();
    const [lost = "", rotten = ""] = paths;
    const good = [lost, rotten].map((path) => readFileSync(path));
    rmSync(lost);
    flip(rotten);
    const env = { ACEDATACLOUD_API_TOKEN: "" };
    const args = ["verify", "--full", "--repair", "--json", "--from", folder];
    const { stdout } = expectCode(await world.mirrorWith({ env }, ...args), 0);
    expect(json(stdout)).toMatchObject({ repaired: 2, missing: [], corrupt: [] });
    expect([lost, rotten].map((path) => readFileSync(path))).toEqual(good);
  });

  it("B26: names two files that were swapped, and swaps them back while upstream is offline", async () => {
    const [one = "", other = ""] = paths;
    const good = [one, other].map((path) => readFileSync(path));
    renameSync(one, `${one}.x`);
    renameSync(other, one);
    renameSync(`${one}.x`, other);
    const found = json(expectCode(await world.mirror("verify", "--full", "--json"), 4).stdout);
    expect(found.corrupt.map(({ problem }) => problem)).toEqual(["swapped", "swapped"]);
    await world.standIn.close();
    expectCode(await world.mirror("verify", "--full", "--repair"), 0);
    expect([one, other].map((path) => readFileSync(path))).toEqual(good);
  });

  it("restores a file from elsewhere in the folder, and ends with 4 while damage remains", async () => {
    const [moved = "", rotten = ""] = paths;
    const good = readFileSync(moved);
    mkdirSync(join(world.home, "assets", "elsewhere"));
    renameSync(moved, join(world.home, "assets", "elsewhere", "song.m4a"));
    flip(rotten);
    await world.standIn.close();
    const { stdout } = expectCode(await world.mirror("verify", "--full", "--repair", "--json"), 4);
    expect(json(stdout)).toMatchObject({ repaired: 1, corrupt: [{ problem: "digest" }] });
    expect(readFileSync(moved).equals(good)).toBe(true);
  });

  it("stores what upstream has now beside the lost file when it differs, never at its path", async () => {
    const [row] = rowsOf(
      world.home,
      "select path, sha256, url, clip_id from assets where kind = 'audio' order by id limit 1",
    );
    const urlPath = decodeURIComponent(new URL(String(row!["url"])).pathname);
    // The same song with one more, empty box.
    const body = Buffer.concat([readFileSync(paths[0]!), Buffer.from([0, 0, 0, 8]), Buffer.from("free")]);
    world.standIn.assets.set(urlPath, body);
    rmSync(paths[0]!);
    const { stdout } = expectCode(await world.mirror("verify", "--repair", "--json"), 4);
    expect(json(stdout).missing).toHaveLength(1);
    expect(existsSync(paths[0]!)).toBe(false);
    expect(readdirSync(join(paths[0]!, "..")).filter((name) => name.includes(".differs-"))).toHaveLength(1);
    expect(rowsOf(world.home, "select sha256 from assets where path = ?", row!["path"])).toEqual([
      { sha256: row!["sha256"] },
    ]);
  });

  it("changes nothing with -n, and is refused while another run holds the archive: exit 8", async () => {
    rmSync(paths[0]!);
    const { stdout } = expectCode(await world.mirror("verify", "--repair", "-n", "--json"), 4);
    expect(json(stdout).missing).toHaveLength(1);
    expect(existsSync(paths[0]!)).toBe(false);
    const held = acquireLock(world.home, "test");
    expectCode(await world.mirror("verify", "--repair"), 8);
    held.release();
    expectCode(await world.mirror("verify", "--from", "/nowhere"), 2);
    expectCode(await world.mirror("verify", "--repair", "--from", join(world.folder, "nowhere")), 2);
  });

  it("names songs whose rows are wrong, and leaves them to rebuild", async () => {
    const db = openArchive(world.home);
    db.$client.exec("update clips set title = 'wrong' where rowid_key = 1");
    db.$client.close();
    const { stdout } = expectCode(await world.mirror("verify", "--full", "--json"), 4);
    expect(json(stdout).database).toEqual([
      expect.stringMatching(/^song "wrong" [0-9a-f-]{36}: it differs from its journal in title$/),
    ]);
    expect(expectCode(await world.mirror("verify", "--full", "--repair"), 4).stderr).toContain(
      "producer-mirror rebuild",
    );
    expectCode(await world.mirror("rebuild"), 0);
    expectCode(await world.mirror("verify", "--full"), 0);
    expect(rowsOf(world.home, "select title from clips where rowid_key = 1")).not.toEqual([{ title: "wrong" }]);
  });
});

describe("verify", () => {
  it("--subset reads a share of the files, those read longest ago first", async () => {
    const { stdout } = expectCode(await world.mirror("verify", "--subset", "50%", "--json"), 0);
    expect(json(stdout)).toMatchObject({ checked: 6, ok: 6 });
    expectCode(await world.mirror("verify", "--subset", "50%"), 0);
    const times = rowsOf(world.home, "select verified_at > stored_at as later from assets");
    expect(times.filter(({ later }) => later === 1)).toHaveLength(12);
    for (const wrong of ["0", "101%", "x"]) expectCode(await world.mirror("verify", "--subset", wrong), 2);
  });

  it("says what to install where --decode has no ffmpeg: exit 2", async () => {
    const { stderr } = expectCode(await world.mirrorWith({ env: { PATH: "/nowhere" } }, "verify", "--decode"), 2);
    expect(stderr).toContain("ffmpeg is not installed");
  });
});

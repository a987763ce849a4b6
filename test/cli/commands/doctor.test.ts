import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startStandIn } from "../../stand-in/stand-in.ts";
import type { Finding } from "../../../src/doctor/finding.ts";
import { editLoosely } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { asNobody, smallDisk } from "../../helpers/small-disk.ts";
import { makeWorld, TOKEN, type World } from "../../helpers/world.ts";
import { mayMount } from "../../helpers/needs.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let world: World;

beforeAll(async () => {
  world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
});

afterAll(() => world[Symbol.asyncDispose]());

type Report = { ok: boolean; checks: Finding[]; error?: { code: string; exit: number } };

async function doctor(env: Record<string, string> = {}, ...args: string[]): Promise<Report & { code: number | null }> {
  const { code, stdout } = await world.mirrorWith({ env }, "doctor", "--json", ...args);
  return { ...(JSON.parse(stdout) as Report), code };
}

const of = (report: Report, check: string) => report.checks.find((finding) => finding.check === check);

describe("doctor", () => {
  it("ends with 0 where nothing is bad, and asks one free question", async () => {
    const before = world.standIn.requests.length;
    const report = await doctor();
    expect(report.checks.filter(({ state }) => state === "bad")).toEqual([]);
    expect(report).toMatchObject({ ok: true, code: 0 });
    expect(of(report, "token")?.found).toBe(`accepted by ${world.standIn.url}`);
    expect(of(report, "clock")?.state).toBe("ok");
    expect(of(report, "newest backup")?.state).toBe("warn");
    expect(world.standIn.requests.length - before).toBe(1);
    expect(world.problems()).toEqual([]);
  });

  it("has a line of advice for everything that is not well", async () => {
    const report = await doctor({ ACEDATACLOUD_API_TOKEN: "" });
    const unwell = report.checks.filter(({ state }) => state !== "ok");
    expect(unwell.length).toBeGreaterThan(1);
    expect(unwell.filter(({ advice }) => !advice)).toEqual([]);
    expect(report.code).toBe(1);
    const { stdout, code } = await world.mirrorWith({ env: { ACEDATACLOUD_API_TOKEN: "" } }, "doctor");
    expect(stdout.split("\n")[0]).toBe(world.home);
    expect(stdout).toContain("BAD   token: none is set");
    expect(code).toBe(1);
  });

  it("reports what the API says of the token, and never the token", async () => {
    const { stdout, stderr, code } = await world.mirrorWith(
      { env: { ACEDATACLOUD_API_TOKEN: "wrong-1234567890" } },
      "doctor",
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/BAD {3}token: .*401 invalid_token/);
    expect(stdout + stderr).not.toContain("wrong-1234567890");
  });

  it("says that the API cannot be reached", async () => {
    const report = await doctor({ PRODUCER_MIRROR_API_URL: "http://127.0.0.1:9" });
    expect(report.code).toBe(1);
    expect(of(report, "token")?.found).toContain("cannot reach the API");
    expect((await doctor({ PRODUCER_MIRROR_API_URL: "http://127.0.0.1:9" }, "--offline")).code).toBe(0);
  });

  it("ends with 2 and names the folder where there is no archive", async () => {
    const nowhere = join(world.folder, "nowhere");
    const report = await doctor({ PRODUCER_MIRROR_HOME: nowhere });
    expect(report.error).toMatchObject({ code: "no_archive", exit: 2 });
    expect(report.code).toBe(2);
    expect(of(report, "token")?.state).toBe("ok");
  });

  it("finds a damaged database, an emptied assets folder, open files and old parts", async () => {
    await using sick = await makeWorld({ tasks: 1 });
    expect((await sick.mirror("sync")).code).toBe(0);
    const assets = join(sick.home, "assets");
    mkdirSync(join(assets, "00"), { recursive: true });
    const part = join(assets, "00", "00000000-0000-4000-8000-000000000000.audio.part");
    writeFileSync(part, "half");
    utimesSync(part, 0, 0);
    chmodSync(sick.home, 0o755);
    chmodSync(join(sick.home, "archive.db"), 0o644);
    const { stdout, code } = await sick.mirror("doctor");
    expect(stdout).toContain("warn  leftover parts: 1 (0.0 MB), 1 older than a week");
    expect(stdout).toContain("warn  permissions of the home folder: others may read archive.db");
    expect(code).toBe(0);
    const database = join(sick.home, "archive.db");
    const bytes = readFileSync(database);
    writeFileSync(database, bytes.fill(0x5a, 3 * 4096, 9 * 4096));
    const after = await sick.mirror("doctor", "--json");
    const report = JSON.parse(after.stdout) as Report;
    expect(of(report, "database")?.state).toBe("bad");
    expect(after.code).toBe(4);
  });

  it("says that a database copied by hand is not in write-ahead mode, until something is written", async () => {
    await using copied = await makeWorld({ tasks: 1 });
    expect((await copied.mirror("sync")).code).toBe(0);
    const database = new Sqlite(join(copied.home, "archive.db"));
    const copy = join(copied.folder, "archive.db");
    database.prepare("vacuum into ?").run(copy);
    database.close();
    copyFileSync(copy, join(copied.home, "archive.db"));
    const found = async () => {
      const { stdout, code } = await copied.mirror("doctor", "--offline", "--json");
      expect(code).toBe(0);
      return (JSON.parse(stdout) as { checks: Finding[] }).checks.find(({ check }) => check === "database");
    };
    expect(await found()).toMatchObject({ state: "warn", found: expect.stringContaining("mode delete") as unknown });
    expect((await copied.mirror("tag", copied.ids[0] ?? "", "+calm")).code).toBe(0);
    expect(await found()).toMatchObject({ state: "ok", advice: null });
  });

  it("goes on when the database is damaged, whatever page it is", async () => {
    const home = join(world.folder, "torn");
    cpSync(world.home, home, { recursive: true });
    const whole = readFileSync(join(home, "archive.db"));
    for (const suffix of ["-wal", "-shm"]) rmSync(join(home, `archive.db${suffix}`), { force: true });
    const ends = [];
    for (let page = 1; page + 3 < whole.length / 4096; page += 3) {
      writeFileSync(join(home, "archive.db"), Buffer.from(whole).fill(0, page * 4096, (page + 3) * 4096));
      const report = await doctor({ PRODUCER_MIRROR_HOME: home }, "--offline");
      ends.push({ code: report.code, state: of(report, "database")?.state, more: report.checks.length > 6 });
    }
    expect(ends.length).toBeGreaterThan(10);
    expect(ends.filter(({ code, state, more }) => code !== 4 || state !== "bad" || !more)).toEqual([]);
  });

  it("D61: tells a clock that is a day off, by the time that the API's answer has", async () => {
    const date = new Date(Date.now() - 86_400_000).toUTCString();
    await using skewed = await startStandIn({ library: () => world.standIn.library, token: TOKEN, date });
    const clock = of(await doctor({ PRODUCER_MIRROR_API_URL: skewed.url }), "clock");
    expect(clock).toMatchObject({ state: "warn", found: expect.stringMatching(/^8640\d s ahead of/) as unknown });
    expect(clock?.advice).toContain("timedatectl");
  });

  it("says that others may read a .env with a token, and which file", async () => {
    const file = join(world.home, ".env");
    writeFileSync(file, "ACEDATACLOUD_API_TOKEN=anything-1234567890\n");
    chmodSync(file, 0o644);
    const report = await doctor();
    rmSync(file);
    expect(of(report, "settings")).toMatchObject({
      state: "warn",
      found: `${file} holds a token and others may read it: chmod 600 ${file}`,
    });
  });

  it("names files and folders that a sudo has left, which this user cannot write", async (ctx) => {
    const nobody = asNobody();
    ctx.skip(process.getuid?.() !== 0 || nobody === undefined, "needs root and setpriv");
    const home = join(world.folder, "by-sudo");
    cpSync(world.home, home, { recursive: true });
    const journal = `journal/${readdirSync(join(home, "journal"))[0]}`;
    const folder = readdirSync(join(home, "assets")).find((name) => name.length === 2) ?? "";
    execFileSync("chown", ["-R", "65534:65534", home]);
    for (const path of [journal, `assets/${folder}`]) execFileSync("chown", ["0:0", join(home, path)]);
    chmodSync(world.folder, 0o755);
    const ask = { wrapper: nobody ?? [], env: { PRODUCER_MIRROR_HOME: home } };
    const { code, stdout } = await world.mirrorWith(ask, "doctor", "--offline", "--json");
    const report = JSON.parse(stdout) as Report;
    expect(code).toBe(1);
    expect(of(report, "permissions of the home folder")).toMatchObject({
      state: "bad",
      found: `this user cannot write ${journal} in ${home}`,
      advice: expect.stringContaining("chown -R") as unknown,
    });
    expect(of(report, "permissions of the assets folder")).toMatchObject({
      state: "bad",
      found: `this user cannot write ${folder} in ${join(home, "assets")}`,
    });
  });

  it("tells a disk that is nearly full under the home, where the files lie on another", async (ctx) => {
    ctx.skip(!mayMount(), "needs root and the right to mount");
    const home = join(world.folder, "disk");
    using _disk = smallDisk(home, 10_000);
    cpSync(world.home, home, { recursive: true });
    const report = await doctor({ PRODUCER_MIRROR_HOME: home, PRODUCER_MIRROR_ASSETS: join(world.home, "assets") });
    expect(of(report, "room for the database")).toMatchObject({
      state: "bad",
      found: expect.stringMatching(/^\d\.\d MB free, the database takes 0\.\d MB$/) as unknown,
      advice: `make room on the disk of ${home}`,
    });
    expect(of(report, "disk of the home folder")).toMatchObject({ state: "warn" });
    expect(report.code).toBe(1);
    expect(of(await doctor(), "room for the database")).toBeUndefined();
  });

  it("names what a restore has left beside the home", async () => {
    for (const name of ["restoring-20261122T200000Z", "before-restore-20261121T200000Z"])
      mkdirSync(`${world.home}.${name}`);
    const beside = "leftovers beside the home folder";
    expect(of(await doctor(), beside)).toMatchObject({ state: "warn", found: "mirror.restoring-20261122T200000Z" });
    rmSync(`${world.home}.restoring-20261122T200000Z`, { recursive: true });
    expect(of(await doctor(), beside)).toMatchObject({ state: "ok" });
    rmSync(`${world.home}.before-restore-20261121T200000Z`, { recursive: true });
    expect(of(await doctor(), beside)).toBeUndefined();
  });

  it("says that the files are gone, as an unmounted disk has it, and that a database is newer than the program", async () => {
    const home = join(world.folder, "unmounted");
    cpSync(world.home, home, { recursive: true });
    rmSync(join(home, "assets"), { recursive: true });
    mkdirSync(join(home, "assets"));
    const empty = await doctor({ PRODUCER_MIRROR_HOME: home }, "--offline");
    expect(of(empty, "assets folder")).toMatchObject({ state: "bad" });
    expect(empty.code).toBe(1);
    editLoosely(home, "pragma user_version = 999");
    const newer = await doctor({ PRODUCER_MIRROR_HOME: home }, "--offline");
    expect(of(newer, "database")).toMatchObject({
      state: "bad",
      found: expect.stringContaining("newer producer-mirror") as unknown,
    });
    expect(newer.code).toBe(1);
  });

  it("says whose the assets folder is when it is not ours", async () => {
    const folder = join(world.folder, "other-assets");
    mkdirSync(folder);
    writeFileSync(join(folder, ".producer-mirror"), "another\n");
    const report = await doctor({ PRODUCER_MIRROR_ASSETS: folder });
    expect(of(report, "assets folder")?.state).toBe("bad");
    expect(report.code).toBe(1);
  });
});

describe("doctor knows the service", () => {
  it("says where it would listen, with how many keys, and who may read them", async () => {
    const file = join(world.home, "keys.json");
    const open = { PRODUCER_MIRROR_LISTEN: "0.0.0.0:6464" };
    const found = async (env: Record<string, string> = {}) => of(await doctor(env, "--offline"), "service");
    expect(await found()).toMatchObject({ state: "ok", found: expect.stringContaining("0 keys") as unknown });
    expect(await found(open)).toMatchObject({
      state: "bad",
      found: expect.stringContaining("will not start") as unknown,
    });
    await world.mirror("key", "add", "phone");
    expect(await found(open)).toMatchObject({ state: "ok", found: expect.stringContaining("1 key") as unknown });
    chmodSync(file, 0o644);
    expect(await found()).toMatchObject({ state: "warn", found: expect.stringContaining(file) as unknown });
    writeFileSync(file, "{");
    expect(await found()).toMatchObject({ state: "bad", found: expect.stringContaining(file) as unknown });
    rmSync(file);
  });
});

describe("config", () => {
  it("names each setting, its value and where it came from, and hides the token", async () => {
    writeFileSync(join(world.home, ".env"), "PRODUCER_MIRROR_CONCURRENCY=3\n", { mode: 0o600 });
    const { stdout, code } = await world.mirror("config", "--json", "--kinds", "audio");
    expect(code).toBe(0);
    const settings = JSON.parse(stdout) as { variable: string; value: string; source: string }[];
    const inUse = Object.fromEntries(settings.map(({ variable, value, source }) => [variable, [value, source]]));
    expect(inUse).toMatchObject({
      ACEDATACLOUD_API_TOKEN: [`set (${TOKEN.length} characters, hidden)`, "environment"],
      PRODUCER_MIRROR_HOME: [world.home, "environment"],
      PRODUCER_MIRROR_KINDS: ["audio", "flag"],
      PRODUCER_MIRROR_CONCURRENCY: ["3", join(world.home, ".env")],
      PRODUCER_MIRROR_BATCH: ["50", "default"],
    });
    expect(stdout).not.toContain(TOKEN);
  });
});

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import Sqlite from "better-sqlite3";
import { editArchive, editLoosely, rowsOf } from "../helpers/archive-copy.ts";
import { makeWorld, type World } from "../helpers/world.ts";

type Entry = { path: string; kind: string | null; clipId: string | null; title: string | null; reason: string };
type Report = {
  checked: number;
  ok: number;
  missing: Entry[];
  corrupt: Entry[];
  unreadable: Entry[];
  extra: Entry[];
  repaired: number;
  error?: { code: string; message: string; hint: string; exit: number };
};
type Stored = { path: string; absolute: string; clipId: string; title: string; sha256: string };

/** A world whose songs have all been downloaded, with its audio files. */
async function filledWorld(tasks = 3): Promise<World & { files: Stored[] }> {
  const world = await makeWorld({ tasks });
  const { code, stderr } = await world.mirror("sync");
  if (code !== 0) throw new Error(`sync ended with ${code}: ${stderr}`);
  const rows = rowsOf(
    world.home,
    "select path, clip_id, title, sha256 from assets join clips on clips.id = clip_id where kind = 'audio' order by assets.id",
  );
  const files = rows.map((row) => ({
    path: String(row["path"]),
    absolute: join(world.home, "assets", String(row["path"])),
    clipId: String(row["clip_id"]),
    title: String(row["title"]),
    sha256: String(row["sha256"]),
  }));
  return Object.assign(world, { files });
}

async function verify(
  world: World,
  ...args: string[]
): Promise<{ code: number | null; report: Report; stderr: string }> {
  const { code, json, stderr } = await world.mirror("verify", "--json", ...args);
  return { code, report: json as Report, stderr };
}

/** Changes bytes as a failing disk does: the name, the size and the time stay. */
function damage(path: string, change: (bytes: Buffer) => Buffer): void {
  const { atime, mtime } = lstatSync(path);
  writeFileSync(path, change(readFileSync(path)));
  utimesSync(path, atime, mtime);
}

function flipped(bytes: Buffer): Buffer {
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes;
}

/** The next sync fetches what was lost, byte for byte. */
async function expectHealed(world: World): Promise<void> {
  const sync = await world.mirror("sync", "--json");
  expect(sync).toMatchObject({ code: 0 });
  const { code, report } = await verify(world, "--full");
  expect(report).toMatchObject({ missing: [], corrupt: [], unreadable: [] });
  expect(code).toBe(0);
  expect(report.ok).toBe(report.checked);
  expect(world.problems()).toEqual([]);
}

describe("verify", () => {
  test("an undamaged library passes, offline and without a token, and the run is recorded", async () => {
    await using world = await filledWorld();
    const offline = { ACEDATACLOUD_API_TOKEN: "", PRODUCER_MIRROR_API_URL: "http://127.0.0.1:9" };
    const asked = world.standIn.requests.length;
    const quick = await world.mirrorWith({ env: offline }, "verify");
    const [home, proof] = quick.stdout.split("\n");
    expect(quick.code).toBe(0);
    expect(home).toBe(world.home);
    expect(proof).toMatch(/^6 files checked, all there, [\d.]+ [kM]B; their bytes were not read \(--full does\)$/);
    expect(quick.stderr).toContain("no data was read");
    const full = await world.mirrorWith({ env: offline }, "check", "--full", "--json");
    expect(full.code).toBe(0);
    expect(full.json).toMatchObject({
      checked: 6,
      ok: 6,
      missing: [],
      corrupt: [],
      unreadable: [],
      extra: [],
      repaired: 0,
    });
    expect(full.stderr).not.toContain("no data was read");
    expect(world.standIn.requests).toHaveLength(asked);
    expect(rowsOf(world.home, "select mode, checked, ok, missing, corrupt, extra from verify_runs")).toEqual([
      { mode: "quick", checked: 6, ok: 6, missing: 0, corrupt: 0, extra: 0 },
      { mode: "full", checked: 6, ok: 6, missing: 0, corrupt: 0, extra: 0 },
    ]);
    const status = (await world.mirror("status", "--json")).json as { lastVerify: object };
    expect(status.lastVerify).toMatchObject({ mode: "full", ok: 6 });
  });

  test("only --full sets verified_at; a dry run records nothing", async () => {
    await using world = await filledWorld(1);
    const times = () => rowsOf(world.home, "select verified_at from assets order by id");
    const before = times();
    await verify(world);
    expect(times()).toEqual(before);
    expect((await verify(world, "--full", "--dry-run")).code).toBe(0);
    expect(times()).toEqual(before);
    expect(rowsOf(world.home, "select mode from verify_runs")).toHaveLength(1);
    await verify(world, "--full");
    expect(Number(times()[0]?.["verified_at"])).toBeGreaterThan(Number(before[0]?.["verified_at"]));
  });

  test("A9: a missing file is listed with its clip, and counts as damage until sync has fetched it", async () => {
    await using world = await filledWorld();
    const [file] = world.files;
    const rows = rowsOf(world.home, "select count(*) as count from assets");
    unlinkSync(file!.absolute);
    for (const mode of [[], ["--full"], []]) {
      const { code, report } = await verify(world, ...mode);
      expect(code).toBe(4);
      expect(report).toMatchObject({ checked: 6, ok: 5, corrupt: [], error: { exit: 4 } });
      expect(report.missing).toMatchObject([
        { path: file!.path, kind: "audio", clipId: file!.clipId, title: file!.title },
      ]);
    }
    const human = await world.mirror("verify");
    expect(human.stdout).toContain(`missing: audio of "${file!.title}" ${file!.clipId} · ${file!.path}`);
    expect(human.stderr).toContain("producer-mirror sync");
    await expectHealed(world);
    expect(rowsOf(world.home, "select sha256, state from assets where path = ?", file!.path)).toEqual([
      { sha256: file!.sha256, state: "stored" },
    ]);
    expect(rowsOf(world.home, "select count(*) as count from assets")).toEqual(rows);
  });

  test("a lost file that the user puts back is intact again, without a sync", async () => {
    await using world = await filledWorld(1);
    const { absolute } = world.files[0]!;
    renameSync(absolute, join(world.folder, "elsewhere"));
    expect((await verify(world)).code).toBe(4);
    renameSync(join(world.folder, "elsewhere"), absolute);
    expect(await verify(world)).toMatchObject({ code: 0, report: { ok: 2 } });
    const requests = world.standIn.assetRequests().length;
    expect((await world.mirror("sync")).code).toBe(0);
    expect(world.standIn.assetRequests()).toHaveLength(requests);
  });

  test("a lost file that upstream does not have either stays damage, and its row stays", async () => {
    await using world = await filledWorld(1);
    const { absolute, path } = world.files[0]!;
    unlinkSync(absolute);
    world.standIn.fault("assets", { kind: "status", status: 404 }, "forever");
    expect((await verify(world)).code).toBe(4);
    expect((await world.mirror("sync")).code).toBe(3);
    expect(await verify(world)).toMatchObject({ code: 4, report: { missing: [{ path }] } });
  });

  test("B22: an assets folder that is gone, unmounted or foreign is not reported as lost songs", async () => {
    await using world = await filledWorld();
    const assets = join(world.home, "assets");
    const spoilt: [string, () => void][] = [
      ["gone", () => {}],
      ["an empty mount point", () => mkdirSync(assets)],
      [
        "another archive's",
        () => (mkdirSync(assets), writeFileSync(join(assets, ".producer-mirror"), "another-archive\n")),
      ],
    ];
    for (const [name, spoil] of spoilt) {
      renameSync(assets, `${assets}.away`);
      spoil();
      const { code, report } = await verify(world, "--full");
      expect({ name, code }).toEqual({ name, code: 7 });
      expect(report.error?.hint).toContain("--adopt-assets");
      rmSync(assets, { recursive: true, force: true });
      renameSync(`${assets}.away`, assets);
    }
    expect(rowsOf(world.home, "select distinct state from assets")).toEqual([{ state: "stored" }]);
    expect((await verify(world, "--full")).code).toBe(0);
  });

  test("B23: one bit flipped: --full names exactly that file; quick passes and says that it read no data", async () => {
    await using world = await filledWorld(5);
    const file = world.files[2]!;
    damage(file.absolute, flipped);
    const quick = await verify(world);
    expect(quick.code).toBe(0);
    expect(quick.stderr).toContain("no data was read");
    const full = await verify(world, "--full");
    expect(full.code).toBe(4);
    expect(full.report).toMatchObject({
      checked: 10,
      ok: 9,
      missing: [],
      corrupt: [{ path: file.path, clipId: file.clipId, title: file.title }],
    });
    expect((await verify(world)).code).toBe(4);
    await expectHealed(world);
    expect(
      rowsOf(world.home, "select path, sha256 from assets where clip_id = ? and kind = 'audio'", file.clipId),
    ).toEqual([{ path: file.path, sha256: file.sha256 }]);
    expect((await verify(world)).report.extra).toEqual([]);
    expect(existsSync(`${file.absolute}.bad`)).toBe(false);
  });

  test("B24: files that are cut short, a byte longer or empty are found by the quick mode", async () => {
    await using world = await filledWorld(4);
    const [cut, longer, empty] = [world.files[0]!, world.files[1]!, world.files[2]!];
    damage(cut.absolute, (bytes) => bytes.subarray(0, -1));
    damage(longer.absolute, (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]));
    damage(empty.absolute, () => Buffer.alloc(0));
    const { code, report } = await verify(world);
    expect(code).toBe(4);
    expect(report).toMatchObject({ checked: 8, ok: 5, missing: [] });
    expect(report.corrupt.map(({ path, clipId }) => ({ path, clipId }))).toEqual(
      [cut, longer, empty].map(({ path, clipId }) => ({ path, clipId })),
    );
    await expectHealed(world);
  });

  test("B25: a file that no row names is reported, does not count as damage, and stays", async () => {
    await using world = await filledWorld(1);
    const absolute = join(world.home, "assets", "holiday.jpg");
    writeFileSync(absolute, "mine");
    const part = `${world.files[0]!.absolute.replace(".m4a", ".audio")}.part`;
    writeFileSync(part, "half");
    const { code, report } = await verify(world, "--full");
    expect(code).toBe(0);
    expect(report.extra).toEqual([expect.objectContaining({ path: "holiday.jpg", clipId: null, title: null })]);
    expect((await world.mirror("verify")).stdout).toContain("extra: holiday.jpg");
    expect(readFileSync(absolute, "utf8")).toBe("mine");
  });

  test("B26: two files that were swapped are both named, whatever their sizes", async () => {
    await using world = await filledWorld(4);
    const [one, other] = [world.files[0]!, world.files[3]!];
    renameSync(one.absolute, `${one.absolute}.tmp`);
    renameSync(other.absolute, one.absolute);
    renameSync(`${one.absolute}.tmp`, other.absolute);
    const { code, report } = await verify(world, "--full");
    expect(code).toBe(4);
    expect(report.missing).toEqual([]);
    expect(report.corrupt.map((entry) => entry.path).toSorted()).toEqual([one.path, other.path].toSorted());
    await expectHealed(world);
    expect((await verify(world)).report.extra).toEqual([]);
  });

  test("B30: a symlink, folder or FIFO where a file should be is damage, is found at once, and sync quarantines it", async () => {
    await using world = await filledWorld(4);
    const replacements: [string, (path: string) => void][] = [
      ["symlink", (path) => symlinkSync("/etc/hostname", path)],
      ["symlink", (path) => symlinkSync("/nowhere", path)],
      ["folder", (path) => mkdirSync(path)],
      ["fifo", (path) => execFileSync("mkfifo", [path])],
    ];
    for (const [at, [, replace]] of replacements.entries()) {
      const { absolute } = world.files[at]!;
      unlinkSync(absolute);
      replace(absolute);
    }
    for (const mode of [[], ["--full"]]) {
      const { code, report } = await verify(world, ...mode);
      expect(code).toBe(4);
      expect(report.missing).toEqual([]);
      expect(report.corrupt.map(({ path, reason }) => [path, reason])).toEqual(
        replacements.map(([name], at) => [world.files[at]!.path, expect.stringContaining(name)]),
      );
    }
    const hostname = readFileSync("/etc/hostname");
    expect((await world.mirror("sync")).code).toBe(0);
    expect(await verify(world, "--full")).toMatchObject({ code: 0, report: { ok: 8 } });
    for (const { absolute } of world.files) expect(lstatSync(absolute).isFile()).toBe(true);
    expect(readFileSync("/etc/hostname")).toEqual(hostname);
  });

  test("a new download that differs is stored beside the lost file, never replaces it, and is not fetched again", async () => {
    await using world = await filledWorld(1);
    const file = world.files[0]!;
    unlinkSync(file.absolute);
    await verify(world);
    world.standIn.fault(/\.m4a/, { kind: "object", version: "2" }, "forever");
    const sync = await world.mirror("sync");
    expect(sync).toMatchObject({ code: 0 });
    expect(sync.stderr).toContain("different bytes");
    const [row] = rowsOf(
      world.home,
      "select path, sha256, state, last_error from assets where clip_id = ? and kind = 'audio'",
      file.clipId,
    );
    expect(row).toMatchObject({ path: file.path, sha256: file.sha256, state: "gone" });
    const beside = /kept beside as (\S+)/.exec(String(row!["last_error"]))![1]!;
    expect(beside).toMatch(/\.differs-[0-9a-f]{8}\.m4a$/);
    expect(lstatSync(join(world.home, "assets", beside)).isFile()).toBe(true);
    expect(existsSync(file.absolute)).toBe(false);
    const asked = world.standIn.assetRequests().length;
    expect(await world.mirror("sync")).toMatchObject({ code: 0 });
    expect(world.standIn.assetRequests()).toHaveLength(asked);
    expect(await verify(world)).toMatchObject({ code: 4, report: { missing: [{ path: file.path }] } });
  });

  test("A9: sync by itself also finds a file that is missing or cut short", async () => {
    await using world = await filledWorld(2);
    const [gone, cut] = [world.files[0]!, world.files[1]!];
    unlinkSync(gone.absolute);
    damage(cut.absolute, (bytes) => bytes.subarray(0, 100));
    const sync = await world.mirror("sync", "--json");
    expect(sync).toMatchObject({ code: 0 });
    expect(sync.json).toMatchObject({ assets: { stored: 2, failed: 0 } });
    expect(sync.stderr).toContain("missing or damaged: 2");
    await expectHealed(world);
  });

  test("a file that cannot be read is not reported as damaged", async () => {
    await using world = await filledWorld(2);
    const [file, other] = [world.files[0]!, world.files[1]!];
    const nobody = { wrapper: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] };
    execFileSync("chown", ["-R", "65534:65534", world.folder]);
    chmodSync(file.absolute, 0);
    const { code, json } = await world.mirrorWith(nobody, "verify", "--full", "--json");
    expect(json).toMatchObject({ checked: 4, ok: 3, missing: [], corrupt: [], unreadable: [{ path: file.path }] });
    expect(code).toBe(7);
    expect(rowsOf(world.home, "select distinct state from assets")).toEqual([{ state: "stored" }]);
    unlinkSync(other.absolute);
    const both = await world.mirrorWith(nobody, "verify", "--full", "--json");
    expect(both.json).toMatchObject({ ok: 2, missing: [{ path: other.path }], unreadable: [{ path: file.path }] });
    expect(both.code).toBe(4);
  });

  test("an archive that cannot be written is still verified, and the output says that nothing was recorded", async () => {
    await using world = await filledWorld(1);
    const db = new Sqlite(join(world.home, "archive.db"));
    db.exec("begin immediate");
    const { code, stdout, stderr } = await world.mirror("verify", "--full");
    db.close();
    expect(code).toBe(0);
    expect(stdout).toContain("2 files checked");
    expect(stderr).toContain("could not be saved");
  });

  test("a damaged database is exit 4, and nothing is written to it", async () => {
    await using world = await filledWorld(1);
    const name = rowsOf(world.home, "select clip_id from assets where kind = 'audio'")[0]!["clip_id"];
    editLoosely(world.home, "update assets set clip_id = 'nobody' where clip_id = ? and kind = 'audio'", name);
    const { code, report } = await verify(world, "--full");
    expect(code).toBe(4);
    expect(report.error).toMatchObject({
      code: "database_damaged",
      message: expect.stringContaining("clips") as string,
    });
    expect(rowsOf(world.home, "select * from verify_runs")).toEqual([]);
  });

  test("during a sync it does not wait and finds no false damage", async () => {
    await using world = await makeWorld({ tasks: 60 });
    world.standIn.fault("assets", { kind: "delay", ms: 60 }, "forever");
    const sync = world.start(["sync"]);
    let running = true;
    void sync.done.finally(() => (running = false));
    const codes: unknown[] = [];
    while (running) {
      const { code, json } = await world.mirror("verify", "--full", "--json");
      const { missing, corrupt, extra } = json as Report;
      codes.push(code, ...missing, ...corrupt, ...extra);
    }
    expect((await sync.done).code).toBe(0);
    expect(codes.length).toBeGreaterThan(1);
    expect(new Set(codes)).toEqual(new Set([0]));
    expect(await verify(world, "--full")).toMatchObject({ code: 0, report: { checked: 120, ok: 120 } });
  });

  test("SIGTERM ends --full at once with 143; nothing false is recorded", async () => {
    await using world = await filledWorld(1);
    const { absolute } = world.files[0]!;
    truncateSync(absolute, 8_000_000_000);
    editArchive(world.home, "update assets set bytes = 8000000000 where kind = 'audio'");
    const child = world.start(["verify", "--full", "--json"]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill("SIGTERM");
    const { code, json } = await child.done;
    expect(code).toBe(143);
    expect(json).toMatchObject({ missing: [], corrupt: [], error: { code: "interrupted" } });
    expect(rowsOf(world.home, "select * from verify_runs")).toEqual([]);
  });
});

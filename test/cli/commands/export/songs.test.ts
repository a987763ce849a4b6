import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { clipIdOf } from "../../../stand-in/make-record.ts";
import { rowsOf } from "../../../helpers/archive-copy.ts";
import { expectCode } from "../../../helpers/expect-code.ts";
import { digestTree, listTree } from "../../../helpers/folder-tree.ts";
import { smallDisk } from "../../../helpers/small-disk.ts";
import { makeWorld, type World } from "../../../helpers/world.ts";
import { mayMount } from "../../../helpers/needs.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const STATE = ".producer-mirror-export.json";
type Report = Record<
  "songs" | "planned" | "written" | "renamed" | "retagged" | "removed" | "unchanged" | "skipped",
  number
> & {
  folder: string;
  left: { path: string; reason: string }[];
};

let world: World;
let folder: string;

beforeAll(async () => {
  world = await makeWorld({ tasks: 6 });
  expectCode(await world.mirror("sync"), 0);
});
afterAll(() => world[Symbol.asyncDispose]());

beforeEach(() => {
  folder = join(world.folder, "songs");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const songs = async (...args: string[]): Promise<Report> =>
  JSON.parse(expectCode(await world.mirror("export", "songs", folder, "--json", ...args), 0).stdout) as Report;
const files = (ending: string) =>
  listTree(folder)
    .filter(({ type, path }) => type === "file" && path.endsWith(ending))
    .map(({ path }) => path);
const audioOf = (clip: string) => files(".m4a").find((path) => path.includes(`[${clip.slice(0, 8)}]`)) ?? "";
/** Everything that a second run could have touched. */
const shape = () =>
  listTree(folder).map(({ path, fullPath }) => {
    const { ctimeMs, mtimeMs, ino } = statSync(fullPath);
    return { path, ctimeMs, mtimeMs, ino };
  });
/** The service tells it otherwise from now on. */
async function changeUpstream(index: number, change: { title?: string; lyric?: string }): Promise<void> {
  const id = world.ids[index] ?? "";
  const record = structuredClone(world.standIn.records.get(id)) as { response: { data: object[] } };
  Object.assign(record.response.data[0] ?? {}, change);
  world.standIn.records.set(id, record);
  expectCode(await world.mirror("sync", "--refresh"), 0);
}

describe("export songs", () => {
  it("makes a folder that people read: a song, its cover, its lyric, playlists, dated as the song", async () => {
    const report = await songs();
    const [row] = rowsOf(world.home, "select title, created_at, lyric from clips where id = ?", clipIdOf(0));
    const month = new Date(Number(row?.["created_at"])).toISOString().slice(0, 7).replace("-", "/");
    const path = `${month}/${row?.["title"]} [${clipIdOf(0).slice(0, 8)}]`;
    expect(report).toMatchObject({ folder, songs: 6, planned: report.written, unchanged: 0, skipped: 0, left: [] });
    expect(files("")).toEqual(expect.arrayContaining([`${path}.m4a`, `${path}.jpg`, `${path}.txt`, "All songs.m3u8"]));
    expect(statSync(join(folder, `${path}.m4a`)).mtimeMs).toBe(Number(row?.["created_at"]));
    expect(readFileSync(join(folder, `${path}.txt`), "utf8").trim()).toBe(String(row?.["lyric"]).trim());
  });

  it("lists every song in a playlist whose paths lead to it, with its length", async () => {
    await songs();
    const lines = readFileSync(join(folder, "All songs.m3u8"), "utf8").trim().split("\n");
    const paths = lines.filter((line) => !line.startsWith("#"));
    expect(paths.toSorted()).toEqual(files(".m4a").toSorted());
    const lengths = rowsOf(world.home, "select round(duration_seconds) as s from assets where kind = 'audio'").map(
      ({ s }) => Number(s),
    );
    const lengthsInList = lines
      .filter((line) => line.startsWith("#EXTINF:"))
      .map((line) => Number(/:(-?\d+)/.exec(line)?.[1]));
    const inOrder = (numbers: number[]) => numbers.toSorted((one, other) => one - other);
    expect(inOrder(lengthsInList)).toEqual(inOrder(lengths));
  });

  it("copies: no file shares its inode with the archive, and the archive is not touched", async () => {
    const before = digestTree(join(world.home, "assets"));
    await songs("--tags");
    expect(digestTree(join(world.home, "assets"))).toEqual(before);
    expect(listTree(folder).filter(({ fullPath, type }) => type === "file" && lstatSync(fullPath).nlink > 1)).toEqual(
      [],
    );
  });

  it("writes nothing the second time", async () => {
    await songs("--tags");
    const before = shape();
    expect(await songs("--tags")).toMatchObject({ written: 0, renamed: 0, retagged: 0, removed: 0 });
    expect(shape()).toEqual(before);
  });

  it("writes your own playlists in their order, repeats too; a second run changes nothing, an edit that list alone", async () => {
    const [one, two, three] = [clipIdOf(0), clipIdOf(1), clipIdOf(2)];
    expectCode(await world.mirror("playlist", "create", "Night: drive", one, two, one), 0);
    expectCode(await world.mirror("star", two), 0);
    await songs();
    const [list = ""] = files(".m3u8").filter((path) => path.startsWith("Night"));
    const paths = () =>
      readFileSync(join(folder, list), "utf8")
        .split("\n")
        .filter((line) => /^[^#]/.test(line));
    expect(paths()).toEqual([one, two, one].map(audioOf));
    const before = shape();
    expect(await songs()).toMatchObject({ written: 0, renamed: 0, removed: 0 });
    expect(shape()).toEqual(before);
    expectCode(await world.mirror("playlist", "add", "night: drive", three, "--at", "1"), 0);
    expect(await songs()).toMatchObject({ written: 1, renamed: 0, removed: 0 });
    expect(paths()).toEqual([three, one, two, one].map(audioOf));
    const others = (shapes: typeof before) =>
      shapes.filter(({ path }) => path !== list && path !== STATE && path !== "");
    expect(others(shape())).toEqual(others(before));
    rmSync(folder, { recursive: true });
    expect(await songs("--playlist", "NIGHT: drive")).toMatchObject({ songs: 3 });
    rmSync(folder, { recursive: true });
    expect(await songs("--starred")).toMatchObject({ songs: 1 });
    expectCode(await world.mirror("playlist", "rm", "Night: drive"), 0);
  });

  it("renames for a new title, writes a new lyric, removes what is no longer selected, after a line that names it", async () => {
    await songs();
    const [one, two] = [clipIdOf(0), clipIdOf(1)];
    const old = audioOf(one);
    const { ino } = statSync(join(folder, old));
    await changeUpstream(0, { title: "Quite another title" });
    expect(await songs()).toMatchObject({ renamed: 3, retagged: 0, removed: 0 });
    await changeUpstream(0, { lyric: "a lyric of another day" });
    expect(await songs()).toMatchObject({ written: 1, renamed: 0, retagged: 0, removed: 0 });
    expect(audioOf(one)).toContain("Quite another title");
    expect(statSync(join(folder, audioOf(one))).ino).toBe(ino);
    expect(existsSync(join(folder, old))).toBe(false);
    expectCode(await world.mirror("rm", two), 0);
    const { stderr } = expectCode(await world.mirror("export", "songs", folder), 0);
    expect(stderr).toContain("no longer part of it");
    expect(audioOf(two)).toBe("");
    expectCode(await world.mirror("rm", "--undo", two), 0);
  });

  it("rewrites the tags of what changed, and only that", async () => {
    await songs("--tags");
    await changeUpstream(2, { lyric: "a line of its own" });
    expect(await songs("--tags")).toMatchObject({ retagged: 1, renamed: 0, removed: 0 });
    expect(readFileSync(join(folder, audioOf(clipIdOf(2)))).includes("a line of its own")).toBe(true);
  });

  it("keeps what a person changed and what they put there, overwrites nothing: exit 3", async () => {
    await songs();
    const mine = join(folder, audioOf(clipIdOf(0)).replace("m4a", "txt"));
    appendFileSync(mine, "my own line\n");
    const note = join(folder, "mine.txt");
    writeFileSync(note, "mine");
    const report = await songs();
    expect(report.left).toMatchObject([{ reason: "changed by hand: kept as it is" }]);
    expect(readFileSync(mine, "utf8")).toContain("my own line");
    const fresh = join(world.folder, "fresh");
    mkdirSync(join(fresh, audioOf(clipIdOf(1)).split("/").slice(0, -1).join("/")), { recursive: true });
    writeFileSync(join(fresh, audioOf(clipIdOf(1))), "foreign");
    const { stderr } = expectCode(await world.mirror("export", "songs", fresh), 3);
    expect(stderr).toContain("not overwritten");
    expect(readFileSync(join(fresh, audioOf(clipIdOf(1))), "utf8")).toBe("foreign");
    expect(readFileSync(note, "utf8")).toBe("mine");
    rmSync(fresh, { recursive: true });
  });

  it("follows no link out of the folder", async () => {
    const outside = join(world.folder, "outside");
    mkdirSync(outside);
    mkdirSync(folder);
    await songs("--template", "{year}/{title}");
    const year = files(".m4a")[0]?.split("/")[0] ?? "";
    rmSync(join(folder, year), { recursive: true });
    symlinkSync(outside, join(folder, year));
    expectCode(await world.mirror("export", "songs", folder, "--template", "{year}/{title}"), 3);
    expect(listTree(outside)).toEqual([]);
    unlinkSync(join(folder, year));
  });

  it("--dry-run lists all and makes nothing", async () => {
    const report = (await songs("-n")) as Report & { dryRun: boolean; changes: { do: string; path: string }[] };
    expect(report.dryRun).toBe(true);
    expect(report.changes).toHaveLength(report.planned);
    expect(existsSync(folder)).toBe(false);
  });

  it("takes the filters of lists, and refuses to empty a folder because nothing is selected", async () => {
    expect((await songs("--limit", "2")).songs).toBe(2);
    const end = expectCode(await world.mirror("export", "songs", folder, "--model", "none such"), 2);
    expect(end.stderr).toContain("no song is selected");
    expect(files(".m4a")).toHaveLength(2);
  });

  it.each([
    [["{titel}"], "--template knows no {titel}"],
    [["../../../{title}"], "leads out of the folder"],
  ])("refuses the template %j: exit 2", async ([template = ""], message) => {
    const { stderr } = expectCode(await world.mirror("export", "songs", folder, "--template", template), 2);
    expect(stderr).toContain(message);
    expect(existsSync(folder)).toBe(false);
  });

  it("refuses the archive's own folders, a file, another archive's export, and settings that go nowhere", async () => {
    const refused = async (code: number, target: string, ...args: string[]) =>
      expectCode(await world.mirror("export", "songs", target, ...args), code).stderr;
    expect(await refused(2, join(world.home, "songs"))).toContain("lies in the archive's own folder");
    expect(await refused(2, join(world.home, "assets"))).toContain("lies in the archive's");
    writeFileSync(join(world.folder, "file"), "");
    expect(await refused(2, join(world.folder, "file"))).toContain("is no folder");
    expect(await refused(2, folder, "--artist", "Me")).toContain("--artist is for --tags");
    await songs();
    const state = join(folder, STATE);
    writeFileSync(state, readFileSync(state, "utf8").replace(/"archive": "\w+"/, '"archive": "other"'));
    expect(await refused(2, folder)).toContain("another archive");
    writeFileSync(state, "{");
    expect(await refused(2, folder)).toContain("cannot be read");
  });

  it("a state file that names paths outside of the folder moves and removes nothing", async () => {
    await songs();
    const state = join(folder, STATE);
    const victim = join(world.folder, "victim.txt");
    writeFileSync(victim, "mine");
    const { size: bytes, mtimeMs: modifiedAt } = statSync(victim);
    const entry = JSON.stringify({ kind: "lyric", owner: "x", print: "y", bytes, modifiedAt });
    writeFileSync(
      state,
      readFileSync(state, "utf8").replace('"files": {', `"files": { "../../../victim.txt": ${entry},`),
    );
    expectCode(await world.mirror("export", "songs", folder), 2);
    expect(readFileSync(victim, "utf8")).toBe("mine");
  });

  it.skipIf(!mayMount())("B13: a full disk is exit 7, nothing half is there, and with room it goes on", async () => {
    using _disk = smallDisk(folder, 96);
    expectCode(await world.mirror("export", "songs", folder), 7);
    expect(files(".part")).toEqual([]);
    execFileSync("mount", ["-o", "remount,size=4m", folder]);
    expect((await songs()).songs).toBe(6);
  });

  it("A5: killed at any moment, it leaves nothing half, and the next run makes the same bytes", async () => {
    const whole = join(world.folder, "whole");
    expectCode(await world.mirror("export", "songs", whole, "--tags"), 0);
    const wanted = digestTree(whole, (path) => path === STATE);
    rmSync(whole, { recursive: true });
    for (let at = 0; at < 10; at++) {
      const child = world.start(["export", "songs", folder, "--tags"]);
      setTimeout(() => child.kill("SIGKILL"), 90 + at * 20);
      await child.done;
      const there = existsSync(folder) ? digestTree(folder, (path) => path.includes(".producer-mirror-")) : {};
      expect(wanted).toMatchObject(there);
      if (at % 4 === 3) rmSync(folder, { recursive: true, force: true });
    }
    await songs("--tags");
    expect(digestTree(folder, (path) => path === STATE)).toEqual(wanted);
  });
});

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clipIdOf } from "../stand-in/make-record.ts";
import { editArchive, rowsOf } from "../helpers/archive-copy.ts";
import { expectCode } from "../helpers/expect-code.ts";
import { makeWorld, type World } from "../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const CLIP = clipIdOf(0);
let world: World;

beforeEach(async () => {
  world = await makeWorld({ tasks: 4 });
  expectCode(await world.mirror("sync"), 0);
});

afterEach(() => world[Symbol.asyncDispose]());

const inAssets = (ending: string) => join(world.home, "assets", CLIP.slice(0, 2), `${CLIP}.${ending}`);
const trashed = () => {
  const trash = join(world.home, "trash");
  return existsSync(trash)
    ? (readdirSync(trash, { recursive: true }) as string[]).filter((name) => /\.\w+$/.test(name)).toSorted()
    : [];
};
const list = async (...args: string[]) =>
  (JSON.parse((await world.mirror("clips", "--json", ...args)).stdout) as { id: string }[]).map(({ id }) => id);

describe("rm", () => {
  it("moves the files to the trash, and no sync, refresh or new URL fetches them again", async () => {
    const bytes = readFileSync(inAssets("m4a"));
    const { stdout } = expectCode(await world.mirror("rm", CLIP.slice(0, 8)), 0);
    expect(stdout.split("\n")[0]).toBe(world.home);
    expect(stdout).toContain("removed: 1 song, 2 files");
    expect([existsSync(inAssets("m4a")), existsSync(inAssets("jpg"))]).toEqual([false, false]);
    const day = new Date().toISOString().slice(0, 10);
    expect(trashed()).toEqual([`${day}/${CLIP.slice(0, 2)}/${CLIP}.jpg`, `${day}/${CLIP.slice(0, 2)}/${CLIP}.m4a`]);
    expect(readFileSync(join(world.home, "trash", trashed()[1]!)).equals(bytes)).toBe(true);
    expect(statSync(join(world.home, "trash")).mode & 0o777).toBe(0o700);

    const [id = ""] = world.ids;
    const record = structuredClone(world.standIn.records.get(id)) as { response: { data: { audio_url: string }[] } };
    record.response.data[0]!.audio_url += "?moved";
    world.standIn.records.set(id, record);
    const before = world.standIn.requests.filter(({ method }) => method === "GET").length;
    for (const args of [[], ["--refresh"], ["--assets-only", "--refresh"]])
      expectCode(await world.mirror("sync", ...args), 0);
    writeFileSync(join(world.folder, "record.json"), JSON.stringify(record));
    expectCode(await world.mirror("import", "record.json"), 0);
    expectCode(await world.mirror("sync"), 0);
    expect(world.standIn.requests.filter(({ method }) => method === "GET")).toHaveLength(before);
    expect(existsSync(inAssets("m4a"))).toBe(false);
    expect(rowsOf(world.home, "select distinct state from assets where clip_id = ?", CLIP)).toEqual([
      { state: "gone" },
    ]);
  });

  it("is not in lists, search, counts or safe songs; status and --removed show it", async () => {
    const title = String(rowsOf(world.home, "select title from clips where id = ?", CLIP)[0]!["title"]);
    expectCode(await world.mirror("rm", CLIP), 0);
    expect(await list()).toHaveLength(3);
    expect(await list("--removed")).toEqual([CLIP]);
    expect((await world.mirror("search", "--json", `"${title}"`)).stdout).not.toContain(CLIP);
    const status = JSON.parse((await world.mirror("status", "--json")).stdout) as Record<string, unknown>;
    expect(status).toMatchObject({ clips: 3, removed: 1, safe: 3, assets: { stored: 6, wanted: 0, gone: 0 } });
    expect((await world.mirror("status")).stdout).toContain("1 removed");
    expect(JSON.parse((await world.mirror("stats", "--json")).stdout)).toMatchObject({
      totals: { clips: 3, files: 6 },
    });
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("--undo restores it from the trash, byte for byte", async () => {
    const bytes = readFileSync(inAssets("m4a"));
    const before = rowsOf(world.home, "select id, path, state, sha256, bytes, removed_at, trash_path from assets");
    expectCode(await world.mirror("rm", CLIP), 0);
    const { stdout } = expectCode(await world.mirror("rm", "--undo", CLIP, "--json"), 0);
    expect(JSON.parse(stdout)).toEqual({ clips: 1, files: 2, toFetch: 0 });
    expect(readFileSync(inAssets("m4a")).equals(bytes)).toBe(true);
    expect(rowsOf(world.home, "select id, path, state, sha256, bytes, removed_at, trash_path from assets")).toEqual(
      before,
    );
    expect(trashed()).toEqual([]);
    expect(await list()).toHaveLength(4);
    expect((await world.mirror("rm", "--undo", CLIP)).code).toBe(2);
  });

  it("--undo fetches files again that the trash has lost or that were changed in it", async () => {
    expectCode(await world.mirror("rm", CLIP), 0);
    const [cover = "", song = ""] = trashed();
    rmSync(join(world.home, "trash", cover));
    writeFileSync(join(world.home, "trash", song), "other bytes");
    const { stdout } = expectCode(await world.mirror("rm", "--undo", CLIP, "--json"), 0);
    expect(JSON.parse(stdout)).toEqual({ clips: 1, files: 0, toFetch: 2 });
    expectCode(await world.mirror("sync"), 0);
    expectCode(await world.mirror("verify", "--full"), 0);
    expectCode(await world.mirror("rm", CLIP), 0);
    expect(trashed()).toEqual([cover, song, song.replace(".m4a", ".v2.m4a")]);
    expect((await world.mirror("rm", "--undo", CLIP, "--json")).json).toEqual({ clips: 1, files: 2, toFetch: 0 });
  });

  it("empties the trash after 30 days, but only of its own files", async () => {
    expectCode(await world.mirror("rm", CLIP), 0);
    const [day = ""] = readdirSync(join(world.home, "trash"));
    renameSync(join(world.home, "trash", day), join(world.home, "trash", "2026-01-01"));
    writeFileSync(join(world.home, "trash", "2026-01-01", "mine.txt"), "mine");
    mkdirSync(join(world.home, "trash", "2026-01-01", "zz"));
    writeFileSync(join(world.home, "trash", "2026-01-01", "zz", "notes.md"), "mine");
    for (const ending of ["audio.wav", "v2.wav", "avif", "zip"])
      writeFileSync(join(world.home, "trash", "2026-01-01", "zz", `x-0a.${ending}`), "ours");
    expectCode(await world.mirror("rm", clipIdOf(1)), 0);
    expect(trashed().filter((path) => path.startsWith("2026-01-01"))).toEqual([
      "2026-01-01/mine.txt",
      "2026-01-01/zz/notes.md",
    ]);
    expect(trashed()).toHaveLength(4);
    const [today = ""] = readdirSync(join(world.home, "trash")).filter((name) => name !== "2026-01-01");
    renameSync(join(world.home, "trash", today), join(world.home, "trash", "2026-01-02"));
    expectCode(await world.mirror("sync"), 0);
    expect(trashed()).toEqual(["2026-01-01/mine.txt", "2026-01-01/zz/notes.md"]);
  });

  it("changes nothing with -n; refuses an unknown or ambiguous id with exit 2; accepts a removed song", async () => {
    expectCode(await world.mirror("rm", "-n", CLIP), 0);
    expect(existsSync(inAssets("m4a"))).toBe(true);
    expect((await world.mirror("rm", "nothing-like-it")).stderr).toContain("no task or clip has the id");
    expect((await world.mirror("rm", "nothing-like-it")).code).toBe(2);
    expectCode(await world.mirror("rm", CLIP), 0);
    expect(JSON.parse((await world.mirror("rm", CLIP, "--json")).stdout)).toEqual({
      clips: 0,
      files: 0,
      alreadyRemoved: 1,
    });
    expectCode(await world.mirror("rm", world.ids[1]!), 0);
    expect(await list("--removed")).toHaveLength(2);
  });

  it("stays removed after rebuild, and can still be undone", async () => {
    expectCode(await world.mirror("rm", CLIP, clipIdOf(1)), 0);
    expectCode(await world.mirror("rm", "--undo", clipIdOf(1)), 0);
    const query = "select id, state, path, sha256, removed_at, trash_path from assets order by id";
    const before = rowsOf(world.home, query);
    for (const name of ["archive.db", "archive.db-wal", "archive.db-shm"])
      rmSync(join(world.home, name), { force: true });
    expectCode(await world.mirror("rebuild"), 0);
    expect(rowsOf(world.home, query)).toEqual(before);
    expect(await list("--removed")).toEqual([CLIP]);
    expectCode(await world.mirror("rm", "--undo", CLIP), 0);
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("completes a killed rm", async () => {
    for (let at = 0; at < 8; at++) {
      const child = world.start(["rm", CLIP, clipIdOf(1), clipIdOf(2)]);
      setTimeout(() => child.kill("SIGKILL"), 90 + at * 20);
      await child.done;
      expectCode(await world.mirror("rm", CLIP, clipIdOf(1), clipIdOf(2)), 0);
      expect(trashed()).toHaveLength(6);
      expectCode(await world.mirror("rm", "--undo", CLIP, clipIdOf(1), clipIdOf(2)), 0);
      expectCode(await world.mirror("verify", "--full"), 0);
      expect(trashed()).toEqual([]);
    }
  });
});

describe("rm --purge", () => {
  it("leaves no word of its lyric in the home, and no later record fills it again", async () => {
    const [row] = rowsOf(world.home, "select lyric, title, task_id from clips where id = ?", CLIP);
    const line = String(row!["lyric"])
      .split("\n")
      .find((text) => text.length > 12 && !text.startsWith("["))!;
    const holds = () =>
      (readdirSync(world.home, { recursive: true }) as string[])
        .map((name) => join(world.home, name))
        .filter((path) => statSync(path).isFile() && readFileSync(path).includes(line.slice(0, 20)));
    expect(holds().length).toBeGreaterThan(1);
    const refused = await world.mirror("rm", "--purge", CLIP);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--purge cannot be undone");
    expect(holds().length).toBeGreaterThan(1);
    const record = JSON.stringify(world.standIn.records.get(String(row!["task_id"])));
    const { stdout } = expectCode(await world.mirror("rm", "--purge", "--yes", CLIP, "--json"), 0);
    expect(JSON.parse(stdout)).toMatchObject({ clips: 1, files: 2, documents: 1, stillIn: [] });
    expect(holds()).toEqual([]);
    expect(trashed()).toEqual([]);
    writeFileSync(join(world.folder, "record.json"), record);
    expectCode(await world.mirror("import", "record.json"), 0);
    expectCode(await world.mirror("sync", "--refresh"), 0);
    rmSync(join(world.folder, "record.json"));
    expect(holds()).toEqual([]);
    expect((await world.mirror("rm", "--undo", CLIP)).stderr).toContain("was purged");
    expectCode(await world.mirror("verify", "--full"), 0);
    expectCode(await world.mirror("rebuild"), 0);
    expect(
      rowsOf(world.home, "select title, lyric, purged_at is not null as purged from clips where id = ?", CLIP),
    ).toEqual([{ title: null, lyric: null, purged: 1 }]);
    expect(rowsOf(world.home, "select state from tasks where id = ?", row!["task_id"])).toEqual([
      { state: "succeeded" },
    ]);
    expectCode(await world.mirror("sync"), 0);
  });

  it("leaves no byte of a purged song: other versions, quarantined files, partial downloads, files in the trash", async () => {
    const neighbour = clipIdOf(1);
    const [audio, folder] = [inAssets("m4a"), join(world.home, "assets", CLIP.slice(0, 2))];
    const trash = join(world.home, "trash", "2026-01-02", CLIP.slice(0, 2));
    mkdirSync(trash, { recursive: true });
    for (const ending of [
      "m4a.bad",
      "v2.m4a",
      "differs-0a1b2c3d.m4a",
      "audio.part",
      "audio.part.json",
      "audio.bad.part",
    ])
      copyFileSync(audio, join(folder, `${CLIP}.${ending}`));
    copyFileSync(audio, join(trash, `${CLIP}.m4a`));
    const alike = join(folder, `${CLIP}_1.m4a`);
    copyFileSync(audio, alike);
    expectCode(await world.mirror("rm", "--purge", "--yes", CLIP), 0);
    const left = (readdirSync(world.home, { recursive: true }) as string[]).filter((name) => name.includes(CLIP));
    expect(left.map((name) => join(world.home, name))).toEqual([alike]);
    expect(
      rowsOf(world.home, "select count(*) as files from assets where clip_id = ? and state = 'stored'", neighbour),
    ).toEqual([{ files: 2 }]);
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("names every location where a purged song may still exist", async () => {
    const backups = join(world.folder, "backups");
    const song = inAssets("m4a");
    const bytes = readFileSync(song);
    writeFileSync(song, bytes.with(100, bytes[100]! ^ 1));
    expectCode(await world.mirror("backup", backups), 4);
    const aside = `${world.home}.before-restore-20261122T200000Z`;
    mkdirSync(aside);
    expectCode(await world.mirror("rebuild"), 0);
    const older = readdirSync(world.home).filter((name) => name.startsWith("archive.db.before-rebuild-"));
    editArchive(
      world.home,
      `insert into backups (location, started_at, outcome) values ('${backups}', 1, 'incomplete')`,
    );
    const { stdout } = expectCode(await world.mirror("rm", "--purge", "--yes", CLIP, "--json"), 0);
    expect(JSON.parse(stdout)).toMatchObject({ stillIn: [backups, aside, join(world.home, older[0]!)].toSorted() });
  });
});

import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { connect } from "../../../src/db/connection.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { digestTree, listTree } from "../../helpers/folder-tree.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NEW_ID = "1a6ac2ad-10f2-4e2b-b500-66ec27fe82ad";
const database = ({ home }: World) => join(home, "archive.db");

function loseDatabase(world: World): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(database(world) + suffix, { force: true });
}

/** The one database file with everything in it, as a person would copy it. */
function copyDatabase(world: World, to: string): void {
  const { $client: client } = connect(database(world));
  client.pragma("wal_checkpoint(truncate)");
  client.close();
  copyFileSync(database(world), to);
}

const songs = (world: World) => rowsOf(world.home, "select id, title from clips order by id");
const archiveId = (world: World) => rowsOf(world.home, "select value from archive_info where key = 'archive_id'");

describe("62: an older database that was put back beside a newer journal", () => {
  const older = async () => {
    const world = await makeWorld({ tasks: 12 });
    expectCode(await world.mirror("sync", "--limit", "4"), 0);
    const copy = join(world.folder, "older.db");
    copyDatabase(world, copy);
    expectCode(await world.mirror("sync"), 0);
    const before = songs(world);
    loseDatabase(world);
    copyFileSync(copy, database(world));
    return { world, before };
  };

  it("is damage to verify and doctor, which name rebuild; rebuild brings everything back", async () => {
    const { world, before } = await older();
    await using _world = world;
    for (const words of [["verify"], ["verify", "--full"], ["verify", "--repair"], ["doctor", "--offline"]]) {
      const { stdout, stderr } = expectCode(await world.mirror(...words), 4);
      expect(stdout + stderr).toContain("later changes are in the journal alone");
      expect(stdout + stderr).toContain("producer-mirror rebuild");
    }
    expectCode(await world.mirror("rebuild"), 0);
    expect(songs(world)).toEqual(before);
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it.each([["clips"], ["tag", "--list"], ["track", NEW_ID], ["sync"], ["status"]])(
    "is brought up to date by %s",
    async (...words) => {
      const { world, before } = await older();
      await using _world = world;
      expectCode(await world.mirror(...words.filter((word) => word !== undefined)), 0);
      expect(songs(world)).toEqual(before);
      expectCode(await world.mirror("verify", "--full"), 0);
      expect(world.standIn.apiRequests().filter(({ ids }) => ids.length > 8)).toEqual([]);
    },
  );
});

describe("63: a lost database whose journal is there", () => {
  it("no command makes another archive; all name rebuild, which gives back the archive with its id", async () => {
    await using world = await makeWorld({ tasks: 3 });
    expectCode(await world.mirror("sync"), 0);
    const before = { songs: songs(world), id: archiveId(world) };
    const file = join(world.folder, "record.json");
    writeFileSync(file, JSON.stringify({ id: NEW_ID, request: {}, response: { data: [] } }));
    loseDatabase(world);
    const tree = digestTree(world.home);
    for (const words of [
      ["track", NEW_ID],
      ["import", file],
      ["sync"],
      ["clips"],
      ["verify"],
      ["status"],
      ["tag", "--list"],
    ]) {
      const { stderr } = expectCode(await world.mirror(...words), 2);
      expect(stderr).toContain(`no archive at ${database(world)}: the database is lost, its journal is there`);
      expect(stderr).toContain("producer-mirror rebuild");
    }
    expect(digestTree(world.home)).toEqual(tree);
    expectCode(await world.mirror("rebuild"), 0);
    expect({ songs: songs(world), id: archiveId(world) }).toEqual(before);
    expectCode(await world.mirror("sync"), 0);
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("a second archive that an older program made over it gives way: the journal's own id wins", async () => {
    await using world = await makeWorld({ tasks: 3 });
    expectCode(await world.mirror("sync"), 0);
    const before = { songs: songs(world), id: archiveId(world) };
    loseDatabase(world);
    renameSync(join(world.home, "journal"), join(world.folder, "journal"));
    expectCode(await world.mirror("track", NEW_ID), 0);
    expect(archiveId(world)).not.toEqual(before.id);
    const [name = ""] = readdirSync(join(world.folder, "journal"));
    rmSync(join(world.home, "journal"), { recursive: true });
    renameSync(join(world.folder, "journal"), join(world.home, "journal"));
    expect(expectCode(await world.mirror("sync"), 4).stderr).toContain(`journal/${name}`);
    expectCode(await world.mirror("rebuild"), 0);
    expect({ songs: songs(world), id: archiveId(world) }).toEqual(before);
    expect(rowsOf(world.home, `select source from tracked_tasks where task_id = '${NEW_ID}'`)).toHaveLength(1);
    expectCode(await world.mirror("verify", "--full"), 0);
  });
});

describe("a journal whose files are not those that the database was made from", () => {
  const made = async () => {
    const world = await makeWorld({ tasks: 4 });
    expectCode(await world.mirror("sync"), 0);
    const [name = ""] = readdirSync(join(world.home, "journal"));
    return { world, path: join(world.home, "journal", name), name };
  };

  it("is missing: named by every command that writes; rebuild writes it again from the database", async () => {
    const { world, path, name } = await made();
    await using _world = world;
    const before = songs(world);
    rmSync(path);
    for (const words of [
      ["sync"],
      ["track", NEW_ID],
      ["verify"],
      ["verify", "--full"],
      ["doctor", "--offline"],
      ["backup", "copy"],
    ]) {
      const { stdout, stderr } = expectCode(await world.mirror(...words), 4);
      expect(stdout + stderr).toContain(`journal/${name} is missing`);
    }
    expectCode(await world.mirror("clips"), 0);
    expectCode(await world.mirror("rebuild"), 0);
    loseDatabase(world);
    expectCode(await world.mirror("rebuild"), 0);
    expect(songs(world)).toEqual(before);
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("has a file of another archive: rebuild puts it aside and takes nothing of it", async () => {
    const { world } = await made();
    await using _world = world;
    const other = await made();
    await using _other = other.world;
    const before = songs(world);
    copyFileSync(other.path, join(world.home, "journal", "2020-01.ndjson"));
    expect(expectCode(await world.mirror("sync"), 4).stderr).toContain(
      "journal/2020-01.ndjson was put in: it is of archive",
    );
    expect(expectCode(await world.mirror("rebuild"), 4).stderr).toContain("2020-01.ndjson belongs to archive");
    expect(existsSync(join(world.home, "journal", "2020-01.ndjson.foreign"))).toBe(true);
    expect(songs(world)).toEqual(before);
    expectCode(await world.mirror("sync"), 0);
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("is there twice: the copy changes nothing", async () => {
    const { world, path } = await made();
    await using _world = world;
    const [task = ""] = world.ids;
    expectCode(await world.mirror("untrack", task), 0);
    const before = rowsOf(world.home, "select task_id, untracked_at from tracked_tasks order by 1");
    copyFileSync(path, join(world.home, "journal", "2099-01.ndjson"));
    expect(expectCode(await world.mirror("sync"), 4).stderr).toContain("repeats numbers of changes");
    loseDatabase(world);
    expectCode(await world.mirror("rebuild"), 0);
    expect(rowsOf(world.home, "select task_id, untracked_at from tracked_tasks order by 1")).toEqual(before);
    expectCode(await world.mirror("verify", "--full"), 0);
  });

  it("has a line changed by hand: verify --full says so, rebuild keeps what the database knows", async () => {
    const { world, path } = await made();
    await using _world = world;
    const before = songs(world);
    const [{ title } = { title: "" }] = before;
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(
        `\\"title\\":\\"${String(title)}`,
        `\\"title\\":\\"${"x".repeat(String(title).length)}`,
      ),
    );
    expect(expectCode(await world.mirror("verify", "--full"), 4).stdout).toContain(
      "its document does not match its sha256",
    );
    expectCode(await world.mirror("rebuild"), 0);
    expect(songs(world)).toEqual(before);
    expectCode(await world.mirror("verify", "--full"), 0);
  });
});

describe("41: the folder of the files is away", () => {
  it("nothing is marked by rm, rm --purge, rm --undo, rebuild, sync or verify: exit 7", async () => {
    await using world = await makeWorld({ tasks: 3 });
    expectCode(await world.mirror("sync"), 0);
    const [clip, other] = songs(world).map(({ id }) => String(id)) as [string, string];
    expectCode(await world.mirror("rm", other), 0);
    const assets = join(world.home, "assets");
    const rows = () => rowsOf(world.home, "select id, state, path, removed_at, trash_path from assets order by id");
    const before = rows();
    for (const emptied of [false, true]) {
      renameSync(assets, join(world.folder, "away"));
      if (emptied) mkdirSync(assets);
      for (const words of [
        ["rm", clip],
        ["rm", "--purge", "--yes", clip],
        ["rm", "--undo", other],
        ["rebuild"],
        ["sync"],
        ["verify"],
      ])
        expect({ words, code: (await world.mirror(...words)).code }).toEqual({ words, code: 7 });
      expect(rows()).toEqual(before);
      expect(rowsOf(world.home, "select 1 from clips where purged_at is not null")).toEqual([]);
      rmSync(assets, { recursive: true, force: true });
      renameSync(join(world.folder, "away"), assets);
    }
    expectCode(await world.mirror("verify", "--full"), 0);
    expectCode(await world.mirror("rm", "--purge", "--yes", clip), 0);
  });

  it("66: a disk that goes between two downloads costs that run: nothing lies under its mount point, no song is safe that is not", async () => {
    await using world = await makeWorld({ tasks: 12 });
    world.standIn.fault("assets", { kind: "delay", ms: 60 }, "forever");
    const assets = join(world.home, "assets");
    const run = world.start(["sync", "--concurrency", "1"]);
    await vi.waitUntil(
      () => existsSync(assets) && listTree(assets).filter(({ path }) => path.endsWith(".m4a")).length >= 2,
      20_000,
    );
    renameSync(assets, join(world.folder, "away"));
    mkdirSync(assets);
    const { stderr, stdout } = expectCode(await run.done, 7);
    expect(stderr).toContain("the assets folder is empty, though files are expected in it");
    expect(stdout).not.toContain("12 songs safe");
    expect(listTree(assets)).toEqual([]);
    rmSync(assets, { recursive: true });
    renameSync(join(world.folder, "away"), assets);
    expectCode(await world.mirror("sync"), 0);
    expectCode(await world.mirror("verify", "--full"), 0);
    expect(world.problems()).toEqual([]);
  });

  it("is taken as it is by rebuild --adopt-assets, when database and files are both lost", async () => {
    await using world = await makeWorld({ tasks: 2 });
    expectCode(await world.mirror("sync"), 0);
    loseDatabase(world);
    rmSync(join(world.home, "assets"), { recursive: true });
    expectCode(await world.mirror("rebuild"), 7);
    const { json } = expectCode(await world.mirror("rebuild", "--adopt-assets", "--json"), 0);
    expect(json).toMatchObject({ clips: 2, assets: { stored: 0, lost: 4, wanted: 4 } });
    expectCode(await world.mirror("sync"), 0);
    expectCode(await world.mirror("verify", "--full"), 0);
  });
});

describe("a change that a kill left half done", () => {
  it("is in the journal and not in the database: the next command that writes adds it, and nothing is damage", async () => {
    await using world = await makeWorld({ tasks: 2 });
    expectCode(await world.mirror("sync"), 0);
    const [name = ""] = readdirSync(join(world.home, "journal"));
    const path = join(world.home, "journal", name);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const { seq } = JSON.parse(lines.at(-1) ?? "") as { seq: number };
    const [clip] = songs(world).map(({ id }) => String(id)) as [string];
    const tag = { type: "tag", at: Date.now(), clipIds: [clip], added: ["calm"], removed: [], seq: seq + 1 };
    appendFileSync(path, `${JSON.stringify(tag)}\n{"type":"tag","at":1`);
    expectCode(await world.mirror("verify", "--full"), 0);
    expectCode(await world.mirror("clips"), 0);
    expect(rowsOf(world.home, "select tag from clip_tags")).toEqual([]);
    expectCode(await world.mirror("track", NEW_ID), 0);
    expect(rowsOf(world.home, "select tag from clip_tags")).toEqual([{ tag: "calm" }]);
    expectCode(await world.mirror("verify", "--full"), 0);
    expectCode(await world.mirror("rebuild"), 0);
  });
});

it("4: restore does not replace an archive that has what the backup lacks, unless it is forced", async () => {
  await using world = await makeWorld({ tasks: 3 });
  expectCode(await world.mirror("sync"), 0);
  const copy = join(world.folder, "copy");
  expectCode(await world.mirror("backup", copy), 0);
  const [clip = ""] = songs(world).map(({ id }) => String(id));
  expectCode(await world.mirror("tag", clip, "+calm"), 0);
  expectCode(await world.mirror("track", NEW_ID), 0);
  for (const words of [
    ["restore", copy],
    ["restore", copy, "--dry-run"],
  ])
    expect(expectCode(await world.mirror(...words), 7).stderr).toContain(
      `${world.home} has what the backup lacks: 1 change of tags, 1 list of tracked ids`,
    );
  expect(rowsOf(world.home, "select tag from clip_tags")).toEqual([{ tag: "calm" }]);
  expectCode(await world.mirror("restore", copy, "--force"), 0);
  expect(rowsOf(world.home, "select tag from clip_tags")).toEqual([]);
  expectCode(await world.mirror("restore", copy), 0);
  expectCode(await world.mirror("verify", "--full"), 0);
});

import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { acquireLock } from "../../../src/db/lock.ts";
import { rowsOf } from "../../helpers/archive-copy.ts";
import { expectCode } from "../../helpers/expect-code.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Everything that the journal records. Left out: when and how often something was requested and checked. */
const SAME = {
  tasks: "select * from tasks order by id",
  documents: "select * from task_documents order by task_id, version",
  clips: "select * from clips order by rowid_key",
  positions: "select * from task_clips order by task_id, position",
  assets: `select id, task_id, clip_id, kind, url, path, state, bytes, sha256, content_type, etag, last_modified,
    duration_seconds, proof, note, http_status, stored_at from assets order by id`,
  tracked: "select task_id, service, source, added_at, untracked_at, state from tracked_tasks order by task_id",
  info: "select * from archive_info order by key",
  index: "select rowid, * from clips_fts order by rowid",
};

let world: World;

beforeEach(async () => {
  world = await makeWorld({ tasks: 12 });
  expectCode(await world.mirror("sync"), 0);
});

afterEach(() => world[Symbol.asyncDispose]());

const contents = (home: string) =>
  Object.fromEntries(Object.entries(SAME).map(([name, query]) => [name, rowsOf(home, query)]));

const journalFile = () => {
  const [name = ""] = readdirSync(join(world.home, "journal"));
  return join(world.home, "journal", name);
};

/** The service responds with another title from now on. */
function retitle(id: string, title: string): void {
  const record = structuredClone(world.standIn.records.get(id)) as { response: { data: { title: string }[] } };
  record.response.data[0]!.title = title;
  world.standIn.records.set(id, record);
}

function loseDatabase(): void {
  for (const name of ["archive.db", "archive.db-wal", "archive.db-shm"])
    rmSync(join(world.home, name), { force: true });
}

describe("rebuild", () => {
  it("rebuilds a lost database, row for row, without a network", async () => {
    const [first = "", second = ""] = world.ids;
    await world.mirror("untrack", first);
    retitle(second, "Another title");
    expect((await world.mirror("sync", "--refresh")).code).toBe(0);
    const before = contents(world.home);
    expect(before["documents"]!.length).toBe(13);
    await world.standIn.close();
    loseDatabase();
    const { code, stdout, stderr } = await world.mirror("rebuild");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")[0]).toBe(world.home);
    expect(contents(world.home)).toEqual(before);
    expect((await world.mirror("verify", "--full")).code).toBe(0);
    expect((await world.mirror("search", "title:another")).stdout).toContain("Another");
  });

  it("restores a version that became current again", async () => {
    const [id = ""] = world.ids;
    const title = String(rowsOf(world.home, "select title from clips where task_id = ?", id)[0]!["title"]);
    for (const next of ["Another title", title]) {
      retitle(id, next);
      expect((await world.mirror("sync", "--refresh")).code).toBe(0);
    }
    const before = contents(world.home);
    expect(rowsOf(world.home, "select title from clips where task_id = ?", id)).toEqual([{ title }]);
    expect(rowsOf(world.home, "select * from task_documents where task_id = ?", id)).toHaveLength(2);
    loseDatabase();
    expect((await world.mirror("rebuild")).code).toBe(0);
    expect(contents(world.home)).toEqual(before);
  });

  it("B27: replaces a damaged database, keeps it beside the new one, and every message says so", async () => {
    const path = join(world.home, "archive.db");
    const before = contents(world.home);
    const damaged = readFileSync(path).fill(0x5a, 4096);
    writeFileSync(path, damaged);
    const { code, stderr } = await world.mirror("clips");
    expect(code).toBe(4);
    expect(stderr).toContain("the database is damaged");
    expect(stderr).toContain("producer-mirror rebuild");
    const rebuilt = await world.mirror("rebuild", "--json");
    expect(rebuilt.code).toBe(0);
    const report = JSON.parse(rebuilt.stdout) as { before: string };
    expect(readFileSync(report.before).equals(damaged)).toBe(true);
    expect(contents(world.home)).toEqual(before);
    expect((await world.mirror("sync")).code).toBe(0);
  });

  it("takes the archive's id from the assets folder when nothing else has it", async () => {
    const id = rowsOf(world.home, "select value from archive_info where key = 'archive_id'");
    loseDatabase();
    const file = journalFile();
    writeFileSync(file, readFileSync(file, "utf8").replace(/^.*"type":"archive".*\n/, ""));
    expect((await world.mirror("rebuild")).code).toBe(0);
    expect(rowsOf(world.home, "select value from archive_info where key = 'archive_id'")).toEqual(id);
    expect((await world.mirror("sync")).code).toBe(0);
  });

  it("skips torn, repeated and newer lines, and names a damaged one: exit 4, and the rest is rebuilt", async () => {
    const file = journalFile();
    const before = contents(world.home);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const document = lines.findIndex((line) => line.includes('"type":"document"'));
    appendFileSync(file, `${lines[document]}\n{"type":"wish","at":1}\n{"type":"doc`);
    loseDatabase();
    const whole = await world.mirror("rebuild", "--json");
    expect(whole.code).toBe(0);
    expect(JSON.parse(whole.stdout)).toMatchObject({
      torn: 1,
      repeated: 1,
      unknown: { wish: 1 },
      damaged: [],
      documents: 12,
    });
    expect(contents(world.home)).toEqual(before);

    const flipped = lines.with(document, lines[document]!.replace('\\"title\\"', '\\"tutle\\"'));
    writeFileSync(file, `${flipped.join("\n")}\n[1]\n`);
    loseDatabase();
    const { code, stderr, stdout } = await world.mirror("rebuild", "--json");
    expect(code).toBe(4);
    expect(stderr).toContain(`line ${document + 1}: its document does not match its sha256, and 1 more`);
    expect(JSON.parse(stdout)).toMatchObject({ tasks: 11, error: { code: "journal_damaged", exit: 4 } });
    expect(rowsOf(world.home, "select * from tasks")).toHaveLength(11);
  });

  it("finds files without a line by their names, and wants those that are missing", async () => {
    const file = journalFile();
    const lines = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, lines.filter((line) => !line.includes('"type":"stored"')).join("\n"));
    const [path] = rowsOf(world.home, "select path from assets where kind = 'audio' order by id limit 1");
    rmSync(join(world.home, "assets", String(path!["path"])));
    loseDatabase();
    const { stdout, code } = await world.mirror("rebuild", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ assets: { stored: 23, adopted: 23, wanted: 1, lost: 0 } });
    expect((await world.mirror("sync")).code).toBe(0);
    expect(world.problems()).toEqual([]);
  });

  it("tracks every task in the archive, even when the journal has lost its line", async () => {
    const file = journalFile();
    const lines = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, lines.filter((line) => !line.includes('"type":"track"')).join("\n"));
    loseDatabase();
    expectCode(await world.mirror("rebuild"), 0);
    expect(rowsOf(world.home, "select distinct source, state from tracked_tasks")).toEqual([
      { source: "journal", state: "succeeded" },
    ]);
    const sync = expectCode(await world.mirror("sync", "--json"), 0);
    expect(sync.json).toMatchObject({ tasks: { asked: 0 } });
  });

  it("wants a file of the journal that is missing or cut short, and keeps its digest", async () => {
    const rows = rowsOf(world.home, "select id, path, sha256 from assets order by id limit 2");
    rmSync(join(world.home, "assets", String(rows[0]!["path"])));
    writeFileSync(join(world.home, "assets", String(rows[1]!["path"])), "cut");
    loseDatabase();
    const { stdout } = await world.mirror("rebuild", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ assets: { stored: 22, wanted: 2, lost: 2 } });
    const after = rowsOf(world.home, "select id, path, sha256, state from assets order by id limit 2");
    expect(after).toEqual(rows.map((row) => ({ ...row, state: "wanted" })));
    expect((await world.mirror("sync")).code).toBe(0);
    expect((await world.mirror("verify", "--full")).code).toBe(0);
  });

  it("changes nothing with -n, or without a journal: exit 2", async () => {
    const before = readFileSync(join(world.home, "archive.db"));
    const names = readdirSync(world.home);
    expect((await world.mirror("rebuild", "-n")).code).toBe(0);
    expect(readFileSync(join(world.home, "archive.db")).equals(before)).toBe(true);
    expect(readdirSync(world.home)).toEqual(names);
    rmSync(join(world.home, "journal"), { recursive: true });
    loseDatabase();
    for (const home of [world.home, join(world.folder, "nowhere")]) {
      const { code, stderr } = await world.mirror("rebuild", "--home", home);
      expect(code).toBe(2);
      expect(stderr).toContain(`there is no journal in ${home}`);
    }
    expect(existsSync(join(world.folder, "nowhere"))).toBe(false);
  });

  it("C31: holds the lock until it ends: a second rebuild ends with 8", async () => {
    const children = Array.from({ length: 4 }, () => world.start(["rebuild"]));
    const codes = (await Promise.all(children.map((child) => child.done))).map(({ code }) => code);
    expect(codes.filter((code) => code === 0).length).toBeGreaterThanOrEqual(1);
    expect(codes.filter((code) => code !== 0 && code !== 8)).toEqual([]);
    const held = acquireLock(world.home, "test");
    const { code, stderr } = await world.mirror("rebuild");
    held.release();
    expect(code).toBe(8);
    expect(stderr).toContain("another run holds");
    expect((await world.mirror("sync")).code).toBe(0);
  });

  it("keeps the history and the tries of an old database that can be read, and starts them again without one", async () => {
    expectCode(await world.mirror("verify"), 0);
    expectCode(await world.mirror("backup", "copies"), 0);
    world.standIn.fault("api", { kind: "status", status: 401, code: "invalid_token", message: "no" });
    await world.mirror("sync", "--refresh");
    const history = () =>
      [
        "select * from sync_runs order by id",
        "select * from verify_runs order by id",
        "select * from backups order by id",
        "select * from copies order by sha256",
        "select task_id, attempts, not_seen, last_checked_at, next_check_at, last_error from tracked_tasks order by 1",
        "select clip_id, kind, attempts, misses, http_status, verified_at from assets order by 1, 2",
      ].map((query) => rowsOf(world.home, query));
    const before = history();
    expect(before.map((rows) => rows.length)).toEqual([2, 1, 1, 24, 12, 24]);
    expect(expectCode(await world.mirror("rebuild", "--json"), 0).json).toMatchObject({
      historyKept: true,
      rescued: 0,
    });
    expect(history()).toEqual(before);
    loseDatabase();
    expect(expectCode(await world.mirror("rebuild", "--json"), 0).json).toMatchObject({ historyKept: null });
    expect(history()[0]).toEqual([]);
  });

  it("keeps the old database, also twice in one second", async () => {
    const ends = [await world.mirror("rebuild", "--json"), await world.mirror("rebuild", "--json")];
    const kept = ends.map((end) => (JSON.parse(expectCode(end, 0).stdout) as { before: string }).before);
    expect(new Set(kept).size).toBe(2);
    expect(kept.map((path) => existsSync(path))).toEqual([true, true]);
  });

  it("leaves the old database or the new one when it is killed", async () => {
    const before = contents(world.home);
    for (let at = 0; at < 12; at++) {
      const child = world.start(["rebuild"]);
      setTimeout(() => child.kill("SIGKILL"), 60 + at * 25);
      await child.done;
      expect(contents(world.home), `killed at ${60 + at * 25} ms`).toEqual(before);
    }
    expect((await world.mirror("rebuild")).code).toBe(0);
    expect(readdirSync(world.home).filter((name) => name.includes(".new"))).toEqual([]);
    expect(contents(world.home)).toEqual(before);
  });
});

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, afterAll, describe, expect, it } from "vitest";
import { hasCurrentRules } from "../../../src/archive/rules.ts";
import { acquireLock } from "../../../src/db/lock.ts";
import { connect } from "../../../src/db/connection.ts";
import { RULES_VERSION } from "../../../src/record/rules-version.ts";
import { makeWorld, type World } from "../../helpers/world.ts";

const FIXTURE = new URL("../../fixtures/archive-of-rules-0/", import.meta.url).pathname;
const KEPT = `archive.db.before-rules-${RULES_VERSION}`;
const NOTE = /rows were made by other rules/;

function query<Row>(home: string, text: string): Row[] {
  const db = connect(join(home, "archive.db"));
  try {
    return db.$client.prepare(text).all() as Row[];
  } finally {
    db.$client.close();
  }
}

function change(home: string, text: string): void {
  const db = connect(join(home, "archive.db"));
  db.$client.exec(text);
  db.$client.close();
}

function isCurrent(home: string): boolean {
  const db = connect(join(home, "archive.db"));
  try {
    return hasCurrentRules(db);
  } finally {
    db.$client.close();
  }
}

async function run(world: World, ...args: string[]): Promise<{ code: number | null; notes: string }> {
  const { code, stderr } = await world.mirror(...args);
  return { code, notes: stderr };
}

/** An archive that the rules of before made: times in milliseconds taken for seconds, `succeed` for an unknown word. */
async function oldWorld(): Promise<World> {
  const world = await makeWorld({ tracked: false });
  mkdirSync(join(world.home, "journal"), { recursive: true, mode: 0o700 });
  mkdirSync(join(world.home, "assets"), { mode: 0o700 });
  cpSync(join(FIXTURE, "archive.db"), join(world.home, "archive.db"));
  cpSync(join(FIXTURE, "2026-11.ndjson"), join(world.home, "journal", "2026-11.ndjson"));
  return world;
}

describe("an archive whose rows older rules have made", () => {
  let world: World;
  beforeAll(async () => {
    world = await oldWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it("is read as it is, and a dry run says what it does not compare", async () => {
    expect(await run(world, "tasks", "--json")).toMatchObject({ code: 0 });
    expect((await run(world, "status")).notes).toMatch(/the next sync makes them again/);
    const dry = await run(world, "verify", "--full", "--dry-run");
    expect(dry).toMatchObject({ code: 0, notes: expect.stringMatching(/not compared with the journal/) as string });
    expect(isCurrent(world.home)).toBe(false);
  });

  it("waits while another run holds the lock", async () => {
    using _lock = acquireLock(world.home, "test");
    expect(await run(world, "verify", "--full")).toMatchObject({ code: 0 });
    expect(isCurrent(world.home)).toBe(false);
  });

  it("is brought up to date once, and its rows are right then", async () => {
    expect(await run(world, "verify", "--full")).toMatchObject({
      code: 0,
      notes: expect.stringMatching(NOTE) as string,
    });
    expect(
      query(world.home, "select prompt, state, created_at as at, finished_at as ended from tasks order by id"),
    ).toEqual([
      { prompt: "milliseconds", state: "succeeded", at: 1767119745524, ended: 1767119785589 },
      { prompt: "succeed", state: "succeeded", at: 1767119745524, ended: 1767119785589 },
      { prompt: "finished inside", state: "succeeded", at: 1767119745524, ended: 1767119785589 },
      { prompt: "removed", state: "succeeded", at: 1767119745524, ended: 1767119785589 },
      { prompt: "", state: "succeeded", at: 1767119745524, ended: 1767119785589 },
    ]);
    expect(query(world.home, "select clip_id, state from assets where kind = 'audio' order by clip_id")).toMatchObject([
      { state: "wanted" },
      { state: "wanted" },
      { state: "wanted" },
      { state: "gone" },
      { state: "gone" },
    ]);
    expect(query(world.home, "select clip_id, tag from clip_tags")).toMatchObject([{ tag: "calm" }]);
    expect(query(world.home, "select title from clips where removed_at is not null order by id")).toHaveLength(2);
    expect(query(world.home, "select 1 from clips where title = 'Purged' or lyric <> ''")).toEqual([]);
    expect(query(world.home, "select untracked_at from tracked_tasks where task_id like '666%'")).not.toEqual([
      { untracked_at: null },
    ]);
    expect(existsSync(join(world.home, KEPT))).toBe(true);
    const again = await run(world, "verify", "--full");
    expect(again.notes).not.toMatch(NOTE);
    expect(again.code).toBe(0);
  });
});

describe("a sync of such an archive", () => {
  it("keeps bookkeeping, tries, lost and removed files, and goes on", async () => {
    await using world = await makeWorld({ tasks: 6 });
    await run(world, "sync");
    const [first = "", second = ""] = query<{ id: string }>(world.home, "select id from clips order by id").map(
      ({ id }) => id,
    );
    await run(world, "tag", first, "+calm");
    await run(world, "rm", second);
    change(
      world.home,
      `update assets set state = 'failed', path = null, attempts = 7, last_error = 'why', next_attempt_at = 9e12 where kind = 'image' and clip_id = '${first}';
       update assets set verified_at = 5 where kind = 'audio' and clip_id = '${first}';
       update tasks set state = 'pending', created_at = created_at * 1000, prompt = 'of other rules';
       update tracked_tasks set attempts = 4;
       delete from archive_info where key = 'rules'`,
    );
    const runs = query(world.home, "select id from sync_runs").length;
    const files =
      "select kind, state, path, trash_path, attempts, last_error, verified_at, removed_at, sha256 from assets order by clip_id, kind";
    const before = query(world.home, files);
    expect(await run(world, "sync", "--no-assets")).toMatchObject({
      code: 0,
      notes: expect.stringMatching(NOTE) as string,
    });
    expect(query(world.home, files)).toEqual(before);
    expect(query(world.home, "select id from sync_runs")).toHaveLength(runs + 1);
    expect(
      query(
        world.home,
        "select 1 from tasks where state = 'pending' or created_at > 1e13 or prompt = 'of other rules'",
      ),
    ).toEqual([]);
    expect(query(world.home, "select distinct attempts from tracked_tasks where state = 'succeeded'")).toEqual([
      { attempts: 4 },
    ]);
    expect(await run(world, "verify", "--full")).toMatchObject({ code: 0 });
    expect(await run(world, "rm", "--undo", second)).toMatchObject({ code: 0 });
    expect(readdirSync(world.home)).toContain(KEPT);
  });

  it("leaves the rows to rebuild when the journal is damaged, says so, and does its work", async () => {
    await using world = await makeWorld();
    await run(world, "sync");
    change(world.home, "update tasks set prompt = 'of other rules'; delete from archive_info where key = 'rules'");
    const file = join(world.home, "journal", readdirSync(join(world.home, "journal"))[0] ?? "");
    writeFileSync(file, readFileSync(file, "utf8").replace('"type":"document"', '"type":"DOCUMENT"'));
    expect(await run(world, "sync")).toMatchObject({
      code: 0,
      notes: expect.stringMatching(/the rows stay as they are: .*rebuild/) as string,
    });
    expect(query(world.home, "select distinct prompt from tasks")).toEqual([{ prompt: "of other rules" }]);
    expect(isCurrent(world.home)).toBe(false);
  });

  it("is not needed by an empty archive of before", async () => {
    await using world = await makeWorld();
    change(world.home, "delete from archive_info where key = 'rules'");
    await run(world, "sync");
    expect(isCurrent(world.home)).toBe(true);
    expect(readdirSync(world.home).filter((name) => name.includes("before"))).toEqual([]);
  });
});
